"""Records and codecs as Hypothesis draws them; shared by the tests of records."""

from hypothesis import strategies as st

from kafkabook.records.compression import Codec
from kafkabook.records.record import Header, Record

INT64 = st.integers(-(2**63), 2**63 - 1)
SOME_TIME_MS = st.one_of(
    st.just(-1), st.integers(0, 70), st.integers(1_700_000_000_000, 1_700_000_020_000)
)
HEADERS: st.SearchStrategy[tuple[Header, ...]] = st.lists(
    st.tuples(st.text(max_size=4), st.none() | st.binary(max_size=5)), max_size=3
).map(tuple)
FIELD = st.none() | st.binary(max_size=70)
RECORD = st.builds(
    Record, key=FIELD, value=FIELD, timestamp_ms=SOME_TIME_MS, headers=HEADERS, offset=st.just(-1)
)
CODEC = st.sampled_from(Codec)


@st.composite
def records(draw: st.DrawFn, max_size: int = 8) -> tuple[Record, ...]:
    """One or more records without offsets."""
    return tuple(draw(st.lists(RECORD, min_size=1, max_size=max_size)))


@st.composite
def stored_records(draw: st.DrawFn, max_size: int = 8) -> tuple[Record, ...]:
    """Records with offsets that grow, with gaps as compaction leaves them."""
    drawn = draw(records(max_size))
    steps = draw(st.lists(st.integers(1, 200), min_size=len(drawn), max_size=len(drawn)))
    offset, kept = draw(st.integers(0, 2**40)), []
    for record, step in zip(drawn, steps, strict=True):
        kept.append(record._replace(offset=offset))
        offset += step
    return tuple(kept)
