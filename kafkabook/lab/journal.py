"""The journal of a lab: what it was told, so that the same can be done again.

Same journal, same seed: the same trace to the byte. Nothing is copied and nothing is pickled; going
back in time is doing everything again, and stopping earlier.
"""

from dataclasses import dataclass
from typing import Any

RUN, RUN_FOR = "run", "run_for"  # for so many events; until that time, in ms


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a lab was told: a verb with its arguments, or to run a number of events.

    Attributes: `entries` and `at_ms` say where the trace and the clock stood when it was done.
    """

    verb: str
    arguments: tuple[Any, ...]
    options: tuple[tuple[str, Any], ...]
    entries: int
    at_ms: int

    def __str__(self) -> str:
        told = [*map(repr, self.arguments), *(f"{k}={v!r}" for k, v in self.options)]
        return f"{self.verb}({', '.join(told)})"
