"""Asks Guild AI what filters and time ranges mean. Reads JSON from stdin, prints JSON.

A filter gets a run of given attributes, flags and scalars, and is answered by
whether it holds, or by the message of its error. A time range gets a moment and
some times, in seconds since the epoch, and is answered by which of them it has.
"""

import datetime
import json
import sys


class Run:
    def __init__(self, attrs, flags, scalars):
        self.get_attr, self.get_flag = attrs.get, flags.get
        self.get_scalar = lambda key: {"last_val": scalars[key]} if key in scalars else None


def filters(asked):
    from guild import filter

    parser, run = filter.parser(), Run(*asked["run"])

    def answer(text):
        try:
            return bool(parser.parse(text)(run))
        except SyntaxError as error:
            return str(error)

    return [answer(text) for text in asked["texts"]]


def time_ranges(asked):
    from guild.timerange import trparse

    parser, local = trparse.parser(), datetime.datetime.fromtimestamp

    def answer(text, now, times):
        try:
            start, end = parser.parse(text)(local(now))
        except (ValueError, trparse.ParseError) as error:
            return str(error)
        except Exception:
            return None
        return [t for t in times if not (start and local(t) < start) and not (end and local(t) >= end)]

    return [answer(*one) for one in asked["ranges"]]


asked = json.load(sys.stdin)
json.dump({"filters": filters, "time_ranges": time_ranges}[sys.argv[1]](asked), sys.stdout)
