"""Moments as words: milliseconds since a run began, or since 1970, by their size."""

from datetime import UTC, datetime, timedelta

from kafkabook.base.units import DAY_MS, ms_text

_REAL_TIME_FROM_MS = 1000 * DAY_MS  # below this a number counts from the start of a run
NO_TIMESTAMP_MS = -1  # what Kafka writes where nobody said when
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 253_402_300_799_999  # the end of year 9999, where Python's calendar ends


def moment_text(at_ms: int, *, day_only: bool = False) -> str:
    """Say when something happened; a moment outside the calendar stays a number.

    >>> moment_text(90_000), moment_text(1_700_000_000_000)
    ('1.5 min', '2023-11-14 22:13:20')
    >>> moment_text(2**63 - 1), moment_text(-1)
    ('9223372036854775807 ms', 'no timestamp')
    """
    if at_ms == NO_TIMESTAMP_MS:
        return "no timestamp"
    if at_ms < _REAL_TIME_FROM_MS:
        return ms_text(at_ms)
    if at_ms > _LAST_MS:
        return f"{at_ms} ms"
    moment = _FIRST + timedelta(milliseconds=at_ms)
    return f"{moment:%Y-%m-%d}" if day_only else f"{moment:%Y-%m-%d %H:%M:%S}"


def since_text(at_ms: int, first_ms: int) -> str:
    """Say how long after `first_ms` something happened.

    >>> since_text(12, 5), since_text(-1, -1)
    ('+7 ms', 'no timestamp')
    """
    return "no timestamp" if at_ms == NO_TIMESTAMP_MS else f"+{at_ms - first_ms} ms"


def span_text(first_ms: int, last_ms: int) -> str:
    """Say a span: the day and clock of its start only once.

    >>> span_text(0, 5000), span_text(1_700_000_000_000, 1_700_000_007_000)
    ('0 ms – 5 s', '2023-11-14 22:13:20 – 22:13:27')
    """
    first, last = moment_text(first_ms), moment_text(last_ms)
    if first == last:
        return first
    day = first.split(" ")[0]
    same_day = first_ms >= _REAL_TIME_FROM_MS and last.startswith(day)
    return f"{first} – {last.removeprefix(day).strip() if same_day else last}"
