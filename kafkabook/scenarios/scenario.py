"""A scenario: one fixed script with two ends, and the player that finds out which end it meets.

The script is the same for both; what differs is a setting or a part. Each end states exactly what a
consumer can read afterwards and which of the properties L1 to L7 are broken, so that both ends are
assertions and not stories.
"""

from dataclasses import dataclass, field, fields

from kafkabook.base.shown import Shown
from kafkabook.base.trace import Trace
from kafkabook.base.units import ms_text
from kafkabook.checkers.all import LOG_CHECKERS
from kafkabook.log.config import LogConfig
from kafkabook.log.rules import LogRules
from kafkabook.log.variants import VARIANTS
from kafkabook.scenarios.steps import FAULTS, Step


@dataclass(frozen=True, slots=True)
class End:
    """How a scenario is set up for one of its ends, and what is then true.

    Attributes: `says` (the end in words), `config` and `rules` (what differs), `readable` (each
    record that a consumer is given, as `offset key=value`, or the error it meets instead),
    `broken` (names of the properties that do not hold).
    """

    says: str
    readable: tuple[str, ...]
    config: LogConfig = field(default_factory=LogConfig, repr=False)
    rules: LogRules = field(default_factory=LogRules, repr=False)
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario(Shown):
    """A named failure as data.

    Attributes: `id` (as in the book's list of failures), `title`, `question`, `steps`, the `bad`
    end, the `fix` in words, the `good` end, `source`.
    """

    id: str
    title: str
    question: str
    steps: tuple[Step, ...]
    bad: End
    fix: str
    good: End
    source: str

    def play(self, end: str) -> "Outcome":
        """Run the script with the setup of one end.

        Args:
            end: "bad" or "good".

        Raises:
            ValueError: another word.
        """
        from kafkabook.scenarios.player import played

        if end not in ("bad", "good"):
            raise ValueError(f"a scenario has a 'bad' and a 'good' end, not {end!r}")
        return played(self, self.bad if end == "bad" else self.good, self.steps)

    def faults(self) -> tuple[int, ...]:
        """Return the places of the faults in the script."""
        return tuple(n for n, step in enumerate(self.steps) if isinstance(step, FAULTS))

    def __repr__(self) -> str:
        """Tell the script and not the ends: those are for the reader to guess."""
        script = "\n".join(f"  {n}. {step}" for n, step in enumerate(self.steps, 1))
        return f"{self.id} · {self.title}\n{self.question}\n{script}\nSource: {self.source}"


@dataclass(frozen=True, slots=True)
class Outcome(Shown):
    """What a run of a scenario came to: what was written, and what can be read afterwards.

    Attributes: `scenario` and the `end` that was set up; `written` and `readable`, each record as
    `offset key=value`; names of `broken` properties; `anomalies`: what the checkers saw, in words.
    """

    scenario: Scenario
    end: End
    log_start: int
    log_end: int
    written: tuple[str, ...]
    readable: tuple[str, ...]
    broken: tuple[str, ...]
    anomalies: tuple[str, ...]
    trace: Trace = field(repr=False, compare=False)

    @property
    def as_expected(self) -> bool:
        """Whether exactly the stated records are readable and the stated properties broken."""
        return (self.readable, self.broken) == (self.end.readable, self.end.broken)

    @property
    def setup(self) -> str:
        """What this end has that the other has not: its settings and parts, or the repair."""
        if self.end == self.scenario.good:
            return f"Repaired: {self.scenario.fix}"
        return f"Set up with {' and '.join(_differing(self.end, self.scenario.good))}."

    @property
    def promises(self) -> tuple[str, ...]:
        """The broken properties as sentences, in the words of their checkers."""
        promised = {checker.name: checker.promise for checker in LOG_CHECKERS}
        return tuple(f"Broken promise {name}: {promised[name]}." for name in self.broken)

    def __repr__(self) -> str:
        lines = [f"{self.scenario.id}: {self.end.says}", self.setup, "a consumer is given:"]
        lines += [f"    {record}" for record in self.readable] or ["    nothing"]
        return "\n".join((*lines, *self.promises, *self.anomalies))


def _differing(end: End, other: End) -> list[str]:
    """Name the settings of `end` that the other end has not, and its parts."""
    settings = [
        f"{it.name.replace('_', '.')} = {_valued(it.name, getattr(end.config, it.name))}"
        for it in fields(LogConfig)
        if getattr(end.config, it.name) != getattr(other.config, it.name)
    ]
    parts = [f"the part “{name}”" for name, rules in VARIANTS.items() if rules == end.rules]
    return settings + parts or ["parts of its own"]


def _valued(name: str, value: object) -> str:
    return ms_text(value) if name.endswith("_ms") and isinstance(value, int) else str(value)
