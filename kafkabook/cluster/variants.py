"""A controller that is wrong in one place: each bug a part, and the checker that must catch it.

The checkers were named before the bug was ever run; `kafkabook.replication.variants` holds the bugs
of brokers.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kafkabook.base.seeded_bug import SeededBug, seeded_bug
from kafkabook.cluster.election import Elected, ElectionFacts, ElectionReason
from kafkabook.cluster.metadata import Registration
from kafkabook.cluster.rules import ClusterRules, Refusal, check_alteration
from kafkabook.protocol.control_api import BrokerRegistrationRequest, ProposedIsr
from kafkabook.replication.facts import PartitionState


def build_on_any_set(
    request: ProposedIsr, state: PartitionState, brokers: Mapping[int, Registration]
) -> Refusal:
    """M9: a proposal may build on a set that has changed since. Caught by C13."""
    return check_alteration(replace(request, partition_epoch=state.partition_epoch), state, brokers)


def believe_any_incarnation(
    request: ProposedIsr, state: PartitionState, brokers: Mapping[int, Registration]
) -> Refusal:
    """M10: what a member proved in an earlier incarnation counts in this one (R18)."""
    members = tuple((broker, -1) for broker, _ in request.isr)
    known = brokers.get(request.broker)
    epoch = request.broker_epoch if known is None else known.broker_epoch
    return check_alteration(replace(request, isr=members, broker_epoch=epoch), state, brokers)


def register_anybody(
    request: BrokerRegistrationRequest,  # noqa: ARG001
    known: Registration | None,  # noqa: ARG001
) -> Refusal:
    """M12: a second process takes the id of one that is still heard of. Caught by C13."""
    return None


def elect_from_all(facts: ElectionFacts) -> Elected:
    """M16: the first live replica leads, in sync or not. Caught by R8."""
    for replica in facts.replicas:
        if replica in facts.alive:
            isr = facts.isr if replica in facts.isr else frozenset({replica})
            return Elected(replica, False, isr, ElectionReason.IN_SYNC)
    return Elected(None, False, facts.isr, ElectionReason.OFFLINE)


def trust_every_tail(
    request: BrokerRegistrationRequest,  # noqa: ARG001
    known: Registration | None,  # noqa: ARG001
) -> bool:
    """M17: who lost power stays eligible, although its tail may be gone. Caught by R11."""
    return False


BUGS: Mapping[str, SeededBug[ClusterRules]] = MappingProxyType(
    {
        "M9": seeded_bug(
            "a proposal that builds on an older ISR is accepted",
            "C13",
            check_alteration=build_on_any_set,
        ),
        "M10": seeded_bug(
            "a member is taken in by what it had before it was restarted",
            "R18",
            check_alteration=believe_any_incarnation,
        ),
        "M12": seeded_bug(
            "a second process is registered under the id of a living one",
            "C13",
            check_registration=register_anybody,
        ),
        "M16": seeded_bug("any live replica may be elected", "R8", elect=elect_from_all),
        "M17": seeded_bug(
            "who comes back from an unclean shutdown stays eligible",
            "R11",
            lost_its_tail=trust_every_tail,
        ),
    }
)
