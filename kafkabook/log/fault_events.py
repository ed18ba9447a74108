"""Faults and deliveries, told by whoever causes them: a scenario, a test, a reader in a chapter.

They are part of the vocabulary in `events`, from where they are imported.
"""

from dataclasses import dataclass

from kafkabook.base.trace import Event


@dataclass(frozen=True, slots=True)
class PowerLost(Event):
    """The power went; each file kept what was flushed, and perhaps some of what was not."""

    # For each file that changed, how many of its first bytes are still what had been written.
    surviving_bytes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class BytesDamaged(Event):
    """Bytes of a file changed that nobody wrote: a failing disk, a flipped bit."""

    file: str
    at_byte: int
    length_bytes: int


@dataclass(frozen=True, slots=True)
class FileLost(Event):
    """A file disappeared."""

    file: str


@dataclass(frozen=True, slots=True)
class RecordDelivered(Event):
    """A reader was given a record."""

    reader: str
    offset: int
    key: bytes | None
    is_tombstone: bool
