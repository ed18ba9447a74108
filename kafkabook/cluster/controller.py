"""The controller: it decides in records, and everybody who replays them knows the same.

Source: kafka, metadata `QuorumController.java`; KIP-500, KIP-631; notes, Part 1 ch 01 §03 and §07.
"""

from collections.abc import Callable, Hashable, Iterable

from kafkabook.base.errors import Errors
from kafkabook.base.trace import Event, Trace
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.election import elect_preferred
from kafkabook.cluster.events import (
    AlterPartitionAccepted,
    AlterPartitionRefused,
    BrokerFenced,
    BrokerRegistered,
    BrokerUnfenced,
    MetadataSentAgain,
    RegistrationRefused,
)
from kafkabook.cluster.leader_balance import to_rebalance
from kafkabook.cluster.metadata import (
    BrokerRegistrationChangeRecord,
    ClusterImage,
    Record,
    RegisterBrokerRecord,
)
from kafkabook.cluster.partitions import PartitionDecisions
from kafkabook.cluster.rules import ClusterRules
from kafkabook.cluster.told import told_by
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
    MetadataUpdate,
)
from kafkabook.sim.effects import Address, Effect, Outbox, Send, Wake


class Controller:
    """One controller. A request yields records and an answer; `replay` alone changes the image.

    Args:
        config, rules: how it decides. trace: where it tells what it decided.

    Simplified: it does not fail, and its log is not replicated; the quorum of controllers (KIP-595)
    is another chapter. It sends every record to every broker instead of being fetched from.
    Source: kafka, `QuorumController.java`, `ClusterControlManager.java`.
    """

    def __init__(self, *, config: ClusterConfig, rules: ClusterRules, trace: Trace) -> None:
        self.config, self.rules, self.trace = config, rules, trace
        self.image = ClusterImage()
        self.log: list[Record] = []
        self.decisions = PartitionDecisions(self.image, config=config, rules=rules)
        self.now_ms = 0
        self._out = Outbox()
        self._pushed_ms: dict[int, int] = {}
        self._handlers: dict[type, Callable[..., None]] = {
            BrokerRegistrationRequest: self._register,
            BrokerHeartbeatRequest: self._heartbeat,
            AlterPartitionRequest: self._alter_partition,
        }

    def start(self) -> Iterable[Effect]:
        """Arm what happens every now and then."""
        self._arm_periodic()
        return self._out.take()

    def receive(self, message: object, *, sender: Address, now_ms: int) -> Iterable[Effect]:
        """Take one message."""
        self.now_ms = now_ms
        handler = self._handlers.get(type(message))
        if handler is not None:
            handler(message, sender)
        return self._out.take()

    def wake(self, timer: Hashable, *, now_ms: int) -> Iterable[Effect]:
        """Take one timer."""
        self.now_ms = now_ms
        match timer:
            case ("session", int(broker)):
                self._session_over(broker)
            case "imbalance":
                self._rebalance_leaders()
            case "unclean":
                self.commit(self.decisions.leaderless())
                self._arm("unclean", self.config.unclean_leader_election_interval_ms)
        return self._out.take()

    def commit(self, records: Iterable[Record]) -> None:
        """Write records to the log, replay them, and tell every broker."""
        first = self.image.offset
        written = tuple(records)
        for record in written:
            self.log.append(record)
            before = self.image.partitions.get(getattr(record, "partition", ""))
            self.image.replay(record)
            self._tell(told_by(record, before, self.image, self.decisions))
        if written:
            for broker in sorted(self.image.brokers):
                self._push(broker, first)

    def tell(self, event: Event) -> None:
        """Add an event to the trace."""
        self.trace.emit(event, at_ms=self.now_ms)

    def take_effects(self) -> list[Effect]:
        """Return what a command of an administrator caused; the lab carries it out."""
        return self._out.take()

    def _tell(self, event: Event | None) -> None:
        if event is not None:
            self.tell(event)

    def _push(self, broker: int, first: int) -> None:
        self._pushed_ms[broker] = self.now_ms
        self._out.append(Send(broker, MetadataUpdate(first, tuple(self.log[first:]))))

    def _arm(self, timer: Hashable, after_ms: int) -> None:
        self._out.append(Wake(timer, after_ms))

    def _arm_periodic(self) -> None:
        if self.config.auto_leader_rebalance_enable:
            self._arm("imbalance", self.config.leader_imbalance_check_interval_seconds * 1_000)
        self._arm("unclean", self.config.unclean_leader_election_interval_ms)

    # --- brokers -------------------------------------------------------------------------------

    def _register(self, request: BrokerRegistrationRequest, sender: Address) -> None:
        """Give a broker's new life an epoch; one that lost its tail is trusted nowhere."""
        known = self.image.brokers.get(request.broker)
        refusal = self.rules.check_registration(request, known)
        if refusal is not None:
            error = refusal.name
            self.tell(RegistrationRefused(request.broker, request.incarnation, error))
            answer = BrokerRegistrationResponse(request.incarnation, error=error)
            self._out.append(Send(sender, answer))
            return
        if known is not None and known.incarnation == request.incarnation:
            self._answer_registration(request, known.broker_epoch, sender)
            return
        lost_tail = self.rules.lost_its_tail(request, known)
        if lost_tail and self.rules.is_elr_enabled:
            why = f"broker {request.broker} is back from an unclean shutdown"
            self.commit(list(self.decisions.without(request.broker, why, lost_tail=True)))
        elif known is not None and not known.is_fenced:
            why = f"broker {request.broker} was restarted"
            self.commit(list(self.decisions.without(request.broker, why)))
        epoch = self.image.offset + 1
        was_alive = known is not None and known.is_active
        told = BrokerRegistered(
            request.broker, epoch, request.incarnation, not lost_tail, was_alive
        )
        self.commit(
            [RegisterBrokerRecord(request.broker, epoch, request.incarnation, request.rack)]
        )
        self.tell(told)
        self._answer_registration(request, epoch, sender)

    def _answer_registration(
        self, request: BrokerRegistrationRequest, epoch: int, sender: Address
    ) -> None:
        self._out.append(Send(sender, BrokerRegistrationResponse(request.incarnation, epoch)))
        self._push(request.broker, 0)
        self._arm(("session", request.broker), self.config.broker_session_timeout_ms)

    def _heartbeat(self, request: BrokerHeartbeatRequest, sender: Address) -> None:
        """A broker lives: unfence it once it has caught up, or let it go if it wants to."""
        known = self.image.brokers.get(request.broker)
        if known is None or known.broker_epoch != request.broker_epoch:
            error = Errors.STALE_BROKER_EPOCH.name
            self._out.append(Send(sender, BrokerHeartbeatResponse(error=error)))
            return
        self._arm(("session", request.broker), self.config.broker_session_timeout_ms)
        if request.wants_shut_down:
            self._begin_shut_down(request.broker)
        elif known.is_fenced and request.metadata_offset >= known.broker_epoch:
            self._unfence(request.broker)
        self._repair(request)
        may_stop = self._may_stop(request)
        if may_stop and not known.is_fenced:
            self._fence(request.broker, "it has shut down")
        is_fenced = self.image.brokers[request.broker].is_fenced
        self._out.append(Send(sender, BrokerHeartbeatResponse(is_fenced, may_stop)))

    def _repair(self, request: BrokerHeartbeatRequest) -> None:
        """Send again what a broker lacks, unless it was sent a moment ago."""
        waited_ms = self.now_ms - self._pushed_ms.get(request.broker, 0)
        is_due = waited_ms * 2 >= self.config.broker_heartbeat_interval_ms
        if request.metadata_offset < self.image.offset and is_due:
            self.tell(MetadataSentAgain(request.broker, request.metadata_offset))
            self._push(request.broker, request.metadata_offset)

    def _unfence(self, broker: int) -> None:
        epoch = self.image.brokers[broker].broker_epoch
        change = BrokerRegistrationChangeRecord(broker, epoch, is_fenced=False)
        self.tell(BrokerUnfenced(broker))
        self.commit([change, *self.decisions.with_back(broker)])

    def _session_over(self, broker: int) -> None:
        """A broker has not been heard of for too long."""
        if not self.image.brokers[broker].is_fenced:
            self._fence(broker, "its session timed out")

    def _fence(self, broker: int, why: str) -> None:
        self.tell(BrokerFenced(broker, why))
        epoch = self.image.brokers[broker].broker_epoch
        change = BrokerRegistrationChangeRecord(broker, epoch, is_fenced=True)
        self.commit([*self.decisions.without(broker, f"broker {broker} was fenced"), change])

    def _begin_shut_down(self, broker: int) -> None:
        """Move leadership away first; only then may the broker stop."""
        known = self.image.brokers[broker]
        if not known.is_active:
            return
        change = BrokerRegistrationChangeRecord(broker, known.broker_epoch, False, True)
        why = f"broker {broker} is shutting down"
        self.commit([change, *self.decisions.without(broker, why)])

    def _may_stop(self, request: BrokerHeartbeatRequest) -> bool:
        """A broker may stop once it leads nothing and knows so; a fenced one leads nothing.

        Simplified: Kafka does not ask whether it knows so, but whether every other live broker
        does; and one that led nothing when it asked may stop at once.
        Source: kafka, BrokerHeartbeatManager `calculateNextBrokerState`.
        """
        known = self.image.brokers[request.broker]
        if known.is_fenced:
            return request.wants_shut_down
        has_all = request.metadata_offset >= self.image.offset
        leads = any(s.leader == request.broker for s in self.image.partitions.values())
        return known.is_shutting_down and has_all and not leads

    # --- partitions ----------------------------------------------------------------------------

    def _alter_partition(self, request: AlterPartitionRequest, sender: Address) -> None:
        """Take a leader's proposal of another in-sync set, or say why not."""
        state = self.image.partitions.get(request.partition)
        members = frozenset(broker for broker, _ in request.isr)
        refusal: Errors | None = Errors.UNKNOWN_TOPIC_ID
        if state is not None and self.image.is_of(request.partition, request.topic_id):
            refusal = self.rules.check_alteration(request, state, self.image.brokers)
        if refusal is not None:
            self._refuse(request, members, refusal, sender)
            return
        self.tell(self._accepted(request, members))
        why = f"broker {request.broker} proposed it"
        self.commit(list(self.decisions.change(request.partition, members, why=why)))
        now = self.image.partitions[request.partition]
        epochs, isr = (now.leader_epoch, now.partition_epoch), tuple(sorted(now.isr))
        answer = AlterPartitionResponse(request.partition, *epochs, isr, number=request.number)
        self._out.append(Send(sender, answer))

    def _accepted(
        self, request: AlterPartitionRequest, members: frozenset[int]
    ) -> AlterPartitionAccepted:
        brokers, state = self.image.brokers, self.image.partitions[request.partition]
        return AlterPartitionAccepted(
            request.partition,
            request.broker,
            members,
            request.broker_epoch,
            brokers[request.broker].broker_epoch,
            request.partition_epoch,
            state.partition_epoch,
            tuple((b, e, brokers[b].broker_epoch) for b, e in request.isr),
        )

    def _refuse(
        self,
        request: AlterPartitionRequest,
        members: frozenset[int],
        why: Errors,
        sender: Address,
    ) -> None:
        name = why.name
        self.tell(AlterPartitionRefused(request.partition, request.broker, members, name))
        epochs = request.leader_epoch, request.partition_epoch
        answer = AlterPartitionResponse(request.partition, *epochs, (), name, request.number)
        self._out.append(Send(sender, answer))

    def _rebalance_leaders(self) -> None:
        """Give leadership back to the preferred leaders, where they may lead.

        Simplified: also in 2.x, where a controller did so above 10 percent of a broker's partitions
        only (`to_rebalance_legacy`).
        """
        for name in to_rebalance(self.image.partitions):
            isr = self.image.partitions[name].isr
            why = "the leaders are out of balance"
            self.commit(self.decisions.change(name, isr, why=why, elect=elect_preferred))
        self._arm("imbalance", self.config.leader_imbalance_check_interval_seconds * 1_000)
