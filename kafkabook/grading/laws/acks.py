"""The laws of acknowledging: what a producer may be told, and not before it is true."""

from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, Part, expect
from kafkabook.replication.facts import Ack, AckFacts


def told(facts: AckFacts) -> tuple[str, ...]:
    """Show a call in the words of the chapter."""
    acks = "all" if facts.acks == -1 else facts.acks
    stored = "not appended yet"
    if facts.next_offset is not None:
        stored = f"appended, its last record at {facts.next_offset - 1}"
    least = f"min.insync.replicas {facts.min_insync_replicas}"
    return (
        f"request   acks={acks}, {stored}",
        f"leader    high watermark {facts.high_watermark}, {facts.isr_size} in sync, {least}",
    )


def only_all_asks_for_the_minimum(part: Part, facts: AckFacts) -> None:
    """With acks=0 and acks=1 a batch is appended, however small the ISR is."""
    expect(Ack.APPEND, part(facts), "min.insync.replicas is about acks=all.")


def all_is_refused_before_it_is_appended(part: Part, facts: AckFacts) -> None:
    """With acks=all and too few members nothing is appended at all."""
    why = f"{facts.isr_size} in sync, {facts.min_insync_replicas} are needed."
    expect(Ack.NOT_ENOUGH_REPLICAS, part(facts), why)


def all_is_appended_where_members_are_enough(part: Part, facts: AckFacts) -> None:
    """With acks=all and at least min.insync.replicas members the batch is appended."""
    why = f"{facts.isr_size} in sync, {facts.min_insync_replicas} are needed."
    expect(Ack.APPEND, part(facts), why)


def zero_and_one_wait_for_nobody(part: Part, facts: AckFacts) -> None:
    """With acks=0 and acks=1 the leader's own append is the end of it."""
    expect(Ack.ACKNOWLEDGE, part(facts), "Who else has the batch was not asked.")


def all_waits_for_the_high_watermark(part: Part, facts: AckFacts) -> None:
    """With acks=all the answer waits until the whole batch lies below the high watermark."""
    why = f"The batch ends below {facts.next_offset}; committed is what is below"
    expect(Ack.WAIT, part(facts), f"{why} {facts.high_watermark}.")


def what_every_member_has_is_acknowledged(part: Part, facts: AckFacts) -> None:
    """With acks=all it is the members that must have it, and not all replicas that there are."""
    expect(Ack.ACKNOWLEDGE, part(facts), f"Committed, with {facts.isr_size} members.")


def a_set_that_shrank_meanwhile_is_told(part: Part, facts: AckFacts) -> None:
    """Committed, but by fewer than the minimum: the producer is told, after the append."""
    why = f"{facts.isr_size} in sync, {facts.min_insync_replicas} are needed."
    expect(Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND, part(facts), why)


@draws.composite
def _before(draw: Draw, *acks: int, enough: bool | None) -> tuple[AckFacts]:
    size, least = _sizes(draw, enough)
    return (
        AckFacts(draw(draws.sampled_from(acks)), None, draw(draws.integers(0, 20)), size, least),
    )


@draws.composite
def _after(draw: Draw, *acks: int, enough: bool | None, committed: bool | None) -> tuple[AckFacts]:
    size, least = _sizes(draw, enough)
    next_offset = draw(draws.integers(1, 20))
    is_committed = draw(draws.booleans()) if committed is None else committed
    above = draws.integers(next_offset, 25)
    high_watermark = draw(above if is_committed else draws.integers(0, next_offset - 1))
    return (AckFacts(draw(draws.sampled_from(acks)), next_offset, high_watermark, size, least),)


def _sizes(draw: Draw, enough: bool | None) -> tuple[int, int]:
    """Draw the size of the set, and a minimum that it meets or not; None draws which."""
    is_enough = draw(draws.booleans()) if enough is None else enough
    size = draw(draws.integers(1, 5))
    return size, draw(draws.integers(1, size) if is_enough else draws.integers(size + 1, 7))


LAWS = (
    Law(only_all_asks_for_the_minimum, _before(0, 1, enough=None), told),
    Law(all_is_refused_before_it_is_appended, _before(-1, enough=False), told),
    Law(all_is_appended_where_members_are_enough, _before(-1, enough=True), told),
    Law(zero_and_one_wait_for_nobody, _after(0, 1, enough=None, committed=None), told),
    Law(all_waits_for_the_high_watermark, _after(-1, enough=None, committed=False), told),
    Law(what_every_member_has_is_acknowledged, _after(-1, enough=True, committed=True), told),
    Law(a_set_that_shrank_meanwhile_is_told, _after(-1, enough=False, committed=True), told),
)
