"""Which texts Java reads as a number: "+5" is one, "1_000" is none.

Source: kafka, clients `ConfigDef.java` `parseType`; Java, `Long.parseLong`, `Double.parseDouble`.
"""

import re

_WHOLE_NUMBER = re.compile(r"([+-]?)0*(\d+)")  # digits of any script, as `Character.digit`
_LAST_CHAR = "\uffff"  # a digit beyond is two `char`, and neither of them is a digit
_MOST_DIGITS = 19  # of a number with room in 64 bits; Python refuses to read endless ones
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?", re.ASCII)


def whole_number(text: str, bits: int) -> int | None:
    """Return the whole number that a text is, or None if it is none with room in so many bits.

    >>> whole_number("+5", 32), whole_number("1_000", 32), whole_number("2147483648", 32)
    (5, None, None)
    """
    found = _WHOLE_NUMBER.fullmatch(text)
    if found is None or len(found[2]) > _MOST_DIGITS or max(text) > _LAST_CHAR:
        return None
    number, limit = int(found[1] + found[2]), 1 << bits - 1
    return number if -limit <= number < limit else None


def is_whole_number(text: str, bits: int) -> bool:
    """Say whether a text is a whole number with room in so many bits, the sign included.

    >>> is_whole_number("-0", 32), is_whole_number("5.0", 32)
    (True, False)
    """
    return whole_number(text, bits) is not None


def is_decimal(text: str) -> bool:
    """Say whether a text is a number with or without a fraction.

    >>> is_decimal("0.5f"), is_decimal(".5e3"), is_decimal("half")
    (True, True, False)
    """
    return _DECIMAL.fullmatch(text) is not None


def decimal(text: str) -> float:
    """Return the number; Java allows a letter for its type behind it."""
    return float(text.rstrip("dDfF"))
