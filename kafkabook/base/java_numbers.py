"""Which texts Java reads as a number: "+5" is one, "1_000" is none.

Source: kafka, clients `ConfigDef.java` `parseType`; Java, `Long.parseLong`, `Double.parseDouble`.
"""

import re

_WHOLE_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?", re.ASCII)


def is_whole_number(text: str, bits: int) -> bool:
    """Say whether a text is a whole number with room in so many bits, the sign included.

    >>> is_whole_number("+5", 32), is_whole_number("1_000", 32), is_whole_number("2147483648", 32)
    (True, False, False)
    """
    limit = 1 << bits - 1
    return _WHOLE_NUMBER.fullmatch(text) is not None and -limit <= int(text) < limit


def is_decimal(text: str) -> bool:
    """Say whether a text is a number with or without a fraction.

    >>> is_decimal("0.5f"), is_decimal(".5e3"), is_decimal("half")
    (True, True, False)
    """
    return _DECIMAL.fullmatch(text) is not None


def decimal(text: str) -> float:
    """Return the number; Java allows a letter for its type behind it."""
    return float(text.rstrip("dDfF"))
