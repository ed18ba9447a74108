"""What the lines of a schedule do to a lab."""

from collections.abc import Callable

from kafkabook.base.errors import KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    ElectLeadersRequest,
    IncrementalAlterConfigsRequest,
)
from kafkabook.sim.faults import Argument, Fault
from kafkabook.storm.setup import SET, TOPIC

Act = Callable[..., object]
ONCE_MS = 50  # less than a client's pause before it asks again


def do(lab: Lab, fault: Fault) -> bool:
    """Do one line; say whether it made sense (a broker that is dead cannot be killed again).

    Raises:
        LookupError: there is no such verb.
    """
    act = _ACTS.get(fault.verb)
    if act is None:
        raise LookupError(f"a storm cannot {fault.verb!r}; it can {', '.join(sorted(_ACTS))}")
    try:
        act(lab, *fault.args)
    except KafkaError:
        return False
    return True


def _send(
    lab: Lab, value: Argument, partition: int, acks: str | int, to: int | None = None
) -> None:
    lab.send(str(value), TOPIC, partition, acks=acks, to=to)


def _read(lab: Lab, partition: int, offset: int = 0) -> None:
    lab.start_reading(TOPIC, partition, offset=offset)


def _power_off(lab: Lab, lucky_bytes: int, *brokers: int) -> None:
    lab.power_off(*brokers, lucky_bytes=lucky_bytes)


def _min_isr(lab: Lab, least: int) -> None:
    """Change the minimum where that is safe.

    Not while nobody leads: the controller forgets for good who could. And with eligible leader
    replicas never up: a leader that has not heard of it goes on committing under the lower one,
    while the controller already takes those who leave for eligible. What was safe when it was asked
    for need not be so later: it is asked for once.
    """
    controller = lab.world.controller.log
    partitions = controller.image.partitions
    goes_up = any(least > controller.decisions.least(name) for name in partitions)
    is_safe = not (goes_up and controller.rules.is_elr_enabled)
    if is_safe and all(state.leader is not None for state in partitions.values()):
        altered = AlteredConfigs(TOPIC, (("min.insync.replicas", str(least)),))
        request = IncrementalAlterConfigsRequest((altered,))
        lab.begin("ask", request, timeout_ms=ONCE_MS)


def _prefer(lab: Lab, partition: int) -> None:
    """Ask for the preferred leader, and wait for nothing."""
    lab.begin("ask", ElectLeadersRequest("preferred", (TopicPartition(TOPIC, partition),)))


def _same(verb: str) -> Act:
    """Return the command of the lab with that very name."""
    return lambda lab, *args: getattr(lab, verb)(*args)


_ACTS: dict[str, Act] = {
    **{
        verb: _same(verb)
        for verb in (
            *("crash", "restart", "stop", "pause", "resume", "flush", "lose_disk", "slow"),
            *("cut", "heal", "reset", "heal_everything"),
            *("hold", "release", "deliver", "drop", "double", "drop_next", "double_next"),
        )
    },
    SET: lambda lab, *args: None,  # noqa: ARG005 - the cluster was built by these
    "send": _send,
    "read": _read,
    "power_off": _power_off,
    "prefer": _prefer,
    "make_leader": lambda lab, partition, broker: lab.make_leader(broker, TOPIC, partition),
    "min_isr": _min_isr,
}
