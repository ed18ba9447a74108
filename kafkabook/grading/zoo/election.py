"""Wrong elections, and right ones that are not ours."""

from collections.abc import Iterable
from dataclasses import replace

from kafkabook.cluster.election import Elected, ElectionFacts
from kafkabook.grading.zoo.variant import Variant


def _first(replicas: Iterable[int], among: Iterable[int]) -> int | None:
    allowed = set(among)
    return next((replica for replica in replicas if replica in allowed), None)


def _led(facts: ElectionFacts, leader: int, *, is_unclean: bool = False) -> Elected:
    isr = facts.isr if leader in facts.isr else frozenset({leader})
    return Elected(leader, is_unclean, isr, "elected")


def _right(facts: ElectionFacts, replicas: Iterable[int] = ()) -> Elected:
    trusted = (facts.isr or facts.elr) & facts.alive
    if facts.leader in trusted:
        return _led(facts, facts.leader)
    if (leader := _first(replicas or facts.replicas, trusted)) is not None:
        return _led(facts, leader)
    return _without_members(facts, replicas or facts.replicas)


def _without_members(facts: ElectionFacts, replicas: Iterable[int]) -> Elected:
    remembered = () if facts.isr or facts.elr else facts.last_known_elr
    if (leader := _first(remembered, facts.alive)) is not None:
        return _led(facts, leader, is_unclean=True)
    if facts.is_unclean_allowed and (leader := _first(replicas, facts.alive)) is not None:
        return _led(facts, leader, is_unclean=True)
    return Elected(None, False, facts.isr, "nobody may lead")


def elects_the_lowest_id(facts: ElectionFacts) -> Elected:
    """Sorts what has an order already."""
    return _right(facts, sorted(facts.replicas))


def sorts_the_elr(facts: ElectionFacts) -> Elected:
    """Keeps the order of the replicas for the ISR only."""
    return _right(facts) if facts.isr else _right(facts, sorted(facts.replicas))


def trusts_anybody_when_the_isr_is_empty(facts: ElectionFacts) -> Elected:
    """Takes an empty ISR for a permission."""
    return _right(replace(facts, is_unclean_allowed=facts.is_unclean_allowed or not facts.isr))


def loses_to_the_lowest_id(facts: ElectionFacts) -> Elected:
    """Keeps the order of the replicas for a clean election only."""
    answer = _right(facts)
    remembered = () if facts.isr or facts.elr else facts.last_known_elr
    if not answer.is_unclean or answer.leader in remembered:
        return answer
    return _without_members(facts, sorted(facts.replicas))


def elects_the_dead(facts: ElectionFacts) -> Elected:
    """Would rather have a dead leader than none."""
    answer = _right(facts)
    if facts.alive & set(facts.replicas):
        return answer
    return replace(answer, leader=facts.replicas[0])


def elects_the_longest_log(facts: ElectionFacts) -> Elected:
    """Compares log ends, which a controller of Kafka is never told."""
    ends = dict(zip(facts.replicas, facts.log_ends, strict=False))
    return _right(facts, sorted(facts.replicas, key=lambda broker: -ends.get(broker, 0)))


def elects_uncleanly_by_default(facts: ElectionFacts) -> Elected:
    """Takes any live replica before it goes offline."""
    return _right(replace(facts, is_unclean_allowed=True))


def elects_who_is_shutting_down(facts: ElectionFacts) -> Elected:
    """Takes whoever answers for alive."""
    return _right(replace(facts, alive=facts.alive | facts.shutting_down))


def always_goes_back_to_the_preferred_leader(facts: ElectionFacts) -> Elected:
    """Moves the leadership when nothing has happened."""
    return _right(replace(facts, leader=None))


def elects_any_live_replica(facts: ElectionFacts) -> Elected:
    """Forgets to ask who is in sync."""
    return _right(replace(facts, isr=frozenset(facts.replicas)))


def knows_no_elr(facts: ElectionFacts) -> Elected:
    """Goes offline where the ISR is empty, though others hold all that is committed."""
    return _right(replace(facts, elr=frozenset()))


def counts_the_elr_for_a_loss(facts: ElectionFacts) -> Elected:
    """Flags an election from the ELR."""
    answer = _right(facts)
    return replace(answer, is_unclean=answer.is_unclean or answer.leader in facts.elr)


def does_not_flag_a_loss(facts: ElectionFacts) -> Elected:
    """Loses records and does not say so."""
    return replace(_right(facts), is_unclean=False)


def keeps_the_old_set_after_a_loss(facts: ElectionFacts) -> Elected:
    """Lets dead members lead later, with another log."""
    answer = _right(facts)
    isr = facts.isr | {answer.leader} if answer.leader is not None else facts.isr
    return replace(answer, isr=isr)


