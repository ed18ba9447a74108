"""What a checker says: the name of a broken property, in words, with the entries that prove it."""

from dataclasses import dataclass

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


class Watching:
    """An observer of a trace that remembers only what its property needs.

    Attributes: `name` (such as "L5"), `promise` (the rule in words), `scope` (where it does not
    apply), `saw` (relevant entries so far: who saw none has proved nothing), `anomalies`.
    """

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

    def observe(self, entry: Entry) -> None:
        """Take one entry, in the order of the trace."""
        raise NotImplementedError

    def report(self, says: str, *evidence: Entry) -> None:
        """Add an anomaly."""
        self.anomalies.append(Anomaly(self.name, says, evidence, self.scope))
