"""How an offset is found in an index."""

from hypothesis import given
from hypothesis import strategies as st

from kafkabook.log.facts import IndexEntry
from kafkabook.log.index import lookup


@given(st.lists(st.integers(0, 100), unique=True).map(sorted), st.integers(-1, 101))
def test_a_lookup_finds_the_floor(offsets: list[int], target: int) -> None:
    """The same as a walk from the start."""
    entries = [IndexEntry(offset, 10 * number + 1) for number, offset in enumerate(offsets)]
    below = [entry.position for entry in entries if entry.offset <= target]
    assert (below[-1] if below else 0) == lookup(entries, target)
