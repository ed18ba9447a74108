"""The laws of the high watermark: what is committed, and what nobody may yet be shown."""

from collections.abc import Collection
from typing import Any

from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, Part, expect
from kafkabook.grading.laws.leader_facts import (
    Numbers,
    Standing,
    at_any_time,
    beyond,
    leaders,
    told,
    within,
)
from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts


def a_record_waits_for_every_member(part: Part, *arguments: Any) -> None:
    """A record is committed when every member of the set has it; the slowest one decides."""
    _least(part, arguments, arguments[0].counted)


def a_leader_alone_commits_what_it_has(part: Part, *arguments: Any) -> None:
    """The leader is a member too: alone in the set, it commits what it has."""
    expect(arguments[0].log_end, part(*arguments), "There is nobody to wait for.")


def a_laggard_outside_holds_nothing_back(part: Part, *arguments: Any) -> None:
    """A replica that is no member and does not keep up is not waited for."""
    _least(part, arguments, arguments[0].counted)


def a_member_to_be_counts_already(part: Part, *arguments: Any) -> None:
    """While a change is under way all members count that the set had or may have: `counted`."""
    _least(part, arguments, arguments[0].counted)


def a_follower_that_keeps_up_counts(part: Part, *arguments: Any) -> None:
    """A follower that had everything within the limit, or has it now, may join: it counts."""
    leader = arguments[0]
    _least(part, arguments, {*leader.counted, *(f.broker for f in leader.followers)})


def a_follower_that_may_not_join_does_not(part: Part, *arguments: Any) -> None:
    """A follower that is not eligible will not join, however well it keeps up."""
    _least(part, arguments, arguments[0].counted)


def under_the_minimum_it_stands_still(part: Part, *arguments: Any) -> None:
    """While the confirmed set is smaller than min.insync.replicas nothing more is committed."""
    leader: LeaderFacts = arguments[0]
    why = f"{len(leader.isr)} of the {leader.min_insync_replicas} members that it takes."
    expect(leader.high_watermark, part(*arguments), why)


def it_never_goes_back(part: Part, *arguments: Any) -> None:
    """What was committed stays committed, though a member may not have told what it has."""
    before = arguments[0].high_watermark
    expect(before, part(*arguments), f"The high watermark was {before} before.")


def it_follows_the_slowest_that_counts(part: Part, *arguments: Any) -> None:
    """All in one: it goes as far as the slowest that counts, and no step back."""
    leader, now_ms, limit_ms = arguments
    if len(leader.isr) < leader.min_insync_replicas:
        return under_the_minimum_it_stands_still(part, *arguments)
    joining = {f.broker for f in leader.followers if _joins(f, leader, now_ms - limit_ms)}
    return _least(part, arguments, joining | leader.counted)


def _joins(follower: FollowerFacts, leader: LeaderFacts, since_ms: int) -> bool:
    keeps_up = follower.caught_up_ms >= since_ms or follower.log_end == leader.log_end
    return keeps_up and follower.is_eligible


def _least(part: Part, arguments: tuple[Any, ...], waited_for: Collection[int]) -> None:
    leader: LeaderFacts = arguments[0]
    ends = [(f.log_end, f.broker) for f in leader.followers if f.broker in waited_for]
    least, slowest = min([(leader.log_end, leader.leader), *ends])
    why = f"Of those that count broker {slowest} has least: it lacks offset {max(least, 0)}."
    expect(max(least, leader.high_watermark), part(*arguments), why)


def _member(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(numbers.high_watermark, numbers.log_end))
    return Standing(end, at_any_time(draw, numbers), is_member=True)


def _pending(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(numbers.high_watermark, numbers.log_end))
    return Standing(
        end, at_any_time(draw, numbers), is_counted=True, may_join=draw(draws.booleans())
    )


def _arrived(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(numbers.high_watermark, numbers.log_end))
    return Standing(end, within(draw, numbers))


def _level(draw: Draw, numbers: Numbers) -> Standing:
    return Standing(numbers.log_end, beyond(draw, numbers))


def _lagging(draw: Draw, numbers: Numbers) -> Standing:
    return Standing(draw(draws.integers(UNKNOWN, numbers.log_end - 1)), beyond(draw, numbers))


def _barred(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(0, numbers.log_end))
    return Standing(end, within(draw, numbers), may_join=False)


def _behind(draw: Draw, numbers: Numbers) -> Standing:
    """Draw a member that lacks something committed: a new leader's high watermark may be ahead."""
    end = draw(draws.integers(UNKNOWN, numbers.high_watermark - 1))
    return Standing(end, at_any_time(draw, numbers), is_member=True)


_ALL = (_member, _pending, _arrived, _level, _lagging, _barred, _behind)

LAWS = (
    Law(a_record_waits_for_every_member, leaders(_member, surely=_member), told),
    Law(a_leader_alone_commits_what_it_has, leaders(), told),
    Law(a_laggard_outside_holds_nothing_back, leaders(_member, surely=_lagging), told),
    Law(a_member_to_be_counts_already, leaders(_member, surely=_pending), told),
    Law(a_follower_that_keeps_up_counts, leaders(_member, _level, surely=_arrived), told, 50),
    Law(a_follower_that_may_not_join_does_not, leaders(_member, surely=_barred), told),
    Law(
        under_the_minimum_it_stands_still,
        leaders(_member, _arrived, surely=_pending, under_min=True),
        told,
    ),
    Law(it_never_goes_back, leaders(_member, surely=_behind), told),
    Law(it_follows_the_slowest_that_counts, leaders(*_ALL, under_min=None), told, count=50),
)
