"""A table in plain text: what a figure shows, for ears, for diffs and for graders."""

from collections.abc import Sequence

from kafkabook.base.plain import plain


def text_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return aligned columns, numbers to the right, words to the left; foreign text made plain.

    >>> print(text_table(("offset", "key"), [(0, "a"), (10, "b")]))
    offset  key
         0  a
        10  b
    """
    told = [tuple(plain(str(value)) for value in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *told, strict=True)]
    right = [
        bool(rows) and all(isinstance(row[n], (int, float)) for row in rows)
        for n in range(len(heads))
    ]
    return "\n".join(_line(row, widths, right) for row in (tuple(heads), *told))


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = zip(row, widths, right, strict=True)
    return "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in cells).rstrip()
