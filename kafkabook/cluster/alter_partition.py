"""How leaders' proposals of other ISRs reach the controller, many in one request.

Source: kafka, server `DefaultAlterPartitionManager.java`; KIP-497, KIP-903.
"""

from collections.abc import Callable
from dataclasses import replace

from kafkabook.base.errors import Errors
from kafkabook.base.machine import Answered, Component, Context, TimerHandler
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.controller_channel import ControllerPort
from kafkabook.cluster.lifecycle import Lifecycle
from kafkabook.protocol.control_api import AlterPartitionRequest, ConfirmedIsr, ProposedIsr

RETRY_MS = 50  # after an error that concerns the whole request
TellPartition = Callable[[ProposedIsr, ConfirmedIsr, Context], None]


class AlterPartitionManager(Component):
    """Collects the proposals of a broker's leaders; one request is on its way at a time.

    Args:
        lifecycle: knows the broker epoch. channel: the port to the controller.

    Attributes:
        tell: hands an answer to the partition that asked; the replica manager sets itself in.

    Simplified: of an answer that asks to try again (UNKNOWN_SERVER_ERROR) nothing is known here.
    """

    def __init__(self, lifecycle: Lifecycle, channel: ControllerPort) -> None:
        self._lifecycle, self._channel = lifecycle, channel
        self._unsent: dict[TopicPartition, ProposedIsr] = {}
        self._is_asking = False
        self.tell: TellPartition = lambda _asked, _answer, _context: None

    def timers(self) -> dict[str, TimerHandler]:
        """Try again."""
        return {"alter partition": self._send}

    def submit(self, proposal: ProposedIsr, context: Context) -> None:
        """Take a proposal to the controller; a newer one of that partition replaces it."""
        self._unsent[proposal.partition] = proposal
        self._send(context)

    def _send(self, context: Context) -> None:
        if self._is_asking or not self._unsent:
            return
        self._is_asking = True
        broker, epoch = self._lifecycle.broker, self._lifecycle.broker_epoch
        asked = tuple(self._unsent.values())
        named = tuple(_named(proposal, broker, epoch) for proposal in asked)
        self._channel.ask(
            AlterPartitionRequest(broker, epoch, named),
            context,
            channel="alter-partition",
            then=lambda answered, later: self._take(asked, answered, later),
        )

    def _take(self, asked: tuple[ProposedIsr, ...], answered: Answered, context: Context) -> None:
        self._is_asking = False
        if answered.response.error is not Errors.NONE:
            context.wake("alter partition", RETRY_MS)
            return
        for proposal, answer in zip(asked, answered.response.partitions, strict=True):
            if self._unsent.get(proposal.partition) is proposal:
                del self._unsent[proposal.partition]
            self.tell(proposal, answer, context)
        self._send(context)


def _named(proposal: ProposedIsr, broker: int, epoch: int) -> ProposedIsr:
    """Write the broker's own epoch into a proposal: the partition does not know it."""
    isr = tuple((member, epoch if member == broker else known) for member, known in proposal.isr)
    return replace(proposal, broker_epoch=epoch, isr=isr)
