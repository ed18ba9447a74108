"""What the lines of a schedule do to a lab: the commands of the one table."""

from kafkabook.base.errors import KafkaError
from kafkabook.lab import Lab
from kafkabook.lab.client_commands import AlterTopic
from kafkabook.lab.commands import command_of
from kafkabook.sim.faults import Fault
from kafkabook.storm.setup import SET

LEAST = "min.insync.replicas"


def do(lab: Lab, fault: Fault) -> bool:
    """Do one line; say whether it made sense (a broker that is dead cannot be killed again).

    Raises:
        LookupError: there is no such command. ValueError: its words are not what it takes.
    """
    if fault.verb == SET:
        return True  # the cluster was built by these
    command = command_of(fault.verb, fault.args)
    if isinstance(command, AlterTopic) and not is_safe(lab, command):
        return True
    try:
        lab.do(command)
    except KafkaError:
        return False
    return True


def is_safe(lab: Lab, command: AlterTopic) -> bool:
    """Say whether a minimum may be changed now without losing what Kafka does not promise to keep.

    Not while nobody leads: the controller forgets for good who could. And with eligible leader
    replicas never up: a leader that has not heard of it goes on committing under the lower one,
    while the controller already takes those who leave for eligible.
    """
    asked = dict(command.settings).get(LEAST)
    if asked is None:
        return True
    view = lab.view
    goes_up = any(int(asked) > view.min_insync_replicas(name) for name in view.partitions)
    if goes_up and lab.rules.cluster.is_elr_enabled:
        return False
    return all(state.leader is not None for state in view.partitions.values())
