"""What Kafka's own dump tool says of files, as values; and whether it finds a fault in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .node import call_tool

TOOL = "org.apache.kafka.tools.DumpLogSegments"
SUFFIXES = (".log", ".index", ".timeindex", ".txnindex", ".snapshot")
ENTRY_HEADS = ("offset: ", "timestamp: ", "producerId: ", "version: ")
HEADINGS = ("Dumping ", "Non-consecutive offsets in ", "Found timestamp mismatch in :")
GOOD_HEADS = ("Log starting offset: ", "| ", *ENTRY_HEADS, *HEADINGS)
GOOD_TAILS = (" passed sanity check.", " is empty.", ", log timestamp: -1")
GAP = re.compile(r"  (-?\d+) is followed by (\d+)")
PAIR = re.compile(r"(\w+): (\S+)")
RECORD = re.compile(
    r"\| offset: (\d+) (CreateTime|LogAppendTime): (-?\d+) keySize: (-?\d+) valueSize: (-?\d+)"
    r"(?: sequence: (-?\d+) headerKeys: \[(.*?)\])?(?P<rest>.*)"
)


@dataclass(frozen=True)
class DumpedRecord:
    """One record as the tool prints it; keys and values as text, headers by their names only."""

    offset: int
    timestamp_ms: int
    key: str | None
    value: str | None
    sequence: int
    header_names: tuple[str, ...]
    rest: str  # what the tool says of a control record

    @property
    def is_control(self) -> bool:
        """Whether it is the end of a transaction, which no consumer is given."""
        return "endTxnMarker: " in self.rest


@dataclass
class DumpedBatch:
    """One batch: the tool's own words for its fields, and its records."""

    fields: dict[str, str]
    records: list[DumpedRecord] = field(default_factory=list)


@dataclass
class DumpedFile:
    """One file: batches of a `.log`, or the lines of an index or snapshot as word and number."""

    path: Path
    batches: list[DumpedBatch] = field(default_factory=list)
    entries: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Dump:
    """All that one call of the tool said.

    Attributes: `files` by path; `faults`: every line that is not plain content: what is not
    `isvalid: true`, what mismatches, what failed, and whatever came on standard error; `gaps`:
    pairs of last offset and next offset where some are missing, as in a compacted log.
    """

    files: dict[Path, DumpedFile]
    faults: tuple[str, ...]
    gaps: tuple[tuple[int, int], ...]
    text: str

    def of(self, directory: Path, suffix: str) -> list[DumpedFile]:
        """The dumped files of a directory with that suffix, in the order of their offsets."""
        paths = sorted(path for path in self.files if path.parent == directory)
        return [self.files[path] for path in paths if path.suffix == suffix]

    def records(self, directory: Path) -> list[DumpedRecord]:
        """All records of a directory's segments."""
        batches = (batch for file in self.of(directory, ".log") for batch in file.batches)
        return [record for batch in batches for record in batch.records]


def segment_files(*directories: Path) -> list[Path]:
    """Every file of these partition directories that the tool can dump."""
    return [
        path
        for directory in directories
        for path in sorted(directory.iterdir())
        if path.suffix in SUFFIXES
    ]


def dump(files: Iterable[Path], *options: str) -> Dump:
    """Dump files in one call, for a call takes a second or more however few they are."""
    answer = call_tool(TOOL, *options, "--files", ",".join(map(str, files)))
    lines = [*answer.stdout.splitlines(), *answer.stderr.splitlines()]
    faults = tuple(line for line in lines if line and is_fault(line))
    gaps = tuple(map(GAP.fullmatch, lines))
    pairs = tuple((int(gap[1]), int(gap[2])) for gap in gaps if gap and gap[1] != "-1")
    return Dump(parsed(lines), faults, pairs, answer.stdout)


def is_fault(line: str) -> bool:
    """Whether the tool means this line as bad news (it exits with 0 all the same).

    Gaps are told apart, as a compacted log has them; besides, the tool reports one (from -1) at
    the head of every segment but the first. A batch that compaction has emptied has no record
    whose time it could compare with the time index: it says -1 then, and that is no fault.
    """
    if line.startswith("baseOffset: "):
        return not line.endswith(" isvalid: true")
    return not (line.startswith(GOOD_HEADS) or line.endswith(GOOD_TAILS) or GAP.fullmatch(line))


def parsed(lines: Iterable[str]) -> dict[Path, DumpedFile]:
    """The tool's lines as values, file by file."""
    files: dict[Path, DumpedFile] = {}
    for line in lines:
        if line.startswith("Dumping "):
            path = Path(line.removeprefix("Dumping "))
            current = files.setdefault(path, DumpedFile(path))
        elif line.startswith("baseOffset: "):
            current.batches.append(DumpedBatch(dict(PAIR.findall(line))))
        elif line.startswith("| "):
            current.batches[-1].records.append(dumped_record(line))
        elif line.startswith(ENTRY_HEADS):
            current.entries.append(dict(PAIR.findall(line)))
    return files


def dumped_record(line: str) -> DumpedRecord:
    """One line that begins with a bar; texts are cut by their sizes, as they may hold anything."""
    match = RECORD.fullmatch(line)
    assert match, f"the dump tool prints records in a new way: {line}"
    offset, _, timestamp_ms, key_size, value_size, sequence, names, rest = match.groups()
    key, rest = cut(rest, " key: ", int(key_size))
    value, rest = cut(rest, " payload: ", int(value_size))
    header_names = tuple(names.split(",")) if names else ()
    return DumpedRecord(
        int(offset), int(timestamp_ms), key, value, int(sequence or -1), header_names, rest
    )


def cut(text: str, word: str, size: int) -> tuple[str | None, str]:
    """The `size` characters after `word`, and what follows them."""
    if size < 0 or not text.startswith(word):
        return None, text
    start = len(word)
    return text[start : start + size], text[start + size :]


def decoded(dumped: Dump, directory: Path) -> Iterator[tuple[int, str, str]]:
    """Offset, key and value as JSON, as `--offsets-decoder` and its kin print them."""
    pattern = re.compile(r"^\| offset: (\d+) .* key: (\{.*\}) payload: (\{.*\}|<DELETE>)$", re.M)
    for file in re.split(r"^Dumping ", dumped.text, flags=re.M):
        path, _, body = file.partition("\n")
        if path and Path(path).parent == directory:
            for offset, key, value in pattern.findall(body):
                yield int(offset), key, value


def payloads(dumped: Dump, path: Path) -> Iterator[tuple[int, str]]:
    """Offset and value as JSON of one file, as `--cluster-metadata-decoder` prints them."""
    pattern = re.compile(r"^\| offset: (\d+) .*? payload: (\{.*\})$", re.MULTILINE)
    for file in re.split(r"^Dumping ", dumped.text, flags=re.MULTILINE):
        name, _, body = file.partition("\n")
        if name == str(path):
            yield from ((int(offset), value) for offset, value in pattern.findall(body))
