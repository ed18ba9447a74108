"""Ring R3: a part inside a cluster whose brokers die, stand still, and lose sight of each other.

Clients send values that are all different, faults come and go, and the checkers read the trace. In
the end everything is healed: then all that was acknowledged must be there, and all must be in sync.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from kafkabook.base.names import TopicPartition
from kafkabook.base.trace import Entry
from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.law import Law, LawBroken, Part, Said
from kafkabook.grading.process import PartImpure, PartRaised
from kafkabook.sim.faults import Argument, Fault
from kafkabook.storm.run import Run, run
from kafkabook.storm.setup import TOPIC, Setup

Schedule = tuple[Fault, ...]
FIRST = TopicPartition(TOPIC, 0)
_EXCERPT, _LETTERS = 25, 108
_KEPT = Said("nothing is lost, and all comes back")
_OUTAGES_MS = (250, 60, 5, 400)
_ACKS: tuple[Argument, ...] = ("all", "all", 1)
_VERBS = ("crash", "cut", "pause", "slow", "make_leader")


def running(
    slot: str,
    fit: Callable[[Part], Part] = lambda part: part,
    *,
    setups: Sequence[Setup] = (Setup(),),
    verbs: Sequence[str] = _VERBS,
    acks: Sequence[Argument] = _ACKS,
) -> tuple[Law, ...]:
    """Return the law of ring R3 for the part in `slot`.

    Args:
        fit: makes the part fit its slot.
        setups, verbs, acks: what clusters, faults and sends are drawn from.
    """

    def a_cluster_under_faults_keeps_its_promises(part: Part, schedule: Schedule) -> None:
        """With your part a cluster keeps what it acknowledged, and comes back when all is well."""
        heard = RememberingPart(fit(part))
        result = run(schedule, seed=7, change=lambda rules: rules.having(**{slot: heard}))
        if heard.raised is not None:
            raise heard.raised
        if result.broken:
            raise _broken(result)

    inputs = schedules(setups, verbs, acks).map(lambda schedule: (schedule,))
    return (Law(a_cluster_under_faults_keeps_its_promises, inputs, told, 16, "R3", 60),)


def told(schedule: Schedule) -> tuple[str, ...]:
    """Show a schedule, a line a fault, as `kafkabook.storm` reads it."""
    return tuple(map(str, schedule))


class RememberingPart:
    """A part that remembers its own error: a lab takes every error for the cluster's."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.raised: PartRaised | PartImpure | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Ask the part."""
        try:
            return self._part(*arguments)
        except (PartRaised, PartImpure) as error:
            self.raised = self.raised or error
            raise


def _broken(result: Run) -> LawBroken:
    """Say which property broke first, after which line, and what had happened there."""
    anomalies = [one for one in result.lab.watch.anomalies if one.name in result.broken]
    first = min(anomalies, key=lambda one: one.evidence[-1].number, default=None)
    says = result.says if first is None else f"{first.name}: {first.says}"
    proof = () if first is None else first.evidence
    after = f"after `{result.done[-1]}`" if result.done else "before the first line"
    why = f"Seen {after}, at t={result.lab.now_ms} ms; what had happened is below the schedule."
    return LawBroken(_KEPT, Said(says), why, _seen(result, proof))


def _seen(result: Run, proof: Sequence[Entry]) -> tuple[str, ...]:
    """Return the events that prove it, and the last ones before the run was stopped."""
    proving = {entry.number: entry for entry in proof[-_EXCERPT // 2 :]}
    room = _EXCERPT - len(proving)
    last = {entry.number: entry for entry in list(result.lab.trace)[-room:]}
    chosen = sorted((proving | last).items())
    return tuple(f"  {str(entry)[:_LETTERS]}" for _, entry in chosen)


class _Spell(NamedTuple):
    """A fault to come: when it begins after a send, how long it lasts, and when the next is due."""

    acks: Argument
    verb: str
    broker: int
    after_ms: int
    outage_ms: int
    gap_ms: int
    from_controller: bool


@draws.composite
def schedules(
    draw: Draw,
    setups: Sequence[Setup] = (Setup(),),
    verbs: Sequence[str] = _VERBS,
    acks: Sequence[Argument] = _ACKS,
) -> Schedule:
    """Draw a setup, and up to six faults with sends before, during and after each."""
    choices = (acks, verbs, (1, 2, 3), (1, 9, 2), _OUTAGES_MS, (150, 40, 400), (False, True))
    spells = draws.builds(_Spell, *map(draws.sampled_from, choices))
    faults: list[Fault] = []
    at_ms = 60
    for number, spell in enumerate(draw(draws.lists(spells, min_size=1, max_size=6)), 1):
        faults += _sends(number, at_ms, spell.acks)
        faults += _fault(spell, at_ms + spell.after_ms)
        at_ms += spell.gap_ms
    in_time = sorted(faults, key=lambda fault: fault.at_ms)
    return (*draw(draws.sampled_from(setups)).lines(), *in_time)


def _sends(number: int, at_ms: int, acks: Argument) -> list[Fault]:
    return [
        Fault(at_ms + after_ms, "send", (f"{letter}{number}", FIRST, acks))
        for letter, after_ms in (("a", 0), ("b", 8), ("c", 90), ("d", 130))
    ]


def _fault(spell: _Spell, at_ms: int) -> tuple[Fault, ...]:
    """Return a fault, and its end."""
    broker, verb, end_ms = spell.broker, spell.verb, at_ms + spell.outage_ms
    if verb == "make_leader":
        return (Fault(at_ms, verb, (FIRST, broker)),)
    if verb == "slow":
        return Fault(at_ms, verb, (broker, 30)), Fault(end_ms, verb, (broker, 0))
    if verb == "cut":
        ends = (broker, "controller" if spell.from_controller else broker % 3 + 1)
        return Fault(at_ms, verb, ends), Fault(end_ms, "heal", ends)
    after = {"crash": "restart", "pause": "resume"}[verb]
    return Fault(at_ms, verb, (broker,)), Fault(end_ms, after, (broker,))
