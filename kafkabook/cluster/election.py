"""Who leads a partition when its leader is gone, and which replicas may still be trusted.

`elect` is the choice itself. `change_isr` is one whole decision of a controller around it: the
eligible leader replicas first, then the choice, then what the choice does to both sets.

Source: KIP-966 (eligible leader replicas), KIP-841 (fenced and stopping brokers leave the ISR);
kafka, metadata `PartitionChangeBuilder.java`, `ReplicationControlManager.java`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from kafkabook.base.in_order import repr_in_order
from kafkabook.base.quick_init import with_quick_init

NOBODY: frozenset[int] = frozenset()


@with_quick_init
@dataclass(frozen=True, slots=True)
class ElectionFacts:
    """What a controller knows of a partition when it looks for a leader; numbers are broker ids.

    Args:
        replicas: in the order of assignment, the preferred leader first.
        isr: the in-sync replicas; empty only where eligible leader replicas are enabled.
        elr: eligible leader replicas: no longer in sync, yet known to hold all that is committed.
        last_known_elr: who led last, remembered since the ISR became empty; otherwise nothing.
        leader: who leads, dead or alive; None if nobody does.
        alive: brokers that are neither fenced nor shutting down.
        is_unclean_allowed: the topic's `unclean.leader.election.enable`.
        shutting_down: brokers in controlled shutdown: they still answer, and are not in `alive`.
        log_ends: end of the log of each of `replicas`, if somebody told. A controller of Kafka is
            never told, so no rule of Kafka reads it.
    """

    __repr__ = repr_in_order

    replicas: tuple[int, ...]
    isr: frozenset[int]
    elr: frozenset[int] = NOBODY
    last_known_elr: tuple[int, ...] = ()
    leader: int | None = None
    alive: frozenset[int] = NOBODY
    is_unclean_allowed: bool = False
    shutting_down: frozenset[int] = NOBODY
    log_ends: tuple[int, ...] = ()


class ElectionReason(StrEnum):
    """Why this replica leads, or why nobody does."""

    STAYS = "the leader stays"
    PREFERRED = "the preferred leader may lead"
    IN_SYNC = "the first live member of the ISR leads"
    ELIGIBLE = "the ISR is empty, so the first live member of the ELR leads"
    LAST_KNOWN = "ISR and ELR are empty: the last known leader is alive"
    UNCLEAN = "unclean: the first live replica leads"
    OFFLINE = "no live replica may lead"


@dataclass(frozen=True, slots=True)
class Elected:
    """The answer of an election.

    Args:
        leader: None if no replica may lead: the partition is offline.
        is_unclean: the leader may lack committed records.
        isr: the in-sync replicas from now on; a leader is always one of them.
        reason: why, in words; ours are those of `ElectionReason`.
    """

    leader: int | None
    is_unclean: bool
    isr: frozenset[int]
    reason: str


Elect = Callable[[ElectionFacts], Elected]


def elect(facts: ElectionFacts) -> Elected:
    """Keep the partition online, and lose nothing that is committed unless the topic allows it.

    Between replicas that may lead the order of assignment decides, never the length of a log: each
    of them holds all that is committed.

    Cost: O(replicas).
    Source: kafka, `PartitionChangeBuilder.java` `electAnyLeader`.

    >>> facts = ElectionFacts((1, 2, 3), isr=frozenset({1, 3}), leader=1, alive=frozenset({2, 3}))
    >>> elect(facts).leader, elect(facts).reason.value
    (3, 'the first live member of the ISR leads')
    """
    trusted = facts.isr or facts.elr
    if facts.leader is not None and facts.leader in trusted & facts.alive:
        return _led_by(facts.leader, facts, ElectionReason.STAYS)
    for reason, candidates in _best_first(facts, trusted):
        for replica in candidates:
            if replica in facts.alive:
                return _led_by(replica, facts, reason)
    return Elected(None, False, facts.isr, ElectionReason.OFFLINE)


Candidates = tuple[ElectionReason, tuple[int, ...]]


def _best_first(facts: ElectionFacts, trusted: frozenset[int]) -> Iterator[Candidates]:
    in_order = tuple(replica for replica in facts.replicas if replica in trusted)
    yield ElectionReason.IN_SYNC if facts.isr else ElectionReason.ELIGIBLE, in_order
    if not trusted and len(facts.last_known_elr) == 1:
        yield ElectionReason.LAST_KNOWN, facts.last_known_elr
    if facts.is_unclean_allowed:
        yield ElectionReason.UNCLEAN, facts.replicas


def elect_preferred(facts: ElectionFacts) -> Elected:
    """Give the leadership to the preferred leader if it may lead; else elect, never uncleanly.

    Source: kafka, `PartitionChangeBuilder.java` `electPreferredLeader`.
    """
    preferred = facts.replicas[0]
    if preferred in (facts.isr or facts.elr) & facts.alive:
        return _led_by(preferred, facts, ElectionReason.PREFERRED)
    return elect(replace(facts, is_unclean_allowed=False))


def elect_unclean(facts: ElectionFacts) -> Elected:
    """Elect as if the topic allowed a loss: what an operator asks for when nothing else is left.

    Simplified: Kafka refuses the request (ELECTION_NOT_NEEDED) while a leader is there; so should
    whoever calls this.
    """
    return elect(replace(facts, is_unclean_allowed=True))


def _led_by(replica: int, facts: ElectionFacts, reason: ElectionReason) -> Elected:
    """Whoever leads from outside the ISR is alone in it: all others must follow its log."""
    isr = facts.isr if replica in facts.isr else frozenset({replica})
    is_unclean = reason in {ElectionReason.LAST_KNOWN, ElectionReason.UNCLEAN}
    return Elected(replica, is_unclean, isr, reason)


def isr_without(
    isr: frozenset[int], gone: Iterable[int], *, is_elr_enabled: bool = True
) -> frozenset[int]:
    """Return the ISR after brokers were fenced, began to shut down, or came back without a tail.

    Its last member used to stay in it, whatever became of that broker's log, for otherwise nobody
    could ever be elected. With eligible leader replicas the ISR may become empty, since these are
    kept apart and lose whoever comes back from an unclean shutdown.

    >>> isr_without(frozenset({1}), {1}), isr_without(frozenset({1}), {1}, is_elr_enabled=False)
    (frozenset(), frozenset({1}))
    """
    remaining = isr.difference(gone)
    return remaining if remaining or is_elr_enabled else isr


def next_elr(
    *,
    old_isr: frozenset[int],
    new_isr: frozenset[int],
    elr: frozenset[int],
    min_insync_replicas: int,
    unclean_shutdown: frozenset[int] = NOBODY,
    is_elr_enabled: bool = True,
) -> frozenset[int]:
    """Return who may lead although not in sync, once the ISR is `new_isr`; before any election.

    While the ISR is smaller than `min_insync_replicas` nothing is committed, so whoever leaves it
    still holds all that is; unless its machine died and its log lost what was not flushed. As soon
    as the ISR is large enough, records are committed without the others, and the list is void.

    Source: KIP-966; kafka, `PartitionChangeBuilder.java` `maybePopulateTargetElr`.

    >>> one, two = frozenset({1}), frozenset({1, 2})
    >>> next_elr(old_isr=two, new_isr=one, elr=frozenset(), min_insync_replicas=2)
    frozenset({2})
    """
    if not is_elr_enabled or len(new_isr) >= min_insync_replicas:
        return NOBODY
    return (elr | old_isr) - new_isr - unclean_shutdown


@dataclass(frozen=True, slots=True)
class PartitionChange:
    """What one decision makes of a partition; fields as in `ElectionFacts` and `Elected`."""

    leader: int | None
    isr: frozenset[int]
    elr: frozenset[int]
    last_known_elr: tuple[int, ...]
    is_unclean: bool
    reason: str


def change_isr(
    facts: ElectionFacts,
    new_isr: frozenset[int],
    *,
    min_insync_replicas: int,
    unclean_shutdown: frozenset[int] = NOBODY,
    is_elr_enabled: bool = True,
    elect: Elect = elect,
) -> PartitionChange:
    """Decide all that follows when the ISR of `facts` is to be `new_isr`, which may be the same.

    Args:
        facts: the partition as it was, and who is alive now.
        new_isr: see `isr_without` for brokers that go; a leader's proposal comes as it is.
        min_insync_replicas: the topic's `min.insync.replicas`.
        unclean_shutdown: brokers that are back from an unclean shutdown; not alive yet.
        is_elr_enabled: the feature `eligible.leader.replicas.version` is 1.
        elect: the rule that chooses.

    Returns:
        The partition afterwards. A new leader means a new leader epoch; `is_unclean` that the
        leader has to recover first. Both are the caller's to record.

    Simplified: no reassignment, and no directories that failed. Kafka at first keeps the ELR where
    a leader from it is a large enough ISR alone, because the minimum was lowered meanwhile.
    Source: kafka, `PartitionChangeBuilder.java` `build`.
    """
    elr = next_elr(
        old_isr=facts.isr,
        new_isr=new_isr,
        elr=facts.elr,
        min_insync_replicas=min_insync_replicas,
        unclean_shutdown=unclean_shutdown,
        is_elr_enabled=is_elr_enabled,
    )
    elected = elect(replace(facts, isr=new_isr, elr=elr))
    is_elr_void = elected.is_unclean or len(elected.isr) >= min_insync_replicas
    return PartitionChange(
        leader=elected.leader,
        isr=elected.isr,
        elr=NOBODY if is_elr_void else elr - elected.isr,
        last_known_elr=_last_known(facts, elected),
        is_unclean=elected.is_unclean,
        reason=elected.reason,
    )


def _last_known(facts: ElectionFacts, elected: Elected) -> tuple[int, ...]:
    """Remember who led when the ISR becomes empty, until somebody leads again."""
    if elected.leader is not None:
        return ()
    became_empty = facts.isr and not elected.isr
    if became_empty and facts.leader is not None:
        return (facts.leader,)
    return facts.last_known_elr
