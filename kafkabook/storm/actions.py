"""What the lines of a schedule do to a lab: the commands of the one table."""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.lab import Lab
from kafkabook.lab.client_commands import AlterTopic
from kafkabook.lab.commands import command_of
from kafkabook.lab.text import MARK, TIME, do_line
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
    if fault.verb in (TIME, MARK):
        do_line(lab, fault)
        return True
    command = command_of(fault.verb, fault.args)
    try:
        if isinstance(command, AlterTopic) and LEAST in dict(command.settings):
            _assert_safe(lab, command)
        lab.do(command)
    except KafkaError:
        return False
    return True


def _assert_safe(lab: Lab, command: AlterTopic) -> None:
    """Refuse another minimum where it is not safe.

    Not while nobody leads: the controller forgets for good who could. And with eligible leader
    replicas never up: a leader that has not heard of it goes on committing under the lower one,
    while the controller already takes those who leave for eligible. So with them there is one
    change a run: an earlier one that comes late, behind the second, would go up.

    Raises:
        INVALID_REQUEST: it is not safe.
    """
    is_led = all(state.leader is not None for state in lab.view.partitions.values())
    if not is_led or not _is_safe(lab, command):
        raise KafkaError(Errors.INVALID_REQUEST, f"{command} is not safe now")


def _is_safe(lab: Lab, command: AlterTopic) -> bool:
    view, least = lab.view, int(dict(command.settings)[LEAST] or 1)
    if not lab.rules.cluster.is_elr_enabled:
        return True
    goes_up = any(least > view.min_insync_replicas(name) for name in view.partitions)
    earlier = (line.done for line in lab.journal if isinstance(line.done, AlterTopic))
    least_before = (dict(it.settings).get(LEAST, str(least)) for it in earlier)
    return not goes_up and all(before == str(least) for before in least_before)
