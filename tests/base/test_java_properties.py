"""Properties as Java reads them; `tests/real/test_texts_of_kafka.py` asks Java itself."""

import pytest

from kafkabook.base.java_properties import parse_properties


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1\nb:2\nc 3\nd\t=\t4", {"a": "1", "b": "2", "c": "3", "d": "4"}),
        ("a\n=b\n", {"a": "", "": "b"}),
        ("a = b = c  ", {"a": "b = c  "}),
        ("#c\n  !c\n\f\na=#x", {"a": "#x"}),
        ("a\\=b\\ \\:=c", {"a=b :": "c"}),
        ("a=b\\\n  c\\\r\n\td\ne", {"a": "bcd", "e": ""}),
        ("a=b\\\\\nc=d", {"a": "b\\", "c": "d"}),
        ("a=\\t\\n\\r\\f\\q\\u00e9\\ud83d\\ude00", {"a": "\t\n\r\fqé😀"}),
        ("#a\\\nb=1", {"b": "1"}),
        ("a=1\na=2", {"a": "2"}),
        ("a\x0b\x85=1", {"a\x0b\x85": "1"}),
        ("\\", {"": ""}),
        ("\\\n", {"": ""}),
        ("\\\r\n", {}),
        ("\\\n#c", {}),
        ("a\\", {"a": ""}),
    ],
)
def test_it_is_read_as_java_reads_it(text: str, expected: dict[str, str]) -> None:
    """Separators, comments, escapes, lines that go on, and the end of the file."""
    assert expected == parse_properties(text.encode("latin-1"))


def test_bytes_are_letters_of_latin_1() -> None:
    """What is UTF-8 to its author is not to Java; other letters are written as escapes."""
    assert {"a": "Ã©"} == parse_properties("a=é".encode())


@pytest.mark.parametrize("text", ["a=\\u00g1", "a=\\u12", "\\u=1"])
def test_four_digits_follow_an_escape(text: str) -> None:
    """Nobody can know which letter was meant."""
    with pytest.raises(ValueError, match=r"\\u without four hexadecimal digits in '"):
        parse_properties(text.encode())
