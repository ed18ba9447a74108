"""The ends of a scenario of one log on one disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from kafkabook.base.units import ms_text
from kafkabook.lab.command import Command
from kafkabook.log.config import LogConfig
from kafkabook.log.rules import LogRules
from kafkabook.log.variants import BUGS
from kafkabook.scenarios.scenario import End, Outcome, Scenario, Step


@dataclass(frozen=True, slots=True)
class LogEnd(End):
    """An end of a scenario of one log: `config` and `rules` are what differs."""

    config: LogConfig = field(default_factory=LogConfig, repr=False)
    rules: LogRules = field(default_factory=LogRules, repr=False)

    def play(self, scenario: Scenario, steps: Sequence[Step | Command]) -> "LogOutcome":
        """Do `steps` on a log of its own."""
        from kafkabook.scenarios.player import played

        return played(scenario, self, steps)

    def differing(self, other: End) -> list[str]:
        """Name the settings that the other end has not, and the part."""
        assert isinstance(other, LogEnd)
        settings = [
            f"{it.name.replace('_', '.')} = {_valued(it.name, getattr(self.config, it.name))}"
            for it in fields(LogConfig)
            if getattr(self.config, it.name) != getattr(other.config, it.name)
        ]
        found = (name for name, bug in BUGS.items() if bug.put_into(LogRules()) == self.rules)
        parts = [f"the part “{name}”" for name in found]
        return settings + parts or ["parts of its own"]


@dataclass(frozen=True, slots=True, repr=False)
class LogOutcome(Outcome):
    """What a run left of a log: `written` records as `offset key=value`, where it starts, ends."""

    log_start: int
    log_end: int
    written: tuple[str, ...]


def _valued(name: str, value: object) -> str:
    return ms_text(value) if name.endswith("_ms") and isinstance(value, int) else str(value)
