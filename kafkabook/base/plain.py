"""Foreign text made safe to look at: nothing invisible, nothing that turns the line, no end.

Keys, values, topic names and error texts are whatever somebody wrote. Escaping for SVG is
`viz.painter`'s; here what cannot be seen becomes visible, so that a picture never lies about its
bytes.
"""

import unicodedata

MOST_LETTERS = 200


def plain(text: str, most: int = MOST_LETTERS) -> str:
    r"""Return `text` with control, format and bidirectional characters written out, cut at `most`.

    >>> plain("a\u202eb\x00"), plain("x" * 9, most=5)
    ('a\\u202eb\\x00', 'xxxx…')
    """
    head = text[: most + 1]
    harmless = head.isascii() and head.isprintable()
    seen = head if harmless else "".join(map(_visible, head))
    return seen if len(seen) <= most else seen[: most - 1] + "…"


def plain_bytes(data: bytes | None, most: int = MOST_LETTERS) -> str:
    r"""Return bytes as a reader would write them: text if they are UTF-8, else hex, or `null`.

    >>> plain_bytes(b"kim"), plain_bytes(None), plain_bytes(b"\xff\x00")
    ('kim', 'null', '0xff00')
    """
    if data is None:
        return "null"
    head = data[: 4 * most + 4]
    try:
        return plain(head.decode("utf-8"), most)
    except UnicodeDecodeError as error:
        cut_inside_a_letter = len(data) > len(head) and error.start >= len(head) - 3
        if cut_inside_a_letter:
            return plain(head[: error.start].decode("utf-8"), most)
        return plain("0x" + data[:most].hex(), most)


def _visible(letter: str) -> str:
    """Keep letters, marks, numbers, signs and the space; write everything else as an escape."""
    if letter == " " or unicodedata.category(letter)[0] not in "CZ":
        return letter
    return letter.encode("unicode_escape").decode() if letter != "\xa0" else "\\xa0"
