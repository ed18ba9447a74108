"""Wrong ways to answer a producer, and right ones that are not ours."""

from dataclasses import replace

from kafkabook.grading.zoo.variant import Variant
from kafkabook.replication.facts import Ack, AckFacts

_ALL = -1


def _before(facts: AckFacts) -> Ack:
    too_few = facts.acks == _ALL and facts.isr_size < facts.min_insync_replicas
    return Ack.NOT_ENOUGH_REPLICAS if too_few else Ack.APPEND


def _after(facts: AckFacts, end: int) -> Ack:
    if facts.acks != _ALL:
        return Ack.ACKNOWLEDGE
    if facts.high_watermark < end:
        return Ack.WAIT
    too_few = facts.isr_size < facts.min_insync_replicas
    return Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND if too_few else Ack.ACKNOWLEDGE


def _right(facts: AckFacts) -> Ack:
    return _before(facts) if facts.next_offset is None else _after(facts, facts.next_offset)


def takes_all_for_all_replicas(facts: AckFacts) -> Ack:
    """Waits until three brokers are in sync again."""
    answer = _right(facts)
    waits = facts.acks == _ALL and facts.next_offset is not None and facts.isr_size < 3
    return Ack.WAIT if waits and answer is Ack.ACKNOWLEDGE else answer


def takes_only_one_for_too_few(facts: AckFacts) -> Ack:
    """Has a minimum of two built in."""
    if facts.next_offset is None and facts.isr_size > 1:
        return Ack.APPEND
    return _right(facts)


def asks_for_one_more_before_it_appends(facts: AckFacts) -> Ack:
    """Refuses where members are just enough."""
    least = facts.min_insync_replicas + (facts.next_offset is None)
    return _right(replace(facts, min_insync_replicas=least))


def lets_zero_wait_for_its_answer(facts: AckFacts) -> Ack:
    """Appends at once, and answers late what nobody waits for."""
    if facts.next_offset is None:
        return _right(facts)
    return _right(replace(facts, acks=facts.acks or _ALL))


def acknowledges_at_the_log_end(facts: AckFacts) -> Ack:
    """Takes its own copy for all copies."""
    return _before(facts) if facts.next_offset is None else Ack.ACKNOWLEDGE


def asks_for_the_minimum_with_one(facts: AckFacts) -> Ack:
    """Refuses acks=1 where members are few."""
    if facts.next_offset is None and facts.isr_size < facts.min_insync_replicas:
        return Ack.NOT_ENOUGH_REPLICAS
    return _right(facts)


def waits_with_one_too(facts: AckFacts) -> Ack:
    """Lets acks=1 wait for the others."""
    if facts.next_offset is not None and facts.acks == 1:
        return _after(replace(facts, acks=_ALL, min_insync_replicas=1), facts.next_offset)
    return _right(facts)


def waits_with_zero_too(facts: AckFacts) -> Ack:
    """Takes zero for no limit."""
    return _right(replace(facts, acks=_ALL) if facts.acks == 0 else facts)


def looks_at_the_minimum_only_before(facts: AckFacts) -> Ack:
    """Promises what fewer members hold than the topic asks for."""
    answer = _right(facts)
    return Ack.ACKNOWLEDGE if answer is Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND else answer


def looks_at_the_minimum_only_afterwards(facts: AckFacts) -> Ack:
    """Appends what it must refuse."""
    return Ack.APPEND if facts.next_offset is None else _right(facts)


def waits_for_one_record_more(facts: AckFacts) -> Ack:
    """Waits for a record that nobody may ever send."""
    shifted = None if facts.next_offset is None else facts.next_offset + 1
    return _right(replace(facts, next_offset=shifted))


def waits_for_one_record_less(facts: AckFacts) -> Ack:
    """Compares the high watermark with the last record's own offset."""
    shifted = None if facts.next_offset is None else facts.next_offset - 1
    return _right(replace(facts, next_offset=shifted))


