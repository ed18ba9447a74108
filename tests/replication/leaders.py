"""What a leader may know: one with ten records, and any that a sound run could have."""

from dataclasses import replace

from hypothesis import strategies as st

from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts

LAG_MS = 30_000
LONG_AGO_MS, NOW_MS = 0, 100_000


def a_leader(ends: dict[int, int], *, isr: set[int], **other: object) -> LeaderFacts:
    """Build leader 1 with ten records; followers were complete long ago, and now end at `ends`."""
    followers = tuple(FollowerFacts(broker, end, LONG_AGO_MS) for broker, end in ends.items())
    members = frozenset(isr)
    facts = LeaderFacts(
        leader=1,
        leader_epoch=4,
        epoch_start_offset=3,
        log_end=10,
        high_watermark=5,
        isr=members,
        counted=members,
        followers=followers,
        min_insync_replicas=2,
    )
    return replace(facts, **other)


@st.composite
def leaders(draw: st.DrawFn) -> LeaderFacts:
    """Any leader of up to four replicas, with what it may know in a sound run."""
    log_end = draw(st.integers(0, 8))
    others = draw(st.sets(st.integers(2, 4)))
    isr = frozenset({1} | (draw(st.sets(st.integers(2, 4))) & others))
    followers = tuple(
        FollowerFacts(
            broker,
            draw(st.integers(UNKNOWN, log_end)),
            draw(st.sampled_from([LONG_AGO_MS, NOW_MS - LAG_MS - 1, NOW_MS - LAG_MS, NOW_MS])),
            is_eligible=draw(st.booleans()),
        )
        for broker in sorted(others)
    )
    return LeaderFacts(
        leader=1,
        leader_epoch=4,
        epoch_start_offset=draw(st.integers(0, log_end)),
        log_end=log_end,
        high_watermark=draw(st.integers(0, log_end)),
        isr=isr,
        counted=isr | draw(st.sets(st.sampled_from(sorted({1, *others})))),
        followers=followers,
        min_insync_replicas=draw(st.integers(1, 3)),
    )
