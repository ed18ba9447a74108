"""How wide a text will be, before anybody draws it: advance widths of Arial and its metric twins.

Widths are in thousandths of the font size. They are those of Arimo, which travels with the pages
(`viz/fonts/`), and no less than those of Helvetica and Liberation Sans. So a line that fits here
fits in every browser; other letters count as wide.
"""

import textwrap
from itertools import accumulate

_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 "
    "556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 "
    "556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 "
    "556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 "
    "500 500 500 334 260 334 584 "
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 "
    "556 556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 "
    "611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 "
    "611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 "
    "556 556 500 389 280 389 584 "
)
_MONO = 602  # DejaVu Sans Mono, Menlo; Consolas is narrower
_OTHER = 1000
TEXT_PX = 13  # what most words of a figure are written in, and the least that is allowed


class _Widths(dict[str, int]):
    """Letter → width; one that is not listed is wide."""

    def __missing__(self, letter: str) -> int:
        return _OTHER


_WIDTHS = {
    bold: _Widths(
        {chr(32 + n): int(width) for n, width in enumerate(table.split())}, **{"·": 333, "–": 556}
    )
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}


def width_px(
    text: str, size_px: float = TEXT_PX, *, bold: bool = False, mono: bool = False
) -> float:
    """Return how far `text` reaches, in pixels.

    >>> round(width_px("log end 6", 12), 1)
    49.4
    """
    if mono:
        return sum(_MONO if _is_narrow(letter) else _OTHER for letter in text) * size_px / 1000
    return sum(map(_WIDTHS[bold].__getitem__, text)) * size_px / 1000


def _is_narrow(letter: str) -> bool:
    """Say whether a letter takes one column of a fixed-width font; Korean and Chinese take two."""
    return letter < "\u1100" or "\u2000" <= letter < "\u2e80"


def fitted(
    text: str, room_px: float, size_px: float = TEXT_PX, *, bold: bool = False, mono: bool = False
) -> str:
    """Return `text`, or as much of it as fits into `room_px` with an ellipsis.

    >>> fitted("customer-4711", 50, 12)
    'custo…'
    """
    if width_px(text, size_px, bold=bold, mono=mono) <= room_px:
        return text
    room_px -= width_px("…", size_px, bold=bold, mono=mono)
    widths = accumulate(width_px(letter, size_px, bold=bold, mono=mono) for letter in text)
    kept = sum(1 for reached in widths if reached <= room_px)
    return text[:kept] + "…" if kept else ""


def shortened(text: str, room_px: float, size_px: float = TEXT_PX, *, bold: bool = False) -> str:
    """Return what fits of a value: the end of its number, for numbers tell values apart.

    >>> shortened("customer-4711", 50), shortened("customer-4711", 30), shortened("customer", 14)
    ('…4711', '…11', '…')
    """
    if width_px(text, size_px, bold=bold) <= room_px:
        return text
    digits = text[len(text.rstrip("0123456789")) :]
    ends = (f"…{digits[place:]}" for place in range(len(digits)))
    fit = (end for end in ends if width_px(end, size_px, bold=bold) <= room_px)
    return next(fit, "") or fitted(text, room_px, size_px, bold=bold) or "…"


def wrapped(
    text: str, room_px: float, size_px: float = TEXT_PX, *, bold: bool = False
) -> list[str]:
    """Break `text` at spaces into lines that fit `room_px`; a longer word is cut.

    >>> wrapped("one two three", 46, 12)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_px(longer, size_px, bold=bold) <= room_px:
            lines[-1] = longer
        else:
            lines.append(fitted(word, room_px, size_px, bold=bold))
    return lines


def wrapped_code(text: str, room_px: float, size_px: float = TEXT_PX) -> list[str]:
    """Break fixed-width text into lines that fit `room_px`, inside a word where it must be.

    >>> wrapped_code("Record(value=b'abcdefgh')", 90, 12)
    ['Record(value', "  =b'abcdefg", "  h')"]
    """
    widest = _MONO if all(map(_is_narrow, text)) else _OTHER
    columns = max(int(room_px / (widest * size_px / 1000)), 4)
    return textwrap.wrap(
        text, columns, subsequent_indent="  ", replace_whitespace=False, break_on_hyphens=False
    ) or [""]
