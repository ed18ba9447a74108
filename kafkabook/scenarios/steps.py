"""The steps that a scenario is made of: commands and faults, as data, each with its sentence."""

from dataclasses import dataclass

from kafkabook.base.units import ms_text

Pair = tuple[str | None, str | None]  # key and value of a record; a None value is a tombstone


@dataclass(frozen=True, slots=True)
class Write:
    """Append one batch for each record, `every_ms` apart."""

    records: tuple[Pair, ...]
    every_ms: int = 0

    def __str__(self) -> str:
        pace = f", one every {ms_text(self.every_ms)}" if self.every_ms else ""
        return f"write {_listed(self.records)}{pace}"


@dataclass(frozen=True, slots=True)
class Flush:
    """Bring all that was written to the platter."""

    def __str__(self) -> str:
        return "flush"


@dataclass(frozen=True, slots=True)
class CutPower:
    """The machine loses power; of what was not flushed, `keep_bytes` had reached the platter."""

    keep_bytes: int = 0

    def __str__(self) -> str:
        return f"cut the power; {self.keep_bytes} unflushed bytes had reached the disk"


@dataclass(frozen=True, slots=True)
class Damage:
    """Flip one bit of a file of the first segment, by its suffix, at a byte."""

    suffix: str
    at_byte: int
    bit: int = 0

    def __str__(self) -> str:
        return f"flip bit {self.bit} of byte {self.at_byte} of the {self.suffix} file"


@dataclass(frozen=True, slots=True)
class Lose:
    """Remove a file of the first segment, by its suffix."""

    suffix: str

    def __str__(self) -> str:
        return f"remove the {self.suffix} file"


@dataclass(frozen=True, slots=True)
class Start:
    """Open the log again after a fault."""

    def __str__(self) -> str:
        return "start again"


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass."""

    for_ms: int

    def __str__(self) -> str:
        return f"wait {ms_text(self.for_ms)}"


@dataclass(frozen=True, slots=True)
class Retain:
    """Run the retention check."""

    def __str__(self) -> str:
        return "check retention"


@dataclass(frozen=True, slots=True)
class Clean:
    """Run the log cleaner once."""

    def __str__(self) -> str:
        return "clean"


def _listed(records: tuple[Pair, ...]) -> str:
    """Name the records; of many, the first and the last."""
    told = [
        value or "null" if key is None else f"{key}={value or 'null'}" for key, value in records
    ]
    return " ".join(told) if len(told) <= 6 else f"{told[0]} to {told[-1]}"


Step = Write | Flush | CutPower | Damage | Lose | Start | Wait | Retain | Clean
FAULTS = (CutPower, Damage, Lose)
