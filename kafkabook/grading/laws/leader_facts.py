"""A leader and what it knows of its followers: built, drawn and told for the laws that judge it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kafkabook.base.units import SECOND_MS
from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts

NOW_MS = 1_700_000_000_000
LAG_MS = 30 * SECOND_MS
Arguments = tuple[LeaderFacts, int, int]


def a_follower(
    broker: int, log_end: int, *, ago_ms: int = 0, may_join: bool = True
) -> FollowerFacts:
    """Return a follower that had everything `ago_ms` ago."""
    return FollowerFacts(broker, log_end, NOW_MS - ago_ms, 1, may_join)


def a_leader(
    log_end: int,
    high_watermark: int,
    *followers: FollowerFacts,
    isr: Sequence[int],
    counted: Sequence[int] = (),
    epoch_start: int = 0,
    min_isr: int = 1,
    lag_ms: int = LAG_MS,
) -> Arguments:
    """Return the arguments of a call: the leader is the broker that is no follower among 1 to n.

    `counted` are the members that count beside those of `isr` while a change is under way.
    """
    ids = {follower.broker for follower in followers}
    leader = min(set(range(1, len(followers) + 2)) - ids)
    members = frozenset({leader, *isr})
    facts = LeaderFacts(
        leader=leader,
        leader_epoch=4,
        epoch_start_offset=epoch_start,
        log_end=log_end,
        high_watermark=high_watermark,
        isr=members,
        counted=members | frozenset(counted),
        followers=followers,
        min_insync_replicas=min_isr,
    )
    return facts, NOW_MS, lag_ms


def told(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> tuple[str, ...]:
    """Show a call: the leader, the members, and each follower as the leader knows it."""
    isr, counted = (" ".join(map(str, sorted(those))) for those in (leader.isr, leader.counted))
    marks = f"log end {leader.log_end}, high watermark {leader.high_watermark}"
    began = f"its leader epoch began at {leader.epoch_start_offset}"
    return (
        f"leader    {leader.leader}, {marks}, {began}",
        f"members   isr {isr}; counted {counted}; min.insync.replicas {leader.min_insync_replicas}",
        *(f"follower  {_told(one, now_ms)}" for one in leader.followers),
        f"limit     replica.lag.time.max.ms {replica_lag_time_max_ms:,} ms",
    )


def _told(follower: FollowerFacts, now_ms: int) -> str:
    known = f"log end {follower.log_end}"
    if follower.log_end == UNKNOWN:
        known = "log end -1: it has not fetched in this leader epoch"
    had_all = f"had everything {now_ms - follower.caught_up_ms:,} ms ago"
    barred = "" if follower.is_eligible else ", not eligible"
    return f"{follower.broker}: {known}, {had_all}{barred}"


class Numbers(NamedTuple):
    """What is drawn of a leader before its followers are."""

    log_end: int
    high_watermark: int
    epoch_start: int
    lag_ms: int


class Standing(NamedTuple):
    """How a drawn follower stands to its leader."""

    log_end: int
    ago_ms: int
    is_member: bool = False
    is_counted: bool = False
    may_join: bool = True


Role = Callable[[Draw, Numbers], Standing]


def within(draw: Draw, numbers: Numbers) -> int:
    """Draw how long ago a follower had everything that still keeps up, to the limit itself."""
    return draw(draws.sampled_from((0, 1, numbers.lag_ms - 1, numbers.lag_ms)))


def beyond(draw: Draw, numbers: Numbers) -> int:
    """Draw how long ago a follower had everything that keeps up no more."""
    return numbers.lag_ms + draw(draws.sampled_from((1, 2, 60 * SECOND_MS)))


def at_any_time(draw: Draw, numbers: Numbers) -> int:
    """Draw how long ago a follower had everything."""
    return draw(draws.sampled_from((within, beyond)))(draw, numbers)


@draws.composite
def leaders(
    draw: Draw, /, *roles: Role, surely: Role | None = None, under_min: bool | None = False
) -> Arguments:
    """Draw the arguments of a call with followers in these roles, `surely` at least once.

    `under_min` says whether the confirmed set is smaller than the minimum; None draws it.
    """
    end = draw(draws.integers(1, 20))
    lag_ms = draw(draws.sampled_from((LAG_MS, 10 * SECOND_MS, 500)))
    numbers = Numbers(end, draw(draws.integers(0, end)), draw(draws.integers(0, end)), lag_ms)
    chosen = draw(draws.lists(draws.sampled_from(roles), max_size=4)) if roles else []
    chosen += [surely] if surely else []
    return _assembled(draw, numbers, [role(draw, numbers) for role in chosen], under_min)


def _assembled(
    draw: Draw, numbers: Numbers, standings: Sequence[Standing], under_min: bool | None
) -> Arguments:
    leader = draw(draws.integers(1, len(standings) + 1))
    ids = [broker for broker in range(1, len(standings) + 2) if broker != leader]
    known = list(zip(ids, standings, strict=True))
    isr = [broker for broker, standing in known if standing.is_member]
    under = draw(draws.booleans()) if under_min is None else under_min
    size = len(isr) + 1
    return a_leader(
        numbers.log_end,
        numbers.high_watermark,
        *(a_follower(id_, s.log_end, ago_ms=s.ago_ms, may_join=s.may_join) for id_, s in known),
        isr=isr,
        counted=[broker for broker, standing in known if standing.is_counted],
        epoch_start=numbers.epoch_start,
        min_isr=size + draw(draws.integers(1, 2)) if under else draw(draws.integers(1, size)),
        lag_ms=numbers.lag_ms,
    )
