"""Which texts Java reads as a number."""

import pytest

from kafkabook.base.java_numbers import decimal, is_decimal, is_whole_number


@pytest.mark.parametrize(
    ("text", "bits", "expected"),
    [
        ("5", 32, True),
        ("+5", 32, True),
        ("-5", 32, True),
        ("", 32, False),
        ("1_000", 32, False),
        ("1.0", 32, False),
        ("٣", 32, True),  # a digit of another script
        ("\U0001d7d9", 32, False),  # one that takes two `char`
        ("0" * 5000 + "7", 32, True),
        ("9" * 5000, 64, False),
        ("2147483647", 32, True),
        ("2147483648", 32, False),
        ("-2147483648", 32, True),
        ("-2147483649", 32, False),
        ("2147483648", 64, True),
    ],
)
def test_a_whole_number_has_digits_and_room(text: str, bits: int, expected: bool) -> None:
    """A sign is allowed, and nothing else."""
    assert expected is is_whole_number(text, bits)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0.5", 0.5), ("5", 5.0), ("5.", 5.0), (".5", 0.5), ("-1e3", -1000.0), ("0.5f", 0.5)],
)
def test_a_number_may_name_its_type(text: str, expected: float) -> None:
    """With a letter behind it."""
    assert (True, expected) == (is_decimal(text), decimal(text))


@pytest.mark.parametrize("text", ["", ".", "half", "1_0", "0.5x", "1e"])
def test_another_text_is_no_number(text: str) -> None:
    """Though Python may read it."""
    assert not is_decimal(text)
