r"""How Java reads bytes as text, and cuts it into lines and fields, where Python differs.

To `BufferedReader.readLine` a line ends at `\n`, `\r` or both, and nowhere else: a form feed or
U+2028 is a letter of it. To a regular expression `\s` is one of six ASCII characters.

Source: Java, `java.io.BufferedReader`, `java.util.regex.Pattern`, `String.split`,
`new String(bytes, UTF_8)`.
"""

import re

_LINE_END = re.compile(r"\r\n|\r|\n")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")
BLANKS = r"[ \t\n\x0b\f\r]+"  # `\s+`


def lines_of(text: str) -> list[str]:
    r"""Return the lines as `readLine` hands them out; none for an empty text.

    >>> lines_of("0\r\n1\ra b\n"), lines_of("a\u2028b\n\n")
    (['0', '1', 'a b'], ['a\u2028b', ''])
    """
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


def utf8_text(data: bytes) -> str:
    r"""Return bytes as text, each fault in them as U+FFFD, and a whole surrogate as one of these.

    >>> utf8_text(b"tr\xffce \xed\xa0\x80") == "tr\ufffdce \ufffd"
    True
    """
    return _SURROGATE.sub(b"\xff", data).decode(errors="replace")


def split(line: str, pattern: str = BLANKS) -> list[str]:
    r"""Cut at each match, and drop empty texts at the end, but not at the beginning.

    >>> split("orders 0\t42 "), split(" 0 42")
    (['orders', '0', '42'], ['', '0', '42'])
    """
    parts = re.split(pattern, line)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts
