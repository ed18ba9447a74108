"""The laws of the ISR: time puts a member out, and offsets let a follower in."""

from collections.abc import Callable, Iterable
from typing import Any

from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, LawBroken, Part, Said, expect
from kafkabook.grading.laws.leader_facts import (
    Numbers,
    Standing,
    at_any_time,
    beyond,
    leaders,
    told,
    within,
)
from kafkabook.replication.facts import UNKNOWN, LeaderFacts


def in_a_frozenset(answer: Any) -> Any:
    """Take a set of brokers for the frozen set that it stands for."""
    return frozenset(answer) if isinstance(answer, set) else answer


def slotted(part: Part) -> Part:
    """Fit a part that answers with any set to its slot."""

    def in_sync(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> object:
        return in_a_frozenset(part(leader, now_ms, replica_lag_time_max_ms))

    return in_sync


def the_leader_is_always_a_member(part: Part, *arguments: Any) -> None:
    """The leader is a member of its own set, whatever becomes of the others."""
    leader: LeaderFacts = arguments[0]
    yours = part(*arguments)
    if not isinstance(yours, frozenset) or leader.leader not in yours:
        raise LawBroken(Said(f"a set with {leader.leader} in it"), yours, "It has every record.")


def time_decides_and_not_how_much_is_missing(part: Part, *arguments: Any) -> None:
    """A member stays while it had everything within the limit, however many records it lacks."""
    leader: LeaderFacts = arguments[0]
    expect(leader.isr, part(*arguments), "All members had everything in time.")


def a_member_that_is_late_leaves(part: Part, *arguments: Any) -> None:
    """A member that lacks records, and had everything longer ago than the limit, leaves."""
    leader, now_ms, limit_ms = arguments
    late = {f.broker for f in leader.followers if now_ms - f.caught_up_ms > limit_ms}
    expect(leader.isr - late, part(*arguments), f"Late: {_named(late)}.")


def a_member_with_everything_stays(part: Part, *arguments: Any) -> None:
    """A member that lacks nothing stays, though nobody may have written for hours."""
    expect(arguments[0].isr, part(*arguments), "No member lacks anything.")


def a_follower_joins_with_all_that_is_committed(part: Part, *arguments: Any) -> None:
    """A follower joins at the high watermark and its leader epoch's beginning; no more is asked."""
    leader: LeaderFacts = arguments[0]
    everybody = {leader.leader, *(f.broker for f in leader.followers)}
    line = f"the high watermark is {leader.high_watermark}, the leader epoch began at"
    why = f"All followers have enough: {line} {leader.epoch_start_offset}."
    expect(frozenset(everybody), part(*arguments), why)


def below_the_high_watermark_nobody_joins(part: Part, *arguments: Any) -> None:
    """A follower that lacks something committed could lose it as a leader: it stays out."""
    expect(arguments[0].isr, part(*arguments), "Who is outside is below the high watermark.")


def below_the_beginning_of_the_leader_epoch_nobody_joins(part: Part, *arguments: Any) -> None:
    """A new leader may not know yet all that was committed before it: its first offset counts."""
    began = arguments[0].epoch_start_offset
    expect(arguments[0].isr, part(*arguments), f"Who is outside lacks something below {began}.")


def who_is_not_eligible_stays_out(part: Part, *arguments: Any) -> None:
    """A broker that is shutting down, or gone, does not join, whatever it has."""
    expect(arguments[0].isr, part(*arguments), "Who is outside is not eligible.")


def the_controller_puts_out_who_may_not_join(part: Part, *arguments: Any) -> None:
    """A leader puts a member out for being late alone; the rest is the controller's business."""
    expect(arguments[0].isr, part(*arguments), "All members keep up.")


def it_is_who_keeps_up_and_who_may_join(part: Part, *arguments: Any) -> None:
    """All in one: the leader, the members that keep up, and the followers that may join."""
    leader, now_ms, limit_ms = arguments
    floor = max(leader.high_watermark, leader.epoch_start_offset)
    members = {leader.leader}
    for one in leader.followers:
        in_time = now_ms - limit_ms <= one.caught_up_ms
        stays = one.broker in leader.isr and (in_time or one.log_end == leader.log_end)
        joins = one.broker not in leader.isr and one.is_eligible and one.log_end >= floor
        members |= {one.broker} if stays or joins else set()
    expect(frozenset(members), part(*arguments), "Who was in, and who was not, have rules apart.")


def _named(brokers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(brokers))) or "nobody"


def _member(
    ago_ms: Callable[[Draw, Numbers], int], least_missing: int = 0
) -> Callable[[Draw, Numbers], Standing]:
    def role(draw: Draw, numbers: Numbers) -> Standing:
        end = draw(draws.integers(UNKNOWN, numbers.log_end - least_missing))
        return Standing(end, ago_ms(draw, numbers), is_member=True)

    return role


def _idle(draw: Draw, numbers: Numbers) -> Standing:
    return Standing(numbers.log_end, beyond(draw, numbers), is_member=True)


def _stopping(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(0, numbers.log_end))
    return Standing(end, within(draw, numbers), is_member=True, may_join=False)


def _ready(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(max(numbers.high_watermark, numbers.epoch_start), numbers.log_end))
    return Standing(end, at_any_time(draw, numbers), is_counted=draw(draws.booleans()))


def _uncommitted(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(UNKNOWN, numbers.high_watermark - 1))
    return Standing(end, at_any_time(draw, numbers), is_counted=draw(draws.booleans()))


def _before_the_epoch(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(UNKNOWN, numbers.epoch_start - 1))
    return Standing(end, at_any_time(draw, numbers))


def _barred(draw: Draw, numbers: Numbers) -> Standing:
    end = draw(draws.integers(0, numbers.log_end))
    return Standing(end, at_any_time(draw, numbers), may_join=False)


_in_time, _late, _outside = _member(within), _member(beyond, 1), (_uncommitted, _before_the_epoch)
_ALL = (_in_time, _late, _idle, _stopping, _ready, *_outside, _barred)

LAWS = (
    Law(the_leader_is_always_a_member, leaders(*_ALL, under_min=None), told),
    Law(time_decides_and_not_how_much_is_missing, leaders(_in_time, surely=_in_time), told),
    Law(a_member_that_is_late_leaves, leaders(_in_time, _late, surely=_late), told),
    Law(a_member_with_everything_stays, leaders(_in_time, surely=_idle), told),
    Law(a_follower_joins_with_all_that_is_committed, leaders(_in_time, surely=_ready), told, 50),
    Law(below_the_high_watermark_nobody_joins, leaders(_in_time, surely=_uncommitted), told, 50),
    Law(
        below_the_beginning_of_the_leader_epoch_nobody_joins,
        leaders(_in_time, surely=_before_the_epoch),
        told,
        50,
    ),
    Law(who_is_not_eligible_stays_out, leaders(_in_time, surely=_barred), told),
    Law(the_controller_puts_out_who_may_not_join, leaders(_in_time, surely=_stopping), told),
    Law(it_is_who_keeps_up_and_who_may_join, leaders(*_ALL, under_min=None), told, count=50),
)
