"""What a checker says: the name of a broken property, in words, with the entries that prove it."""

from dataclasses import dataclass
from typing import Protocol

from kafkabook.base.trace import Entry


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A property that did not hold.

    Attributes: `name` (the short name, such as "L5"), `says` (one sentence with the values),
    `evidence` (the entries that show it, in order), `scope` (when this would be no bug).
    """

    name: str
    says: str
    evidence: tuple[Entry, ...]
    scope: str

    def __str__(self) -> str:
        shown = "\n".join(f"    {entry}" for entry in self.evidence[-8:])
        return f"{self.name}: {self.says}\n{shown}\n    does not apply when: {self.scope}"


class Checker(Protocol):
    """An observer of a trace that remembers only what its property needs.

    Attributes: `name`, `promise` (the rule in words), `scope`, `saw` (relevant entries so far:
    a checker that saw none proved nothing), `anomalies`.
    """

    name: str
    promise: str
    scope: str
    saw: int
    anomalies: list[Anomaly]

    def observe(self, entry: Entry) -> None:
        """Take one entry, in the order of the trace."""


class Watching:
    """The part that all checkers share: count what was relevant, report what was wrong."""

    name = ""
    promise = ""
    scope = "never"

    def __init__(self) -> None:
        self.saw = 0
        self.anomalies: list[Anomaly] = []

    @property
    def verdict(self) -> str:
        """Say "holds", "broken" or "vacuous": nothing relevant was seen, so nothing was shown."""
        if self.anomalies:
            return "broken"
        return "holds" if self.saw else "vacuous"

    def report(self, says: str, *evidence: Entry) -> None:
        """Add an anomaly."""
        self.anomalies.append(Anomaly(self.name, says, evidence, self.scope))
