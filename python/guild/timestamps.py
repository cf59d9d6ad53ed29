"""Dates and times as YAML 1.1 writes them.

Apart from `guild.flow_yaml`, which is loaded by every run with flags, as few
flags are dates and what reads them is slow to import.
"""

import re

from datetime import date, datetime, timedelta, timezone

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?"
    r"(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?",
    re.ASCII,
)


def parse(text):
    """A date or a datetime, or None. A ValueError if there is no such day."""
    match = _DATE.fullmatch(text)
    if match:
        return date(*map(int, match.groups()))
    match = _TIME.fullmatch(text)
    if not match:
        return None
    *day_and_time, fraction, utc, sign, hours, minutes = match.groups()
    zone = None
    if utc:
        zone = timezone.utc
    elif sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
    microseconds = int((fraction or "")[:6].ljust(6, "0"))
    return datetime(*map(int, day_and_time), microseconds, zone)