def complains_before_it_is_committed(facts: AckFacts) -> Ack:
    """Answers too early that the set is too small: it may grow again."""
    few = facts.acks == _ALL and facts.isr_size < facts.min_insync_replicas
    if few and facts.next_offset is not None:
        return Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    return _right(facts)


def gives_the_same_error_twice(facts: AckFacts) -> Ack:
    """Says that nothing was appended, when it was."""
    answer = _right(facts)
    return Ack.NOT_ENOUGH_REPLICAS if answer is Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND else answer


def takes_the_minimum_for_too_few(facts: AckFacts) -> Ack:
    """Asks for one member more than the setting."""
    return _right(replace(facts, min_insync_replicas=facts.min_insync_replicas + 1))


def takes_the_minimum_for_a_quorum(facts: AckFacts) -> Ack:
    """Answers as soon as the minimum has it, as far as it can know: at once."""
    enough = facts.isr_size >= facts.min_insync_replicas
    if facts.next_offset is not None and facts.acks == _ALL and enough:
        return Ack.ACKNOWLEDGE
    return _right(facts)


def says_whether_and_not_what(facts: AckFacts) -> bool:
    """Answers True or False."""
    return _right(facts) in (Ack.APPEND, Ack.ACKNOWLEDGE)


WRONG = (
    Variant(takes_all_for_all_replicas, "R2", "what every member has is acknowledged"),
    Variant(takes_only_one_for_too_few, "R2", "all is refused before it is appended"),
    Variant(asks_for_one_more_before_it_appends, "R2", "all is appended where members are enough"),
    Variant(lets_zero_wait_for_its_answer, "R2", "zero and one wait for nobody"),
    Variant(acknowledges_at_the_log_end, "R1", "example 4"),
    Variant(asks_for_the_minimum_with_one, "R1", "example 1"),
    Variant(waits_with_one_too, "R1", "example 3"),
    Variant(waits_with_zero_too, "R2", "only all asks for the minimum"),
    Variant(looks_at_the_minimum_only_before, "R2", "a set that shrank meanwhile is told"),
    Variant(looks_at_the_minimum_only_afterwards, "R1", "example 2"),
    Variant(waits_for_one_record_more, "R1", "example 5"),
    Variant(waits_for_one_record_less, "R1", "example 4"),
    Variant(complains_before_it_is_committed, "R2", "all waits for the high watermark"),
    Variant(gives_the_same_error_twice, "R2", "a set that shrank meanwhile is told"),
    Variant(takes_the_minimum_for_too_few, "R2", "all is appended where members are enough"),
    Variant(takes_the_minimum_for_a_quorum, "R1", "example 4"),
    Variant(says_whether_and_not_what, "R0", "signature"),
)


def by_cases(facts: AckFacts) -> Ack:
    """Tells the four cases apart first."""
    enough = facts.isr_size >= facts.min_insync_replicas
    match (facts.acks, facts.next_offset):
        case (-1, None):
            return Ack.APPEND if enough else Ack.NOT_ENOUGH_REPLICAS
        case (_, None):
            return Ack.APPEND
        case (-1, int(end)) if end > facts.high_watermark:
            return Ack.WAIT
        case (-1, _) if not enough:
            return Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    return Ack.ACKNOWLEDGE


def by_a_table(facts: AckFacts) -> Ack:
    """Looks the answer up."""
    short = facts.isr_size < facts.min_insync_replicas
    if facts.next_offset is None:
        return (Ack.APPEND, Ack.NOT_ENOUGH_REPLICAS)[short and facts.acks == _ALL]
    table = {
        (True, False): Ack.ACKNOWLEDGE,
        (True, True): Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        (False, False): Ack.WAIT,
        (False, True): Ack.WAIT,
    }
    done = facts.high_watermark >= facts.next_offset
    return table[done, short] if facts.acks == _ALL else Ack.ACKNOWLEDGE


RIGHT = (by_cases, by_a_table)
