"""Which brokers there are: registered, heard of, fenced, unfenced, let go.

Source: kafka, metadata `ClusterControlManager.java`, `BrokerHeartbeatManager.java`; KIP-631,
KIP-903, KIP-966.
"""

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Component, Context, Handler, TimerHandler
from kafkabook.cluster.events import (
    BrokerFenced,
    BrokerRegistered,
    BrokerUnfenced,
    MetadataSentAgain,
    RegistrationRefused,
)
from kafkabook.cluster.metadata import (
    BrokerRegistrationChangeRecord,
    RegisterBrokerRecord,
    Registration,
)
from kafkabook.cluster.metadata_log import MetadataLog
from kafkabook.protocol.control_api import (
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
)


class ClusterControl(Component):
    """Decides on brokers, in records of the metadata log.

    Args:
        log: where decisions are written.
    """

    def __init__(self, log: MetadataLog) -> None:
        self._log, self._image = log, log.image

    def handlers(self) -> dict[type, Handler]:
        """Answer two APIs of brokers."""
        return {BrokerRegistrationRequest: self._register, BrokerHeartbeatRequest: self._heartbeat}

    def timers(self) -> dict[str, TimerHandler]:
        """Notice who is not heard of any more."""
        return {"session": self._session_over}

    # --- registration ----------------------------------------------------------------------------

    def _register(
        self, request: BrokerRegistrationRequest, context: Context
    ) -> BrokerRegistrationResponse:
        """Give a broker's new incarnation an epoch; one that lost its tail is trusted nowhere.

        Refused or not, it learns the metadata: it may find that it still leads, behind a port that
        is closed, and begins that leader epoch anew in its log.

        Source: kafka, core `BrokerServer.scala` `startup`, `MetadataLoader.java`
        `stillNeedToCatchUp`.
        """
        known = self._image.brokers.get(request.broker)
        refusal = self._log.rules.check_registration(request, known)
        if refusal is not None:
            context.tell(RegistrationRefused(request.broker, request.incarnation, refusal.name))
            if self._log.rules.is_metadata_fetched:
                self._log.send_from(0, request.broker, context)
            return BrokerRegistrationResponse(request.incarnation, error=refusal)
        if known is not None and known.incarnation == request.incarnation:
            epoch = known.broker_epoch
        else:
            epoch = self._admit(request, known, context)
        self._log.send_from(0, request.broker, context)
        self._expect(request.broker, context)
        return BrokerRegistrationResponse(request.incarnation, epoch)

    def _admit(
        self, request: BrokerRegistrationRequest, known: Registration | None, context: Context
    ) -> int:
        """Take the broker out of the sets where it is trusted no more, then write its epoch."""
        broker, incarnation = request.broker, request.incarnation
        decisions, lost_tail = self._log.decisions, self._log.rules.lost_its_tail(request, known)
        if lost_tail and self._log.rules.is_elr_enabled:
            why = f"broker {broker} is back from an unclean shutdown"
            self._log.commit(list(decisions.without(broker, why, lost_tail=True)), context)
        elif known is not None and not known.is_fenced:
            why = f"broker {broker} was restarted"
            self._log.commit(list(decisions.without(broker, why)), context)
        epoch = self._image.offset + 1
        was_alive = known is not None and known.is_active
        record = RegisterBrokerRecord(broker, epoch, incarnation, request.rack)
        self._log.commit([record], context)
        context.tell(BrokerRegistered(broker, epoch, incarnation, not lost_tail, was_alive))
        return epoch

    # --- heartbeats ------------------------------------------------------------------------------

    def _heartbeat(
        self, request: BrokerHeartbeatRequest, context: Context
    ) -> BrokerHeartbeatResponse:
        """A broker is alive: unfence it once it has caught up, or let it go if it wants to."""
        known = self._image.brokers.get(request.broker)
        if known is None or known.broker_epoch != request.broker_epoch:
            return BrokerHeartbeatResponse(error=Errors.STALE_BROKER_EPOCH)
        self._expect(request.broker, context)
        if request.wants_shut_down:
            self._begin_shut_down(request.broker, context)
        elif known.is_fenced and request.metadata_offset >= known.broker_epoch:
            self._unfence(request.broker, context)
        self._repair(request, context)
        may_stop = self._may_stop(request)
        if may_stop and not known.is_fenced:
            self._fence(request.broker, "it has shut down", context)
        return BrokerHeartbeatResponse(self._image.brokers[request.broker].is_fenced, may_stop)

    def _expect(self, broker: int, context: Context) -> None:
        context.wake(("session", broker), self._log.config.broker_session_timeout_ms)

    def _repair(self, request: BrokerHeartbeatRequest, context: Context) -> None:
        """Send again what a broker lacks, unless it was sent a moment ago."""
        lacks = request.metadata_offset < self._image.offset
        if lacks and self._log.is_overdue(request.broker, context.now_ms):
            context.tell(MetadataSentAgain(request.broker, request.metadata_offset))
            self._log.send_from(request.metadata_offset, request.broker, context)

    def _unfence(self, broker: int, context: Context) -> None:
        epoch = self._image.brokers[broker].broker_epoch
        change = BrokerRegistrationChangeRecord(broker, epoch, is_fenced=False)
        context.tell(BrokerUnfenced(broker))
        self._log.commit([change, *self._log.decisions.with_back(broker)], context)

    def _session_over(self, broker: int, context: Context) -> None:
        """A broker has not been heard of for too long."""
        if not self._image.brokers[broker].is_fenced:
            self._fence(broker, "its session timed out", context)

    def _fence(self, broker: int, why: str, context: Context) -> None:
        context.tell(BrokerFenced(broker, why))
        epoch = self._image.brokers[broker].broker_epoch
        change = BrokerRegistrationChangeRecord(broker, epoch, is_fenced=True)
        leave = self._log.decisions.without(broker, f"broker {broker} was fenced")
        self._log.commit([*leave, change], context)

    # --- controlled shutdown ---------------------------------------------------------------------

    def _begin_shut_down(self, broker: int, context: Context) -> None:
        """Move leadership away first; only then may the broker stop."""
        known = self._image.brokers[broker]
        if not known.is_active:
            return
        change = BrokerRegistrationChangeRecord(broker, known.broker_epoch, False, True)
        leave = self._log.decisions.without(broker, f"broker {broker} is shutting down")
        self._log.commit([change, *leave], context)

    def _may_stop(self, request: BrokerHeartbeatRequest) -> bool:
        """A broker may stop once it leads nothing and knows so; a fenced one leads nothing.

        Simplified: Kafka does not ask whether it knows so, but whether every other live broker
        does; and one that led nothing when it asked may stop at once.
        Source: kafka, BrokerHeartbeatManager `calculateNextBrokerState`.
        """
        known = self._image.brokers[request.broker]
        if known.is_fenced:
            return request.wants_shut_down
        has_all = request.metadata_offset >= self._image.offset
        leads = any(s.leader == request.broker for s in self._image.partitions.values())
        return known.is_shutting_down and has_all and not leads
