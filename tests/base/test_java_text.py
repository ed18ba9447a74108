"""Lines and fields as Java cuts them."""

import pytest

from kafkabook.base.java_text import lines_of, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n", [""]),
        ("a\n\nb", ["a", "", "b"]),
        ("a\rb\r\nc\n\r", ["a", "b", "c", ""]),
        ("a\x0b\x0c\x1c\x85\u2028\u2029b", ["a\x0b\x0c\x1c\x85\u2028\u2029b"]),
    ],
)
def test_only_three_ends_of_a_line_count(text: str, expected: list[str]) -> None:
    """Python's `splitlines` knows seven more."""
    assert expected == lines_of(text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [""]),
        ("a \t\x0b\f\rb  ", ["a", "b"]),
        (" a", ["", "a"]),
        ("a\xa0b\x1cc\u2003d", ["a\xa0b\x1cc\u2003d"]),
    ],
)
def test_only_six_blanks_part_fields(line: str, expected: list[str]) -> None:
    """And what is empty counts before the others, but not behind them."""
    assert expected == split(line)


def test_another_pattern_may_part_fields() -> None:
    """A colon and a blank, in `partition.metadata`."""
    assert ["a", "b"] == split("a::b::", "::")
