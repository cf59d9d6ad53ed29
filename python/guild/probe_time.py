"""How long a script may take to the point where it reads its arguments.

Modules take what they take to be imported, within a limit. A script that runs
for some seconds beside that, and has nothing left that would read arguments,
is at what it is for: it is ended, for it may train for hours.
"""

import os
import signal
import sys
import threading
import time

# How long a script may run that reads no arguments any more, without the time
# for imports.
_OWN_SECONDS = 5

_PAUSE = 0.1


def limit(answer, owner, seconds):
    """Ends the script in time, and with the process that asked."""
    main = threading.get_ident()
    watch = threading.Thread(target=_watch, args=(answer, owner, seconds, main))
    watch.daemon = True
    watch.start()
    if os.getpgrp() == os.getpid():
        # Else processes that are no business of this one would go too.
        follow = threading.Thread(target=_follow, args=(os.getppid(),))
        follow.daemon = True
        follow.start()


def _watch(answer, owner, seconds, main):
    started = before = time.monotonic()
    own = 0
    own_limit = min(_OWN_SECONDS, seconds / 12)
    while True:
        time.sleep(_PAUSE)
        now = time.monotonic()
        # A process that stood still has not run.
        passed, before = min(now - before, 2 * _PAUSE), now
        frame = sys._current_frames().get(main)
        if not _is_importing(frame):
            own += passed
        if own >= own_limit and not answer.has_parser:
            if not owner.sites().left(frame):
                why = "it ran for %g seconds, and nothing that is left of it reads"
                why = why % own_limit + " arguments"
                answer.finish(why, out_of_time=True)
            own_limit = own + 1
        if now - started >= seconds:
            why = "it did not come to its arguments within %g seconds" % seconds
            answer.finish(why, out_of_time=True)


def _is_importing(frame):
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _follow(parent):
    # Whoever asked is gone, such as by Ctrl-C: nobody wants to know.
    while os.getppid() == parent:
        time.sleep(2 * _PAUSE)
    os.killpg(0, signal.SIGKILL)
