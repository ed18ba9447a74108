"""The steps that a scenario is made of: commands and faults, as data, each with its sentence."""

from dataclasses import dataclass

from kafkabook.base.phrases import span_text
from kafkabook.base.units import ms_text
from kafkabook.scenarios.scenario import Step

Pair = tuple[str | None, str | None]  # key and value of a record; a None value is a tombstone


@dataclass(frozen=True, slots=True)
class Write(Step):
    """Append one batch for each record, `every_ms` apart."""

    records: tuple[Pair, ...]
    every_ms: int = 0

    def __str__(self) -> str:
        pace = f", one every {ms_text(self.every_ms)}" if self.every_ms else ""
        return f"write {_listed(self.records)}{pace}"


@dataclass(frozen=True, slots=True)
class FlushLog(Step):
    """Bring all that was written to the platter."""

    def __str__(self) -> str:
        return "flush"


@dataclass(frozen=True, slots=True)
class CutPower(Step):
    """The machine loses power; of what was not flushed, `keep_bytes` had reached the platter."""

    is_fault = True
    keep_bytes: int = 0

    def __str__(self) -> str:
        return f"cut the power; {self.keep_bytes} unflushed bytes had reached the disk"


@dataclass(frozen=True, slots=True)
class DamageFile(Step):
    """Flip one bit of a file of the first segment, by its suffix, at a byte."""

    is_fault = True
    suffix: str
    at_byte: int
    bit: int = 0

    def __str__(self) -> str:
        return f"flip bit {self.bit} of byte {self.at_byte} of the {self.suffix} file"


@dataclass(frozen=True, slots=True)
class Lose(Step):
    """Remove a file of the first segment, by its suffix."""

    is_fault = True
    suffix: str

    def __str__(self) -> str:
        return f"remove the {self.suffix} file"


@dataclass(frozen=True, slots=True)
class Start(Step):
    """Open the log again after a fault."""

    def __str__(self) -> str:
        return "start again"


@dataclass(frozen=True, slots=True)
class LetTimePass(Step):
    """Let time pass."""

    for_ms: int

    def __str__(self) -> str:
        return f"wait {ms_text(self.for_ms)}"


@dataclass(frozen=True, slots=True)
class Retain(Step):
    """Run the retention check."""

    def __str__(self) -> str:
        return "check retention"


@dataclass(frozen=True, slots=True)
class Clean(Step):
    """Run the log cleaner once."""

    def __str__(self) -> str:
        return "clean"


def _listed(records: tuple[Pair, ...]) -> str:
    """Name the records; of many, the first and the last."""
    return span_text(
        [value or "null" if key is None else f"{key}={value or 'null'}" for key, value in records]
    )
