"""What somebody else wrote must be seen as it is, and must not do anything."""

import pytest

from kafkabook.base.plain import MOST_LETTERS, plain, plain_bytes


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("a\x00b\nc\x7f", "a\\x00b\\nc\\x7f"),
        ("pay \u202e001\u202c", "pay \\u202e001\\u202c"),
        ("\u2066\u200b\ufeff", "\\u2066\\u200b\\ufeff"),
        ("오프셋 é 漢", "오프셋 é 漢"),
        ("\ud800\u2028\xa0", "\\ud800\\u2028\\xa0"),
    ],
)
def test_what_cannot_be_seen_is_written_out(written: str, seen: str) -> None:
    """Control, format, bidirectional and lone surrogate characters become escapes."""
    assert seen == plain(written)


def test_a_long_text_ends_in_an_ellipsis() -> None:
    """A value of a megabyte must not fill the page."""
    assert "x" * (MOST_LETTERS - 1) + "…" == plain("x" * 10**6)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (None, "null"),
        (b"", ""),
        (b"kim", "kim"),
        (b"\xff\xfe", "0xfffe"),
        ("가".encode() * 20, "가가가가가…"),
        (b"ok" + "가".encode()[:2], "0x6f6…"),
    ],
)
def test_bytes_are_text_where_they_are_text(data: bytes | None, seen: str) -> None:
    """Half a letter at the true end is not text; half a letter at our own cut is."""
    assert seen == plain_bytes(data, most=6)
