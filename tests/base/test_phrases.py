"""Phrases say numbers and sets the same way in every sentence."""

from kafkabook.base.phrases import count_text, key_text, members_text, offsets_text


def test_a_set_of_brokers_is_written_in_order() -> None:
    """Same seed, same text, whatever the hash seed is."""
    assert "{1, 2, 10}" == members_text(frozenset({10, 2, 1}))


def test_one_thing_is_not_counted_as_several() -> None:
    """Nor is one offset a span."""
    assert ["1 byte", "2 bytes"] == [count_text(number, "byte") for number in (1, 2)]
    assert ["offset 4", "offsets 4 to 5"] == [offsets_text(4, last) for last in (4, 5)]


def test_a_key_stays_as_it_is() -> None:
    """A painter makes it harmless, not the sentence; bytes that are no text are still told."""
    assert ["key <b>", "key \\xff", "no key"] == [key_text(key) for key in (b"<b>", b"\xff", None)]