def shrinks_the_set_to_the_living(facts: ElectionFacts) -> Elected:
    """Does what is another decision of the controller."""
    answer = _right(facts)
    return replace(answer, isr=answer.isr & facts.alive or answer.isr)


def looks_at_the_first_replica_only(facts: ElectionFacts) -> Elected:
    """Gives up when the first member is dead."""
    heads = [replica for replica in facts.replicas if replica in (facts.isr or facts.elr)][:1]
    trusted = facts.isr | facts.elr
    if facts.leader in trusted & facts.alive:
        return _right(facts)
    if trusted & facts.alive and not set(heads) <= facts.alive:
        return Elected(None, False, facts.isr, "the first member is dead")
    return _right(facts)


def loses_uncleanly_where_it_need_not(facts: ElectionFacts) -> Elected:
    """Takes the permission to lose for a wish."""
    if facts.is_unclean_allowed and facts.alive & set(facts.replicas):
        leader = _first(facts.replicas, facts.alive)
        return Elected(leader, True, frozenset({leader or 0}), "unclean")
    return _right(facts)


def forgets_the_last_known_leader(facts: ElectionFacts) -> Elected:
    """Stays offline where the last known leader is back."""
    return _right(replace(facts, last_known_elr=()))


def puts_zero_for_nobody(facts: ElectionFacts) -> Elected:
    """Answers with a number where there is no leader."""
    answer = _right(facts)
    return replace(answer, leader=answer.leader or 0)


WRONG = (
    Variant(elects_the_lowest_id, "R2", "the first live member in order leads"),
    Variant(sorts_the_elr, "R2", "an empty set gives way to the elr"),
    Variant(trusts_anybody_when_the_isr_is_empty, "R2", "offline is better than a loss"),
    Variant(loses_to_the_lowest_id, "R2", "an unclean leader is flagged and alone"),
    Variant(elects_the_dead, "R2", "without a live replica nobody leads"),
    Variant(elects_the_longest_log, "R2", "the length of a log does not count"),
    Variant(elects_uncleanly_by_default, "R1", "example 5"),
    Variant(elects_who_is_shutting_down, "R2", "who shuts down is not elected"),
    Variant(always_goes_back_to_the_preferred_leader, "R2", "a leader that may lead stays"),
    Variant(elects_any_live_replica, "R1", "example 3"),
    Variant(knows_no_elr, "R1", "example 4"),
    Variant(counts_the_elr_for_a_loss, "R1", "example 4"),
    Variant(does_not_flag_a_loss, "R1", "example 6"),
    Variant(keeps_the_old_set_after_a_loss, "R1", "example 6"),
    Variant(shrinks_the_set_to_the_living, "R1", "example 2"),
    Variant(looks_at_the_first_replica_only, "R1", "example 2"),
    Variant(
        loses_uncleanly_where_it_need_not,
        "R2",
        "a clean leader is preferred where a loss is allowed",
    ),
    Variant(forgets_the_last_known_leader, "R2", "the last known leader comes back"),
    Variant(puts_zero_for_nobody, "R1", "example 5"),
)


def by_asking_each_replica(facts: ElectionFacts) -> Elected:
    """Tries the replicas one after another, first with the strict question, then with others."""
    if facts.leader is not None and _may_lead(facts, facts.leader):
        return Elected(facts.leader, False, facts.isr | {facts.leader}, "it stays")
    for replica in facts.replicas:
        if _may_lead(facts, replica):
            isr = facts.isr if facts.isr else frozenset({replica})
            return Elected(replica, False, isr, "it holds all that is committed")
    hopes = facts.replicas if facts.is_unclean_allowed else ()
    if not facts.isr | facts.elr and len(facts.last_known_elr) == 1:
        hopes = (*facts.last_known_elr, *hopes)
    for replica in hopes:
        if replica in facts.alive:
            return Elected(replica, True, frozenset({replica}), "something may be lost")
    return Elected(None, False, facts.isr, "")


def _may_lead(facts: ElectionFacts, replica: int) -> bool:
    is_trusted = replica in facts.isr or (not facts.isr and replica in facts.elr)
    return is_trusted and replica in facts.alive


def by_ranking(facts: ElectionFacts) -> Elected:
    """Gives each replica a rank and takes the best one."""
    members = facts.isr or facts.elr
    forgotten = facts.isr | facts.elr

    def rank(replica: int) -> int:
        if replica in members:
            return 0 if replica == facts.leader else 1
        if not forgotten and (replica,) == facts.last_known_elr:
            return 2
        return 3 if facts.is_unclean_allowed else 4

    best = min((r for r in facts.replicas if r in facts.alive), key=rank, default=None)
    if best is None or rank(best) == 4:
        return Elected(None, False, facts.isr, "offline")
    isr = facts.isr if best in facts.isr else frozenset([best])
    return Elected(best, rank(best) > 1, isr, "the best of the living")


RIGHT = (by_asking_each_replica, by_ranking)
