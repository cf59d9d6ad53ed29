"""Has its own way to report errors."""

import sys


def report(kind, error, traceback):
    print("the hook got %s: %s" % (kind.__name__, error))
    print("raised on line %d" % traceback.tb_lineno)


sys.excepthook = report
raise ValueError("odd")
