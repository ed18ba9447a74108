"""The puzzles of the chapters: where each starts, and what must hold in the end."""

from kafkabook.base.door import at_the_door, nearest
from kafkabook.base.errors import MissingKey
from kafkabook.base.in_order import in_order
from kafkabook.base.names import TopicPartition
from kafkabook.clients.raw_client import Sent
from kafkabook.grading.goal import GoalCondition, Puzzle
from kafkabook.lab.lab import Lab

_TOPIC = "orders"
_FIRST = TopicPartition(_TOPIC, 0)
_ASKING = ("elect", "make_leader")


def _three_brokers() -> Lab:
    """Make three brokers and one partition, which broker 1 leads; one member is enough."""
    lab = Lab(brokers=3)
    lab.create_topic(_TOPIC, assignment=[[1, 2, 3]])
    return lab


def _two_must_be_in_sync() -> Lab:
    """Make the same, and let acks=all need two members."""
    lab = Lab(brokers=3)
    lab.create_topic(_TOPIC, assignment=[[1, 2, 3]], min_insync_replicas=2)
    return lab


def _leads(broker: int | None) -> GoalCondition:
    who = "nobody leads" if broker is None else f"broker {broker} leads"
    return GoalCondition(
        f"{who} {_FIRST}",
        lambda lab: lab.leader(_TOPIC) == broker,
        lambda lab: f"leader {lab.leader(_TOPIC) or 'none'}",
    )


def _isr_is(*members: int) -> GoalCondition:
    return GoalCondition(
        f"the ISR is {in_order(frozenset(members))}",
        lambda lab: lab.isr(_TOPIC) == frozenset(members),
        lambda lab: f"the ISR is {in_order(frozenset(lab.isr(_TOPIC)))}",
    )


def _running(lab: Lab) -> list[int]:
    return [it.id for it in lab.view.brokers if it.is_running and not it.is_paused]


def _run(least: int) -> GoalCondition:
    who = "all three brokers run" if least == 3 else f"at least {least} brokers run"
    return GoalCondition(
        who,
        lambda lab: len(_running(lab)) >= least,
        lambda lab: f"{', '.join(map(str, _running(lab))) or 'none'} runs",
    )


def _acknowledged(lab: Lab) -> list[Sent]:
    """Return what was acknowledged to acks=all."""
    return [it for it in lab.sends if it.outcome == "ok" and it.acks == -1]


_ACKNOWLEDGED = GoalCondition(
    "a record that was sent with acks=all is acknowledged",
    lambda lab: bool(_acknowledged(lab)),
    lambda lab: "; ".join(map(repr, lab.sends)) or "nothing is sent",
)


def _disks(lab: Lab, sent: Sent) -> list[int]:
    """Return the brokers whose disk holds a record, running or not."""
    lanes = lab.snapshot(_TOPIC).lanes
    return [it.broker for it in lanes if any(sent.value == one.value for one in it.records)]


def _on_disks(number: int, words: str) -> GoalCondition:
    return GoalCondition(
        words,
        lambda lab: any(len(_disks(lab, sent)) == number for sent in _acknowledged(lab)),
        lambda lab: "; ".join(f"{it.value} on {_disks(lab, it)}" for it in _acknowledged(lab)),
    )


_TWO_NEEDED = GoalCondition(
    "min.insync.replicas is 2",
    lambda lab: lab.view.min_insync_replicas(_FIRST) == 2,
    lambda lab: f"it is {lab.view.min_insync_replicas(_FIRST)}",
)

PUZZLES = (
    Puzzle(
        number="05.p1",
        title="The last in the list leads",
        stars="★",
        chapter="05_replication",
        words="Let broker 3 lead orders-0, without an election that an administrator asks for.",
        most=4,
        conditions=(_leads(3), _run(3), _isr_is(1, 2, 3)),
        begin=_three_brokers,
        barred=_ASKING,
    ),
    Puzzle(
        number="05.p2",
        title="Two run, and nobody leads",
        stars="★★",
        chapter="05_replication",
        words="Bring orders-0 offline while most of its replicas run.",
        most=6,
        conditions=(_leads(None), _run(2)),
        begin=_three_brokers,
        barred=("lose_disk", *_ASKING),
    ),
    Puzzle(
        number="06.p1",
        title="Alone in sync",
        stars="★★",
        chapter="06_in_sync_replicas",
        words="Let the leader be alone in the ISR while all three brokers run.",
        most=4,
        conditions=(_isr_is(1), _run(3), _ACKNOWLEDGED),
        begin=_three_brokers,
    ),
    Puzzle(
        number="06.p2",
        title="Acknowledged, and on one disk",
        stars="★★",
        chapter="06_in_sync_replicas",
        words="Let acks=all acknowledge a record that only one disk holds.",
        most=4,
        conditions=(_on_disks(1, "one disk holds a record that acks=all acknowledged"),),
        begin=_three_brokers,
    ),
    Puzzle(
        number="09.p1",
        title="Lost with acks=all",
        stars="★★★",
        chapter="09_failure_and_recovery",
        words="Lose an acknowledged record, although two replicas must be in sync.",
        most=7,
        conditions=(
            _on_disks(0, "no log holds a record that acks=all acknowledged"),
            _TWO_NEEDED,
            _run(3),
        ),
        begin=_two_must_be_in_sync,
    ),
)


@at_the_door
def puzzle(number: str) -> Puzzle:
    """Return a puzzle of the book: `start()` gives its lab, `check(lab)` its mark.

    Raises:
        KeyError: there is none of that number; the message names the nearest.

    >>> print(puzzle("06.p1"))
    06.p1 Alone in sync
    Let the leader be alone in the ISR while all three brokers run.
      · the ISR is {1}
      · all three brokers run
      · a record that was sent with acks=all is acknowledged
    At most 4 commands; time that passes costs nothing.
    lab = puzzle("06.p1").start()
    """
    known = {it.number: it for it in PUZZLES}
    if number in known:
        return known[number]
    near = nearest(str(number), known, 0)
    raise MissingKey(f"there is no puzzle {number!r}; did you mean {near!r}?")
