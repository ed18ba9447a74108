"""The cleaner's map of keys: what fits, and what it answers."""

import pytest

from kafkabook.log.offset_map import OffsetMap


@pytest.mark.parametrize(
    ("buffer_bytes", "keys"), [(24, 0), (48, 1), (240, 9), (128 << 20, 5033164)]
)
def test_nine_tenths_of_24_bytes_a_key_fit(buffer_bytes: int, keys: int) -> None:
    """Kafka's 128 MiB hold five million keys."""
    assert keys == OffsetMap(buffer_bytes).capacity


def test_the_newest_offset_of_a_key_is_kept() -> None:
    """A key that is not there has none."""
    newest = OffsetMap()
    assert newest.put([b"a", b"b", None, b"a"], [3, 4, 5, 6])
    assert (6, 4, -1, 2) == (
        newest.newest(b"a"),
        newest.newest(b"b"),
        newest.newest(b"c"),
        len(newest),
    )


def test_what_lies_below_the_range_is_passed_over() -> None:
    """The first dirty offset may lie inside a batch."""
    newest = OffsetMap(start_offset=4)
    newest.put([b"a", b"b", b"c"], [3, 4, 5])
    assert (-1, 4) == (newest.newest(b"a"), newest.newest(b"b"))


def test_a_full_map_says_how_far_it_came() -> None:
    """Then a known key is refused too, as in Kafka, which does not look it up first."""
    newest = OffsetMap(80)  # two keys
    assert not newest.put([b"a", b"b", b"a", b"c"], [10, 11, 12, 13])
    assert (10, 11, 11) == (newest.newest(b"a"), newest.newest(b"b"), newest.latest_offset)


def test_it_answers_for_a_whole_batch_at_once() -> None:
    """Both ends belong to the batch."""
    newest = OffsetMap()
    newest.put([b"a", b"b", b"a", b"c"], [10, 11, 12, 13])
    assert [[11, 12], [13], []] == [
        newest.newest_between(first, last) for first, last in ((10, 12), (13, 20), (0, 10))
    ]


@pytest.mark.parametrize("key", [b"a", None])
def test_a_key_without_an_offset_is_refused(key: bytes | None) -> None:
    """Who miscounts would clean the wrong records."""
    with pytest.raises(ValueError, match="shorter"):
        OffsetMap().put([key], [])
