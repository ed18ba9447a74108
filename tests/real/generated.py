"""Partition directories by seed, sound and broken, as a broker might find them at its start.

A history is written by our own log, which leaves Kafka's bytes; then harms are done to its files.
The same number gives the same directory, so a case that differs is found again by its name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from kafkabook.log.compaction import Cleaner
from kafkabook.log.config import LogConfig
from kafkabook.log.disk import MemoryDisk
from kafkabook.log.partition_log import PartitionLog
from kafkabook.log.recovery import Checkpointed
from kafkabook.records.control_records import ControlType, end_transaction_marker
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch

NAME = "orders-0"
BEGUN_MS = 1_700_000_000_000
NOW_MS = BEGUN_MS + 86_400_000 + 60_000  # the first minute's producers have expired by then
STEP_MS = 5_000
CONFIG = LogConfig(segment_bytes=700, segment_index_bytes=480, index_interval_bytes=150)
NUMBERED = (".log", ".index", ".timeindex", ".txnindex", ".snapshot")


@dataclass(frozen=True, slots=True)
class Case:
    """One generated directory, and what the checkpoints beside it would say."""

    name: str
    directory: Path
    checkpointed: Checkpointed
    config: LogConfig
    harms: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The folder with its `case.properties` and its directory."""
        return self.directory.parent

    @property
    def settings(self) -> dict[str, object]:
        """What the Java program is told, by the names in `case.properties`."""
        return {
            "log_start": self.checkpointed.log_start or 0,
            "recovery_point": self.checkpointed.recovery_point,
            "after_clean_stop": str(self.checkpointed.after_clean_stop).lower(),
            "now_ms": NOW_MS,
            "log.segment.index.bytes": self.config.segment_index_bytes,
            "log.index.interval.bytes": self.config.index_interval_bytes,
            "log.cleanup.policy": ",".join(self.config.cleanup_policy),
        }


class Author:
    """Writes the history of one log: plain, idempotent and transactional batches, new leaders."""

    def __init__(self, log: PartitionLog, random: Random) -> None:
        self.log, self.random = log, random
        self.clock_ms, self.epoch = BEGUN_MS, random.randrange(3)
        self.sequences: dict[int, int] = {}
        self.open: set[int] = set()

    def write(self, batches: int) -> None:
        """Append so many batches, each of another kind."""
        kinds = (self._plain, self._idempotent, self._transactional, self._end, self._new_leader)
        for _ in range(batches):
            self.clock_ms += self.random.randrange(-2 * STEP_MS, 4 * STEP_MS)
            self.random.choices(kinds, (5, 5, 5, 4, 1))[0]()
            self.log.advance_high_watermark()

    def _records(self) -> list[Record]:
        keys = self.random.choices(range(12), k=self.random.randint(1, 5))
        return [
            Record(b"key-%d" % key, b"v" * self.random.randrange(30), self.clock_ms + number)
            for number, key in enumerate(keys)
        ]

    def _append(self, batch: RecordBatch | list[Record]) -> None:
        self.log.append(batch, now_ms=BEGUN_MS, leader_epoch=self.epoch)

    def _plain(self) -> None:
        self._append(self._records())

    def _idempotent(self) -> None:
        self._send(self.random.randrange(4), is_transactional=False)

    def _transactional(self) -> None:
        producer_id = self.random.randrange(100, 104)
        self._send(producer_id, is_transactional=True)
        self.open.add(producer_id)

    def _send(self, producer_id: int, *, is_transactional: bool) -> None:
        records, sequence = self._records(), self.sequences.get(producer_id, 0)
        self.sequences[producer_id] = sequence + len(records)
        batch = RecordBatch.of(
            records,
            producer_id=producer_id,
            producer_epoch=0,
            base_sequence=sequence,
            is_transactional=is_transactional,
        )
        self._append(batch)

    def _end(self) -> None:
        if not self.open:
            return
        producer_id = self.random.choice(sorted(self.open))
        self.open.discard(producer_id)
        marker = end_transaction_marker(
            self.random.choice((ControlType.COMMIT, ControlType.ABORT)),
            producer_id=producer_id,
            producer_epoch=0,
            coordinator_epoch=self.epoch,
            timestamp_ms=self.clock_ms,
        )
        self._append(marker)

    def _new_leader(self) -> None:
        self.epoch += self.random.randint(1, 3)


def generate(root: Path, number: int) -> Case:
    """Write the case of a number below `root`."""
    random = Random(f"directory {number}")
    folder = root / f"{number:04d}"
    config = replace(CONFIG, cleanup_policy=("compact",)) if random.random() < 0.25 else CONFIG
    log = PartitionLog(NAME, MemoryDisk(), config=config, now_ms=BEGUN_MS)
    _history(log, random)
    is_closed = random.random() < 0.6
    if is_closed:
        log.close()
    checkpointed = _checkpointed(random, log, is_closed=is_closed)
    harmed = Harmed(_on_disk(log, folder), random)
    done = tuple(name for name in _harms(random, number) if HARMS[name](harmed))
    case = Case(folder.name, harmed.directory, checkpointed, config, done)
    _write_settings(case, folder)
    return case


def _on_disk(log: PartitionLog, folder: Path) -> Path:
    """Write the files of a log in memory into a real directory."""
    directory = folder / log.name
    directory.mkdir(parents=True)
    for name in log.disk.list(log.name):
        (directory / name).write_bytes(log.disk.read(f"{log.name}/{name}"))
    return directory


def _history(log: PartitionLog, random: Random) -> None:
    author = Author(log, random)
    author.write(random.choice((0, 1, 3, 12, 25, 40)))
    if log.config.compacts and log.log_end:
        log.roll()
        Cleaner(witness=False).clean(log, now_ms=NOW_MS, even_if_not_due=True)
        log.remove_deleted_files(now_ms=NOW_MS * 2)
        author.write(random.choice((0, 3, 10)))
    if random.random() < 0.3 and log.log_end > 10:
        log.delete_records_before(random.randrange(log.log_end))
        log.delete_old_segments(now_ms=BEGUN_MS)
        log.remove_deleted_files(now_ms=NOW_MS * 2)


def _checkpointed(random: Random, log: PartitionLog, *, is_closed: bool) -> Checkpointed:
    """What the checkpoints say: true, behind, ahead, or nothing."""
    end = log.log_end
    is_true = random.random() < 0.35
    wrong = random.choice((0, 0, end // 2, end + 7))
    start = random.choices((log.log_start, None, end // 3, end + 5), (6, 2, 1, 1))[0]
    return Checkpointed(
        recovery_point=log.recovery_point if is_true else wrong,
        log_start=start,
        after_clean_stop=is_closed and random.random() < 0.6,
    )


def _harms(random: Random, number: int) -> list[str]:
    """Every kind in turn, and up to two more by chance; every seventh directory is sound."""
    names = sorted(HARMS)
    if number % 7 == 0:
        return []
    chosen = [names[number % len(names)], *random.sample(names, random.randrange(3))]
    return list(dict.fromkeys(chosen))


def _write_settings(case: Case, folder: Path) -> None:
    lines = (f"{name}={value}\n" for name, value in case.settings.items())
    (folder / "case.properties").write_text("".join(lines))


class Harmed:
    """A directory that something happens to."""

    def __init__(self, directory: Path, random: Random) -> None:
        self.directory, self.random = directory, random

    def files(self, *suffixes: str) -> list[Path]:
        """The files of these kinds, in order."""
        found = (p for p in self.directory.iterdir() if p.name.endswith(suffixes))
        return sorted(path for path in found if path.is_file())

    def one(self, *suffixes: str) -> Path | None:
        """One file of these kinds, the last one more often than others."""
        found = self.files(*suffixes)
        if not found:
            return None
        return found[-1] if self.random.random() < 0.4 else self.random.choice(found)

    def starts(self, log: Path) -> list[int]:
        """The byte of each batch of a segment, and its end; as far as the lengths make sense."""
        data, places = log.read_bytes(), [0]
        while places[-1] + 61 <= len(data):
            length = int.from_bytes(data[places[-1] + 8 :][:4], "big", signed=True)
            if not 49 <= length <= len(data) - places[-1] - 12:
                break
            places.append(places[-1] + 12 + length)
        return places if len(places) > 1 else [0, len(data)]


def changed(path: Path, change: Callable[[bytearray], None]) -> bool:
    """Change the bytes of a file."""
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return True


def flip(path: Path, at: int, bit: int) -> bool:
    """Turn one bit."""
    data = bytearray(path.read_bytes())
    if at >= len(data):
        return False
    data[at] ^= 1 << bit
    path.write_bytes(data)
    return True


Harm = Callable[[Harmed], bool]
HARMS: dict[str, Harm] = {}


def harm(do: Harm) -> Harm:
    """List a harm by its name."""
    HARMS[do.__name__.replace("_", "-")] = do
    return do


# --- the segments ------------------------------------------------------------------------------


@harm
def torn_tail(it: Harmed) -> bool:
    """The last segment ends inside a batch."""
    log = it.files(".log")[-1]
    if not log.stat().st_size:
        return False
    return changed(log, lambda data: data.__delitem__(slice(it.random.randrange(len(data)), None)))


@harm
def torn_middle(it: Harmed) -> bool:
    """Any segment ends inside a batch, or on the edge of one."""
    log = it.one(".log")
    if log is None or not log.stat().st_size:
        return False
    edges = it.starts(log)
    cut = it.random.choice((it.random.choice(edges), it.random.randrange(edges[-1])))
    return changed(log, lambda data: data.__delitem__(slice(cut, None)))


@harm
def flipped_record(it: Harmed) -> bool:
    """A bit that a checksum covers."""
    log = it.one(".log")
    if log is None or not log.stat().st_size:
        return False
    start = it.random.choice(it.starts(log)[:-1])
    return flip(log, start + 21 + it.random.randrange(50), it.random.randrange(8))


@harm
def flipped_head(it: Harmed) -> bool:
    """A bit of the 21 bytes that no checksum covers."""
    log = it.one(".log")
    if log is None or not log.stat().st_size:
        return False
    start = it.random.choice(it.starts(log)[:-1])
    return flip(log, start + it.random.randrange(21), it.random.randrange(8))


@harm
def shifted_offset(it: Harmed) -> bool:
    """A base offset is a little lower or higher than it was."""
    log = it.one(".log")
    if log is None or not log.stat().st_size:
        return False
    start = it.random.choice(it.starts(log)[:-1])
    by = it.random.choice((-3, -1, 1, 2, 9))

    def shift(data: bytearray) -> None:
        offset = int.from_bytes(data[start : start + 8], "big") + by
        data[start : start + 8] = max(0, offset).to_bytes(8, "big")

    return changed(log, shift)


@harm
def epoch_out_of_order(it: Harmed) -> bool:
    """A batch says another leader epoch than its neighbours."""
    log = it.one(".log")
    if log is None or not log.stat().st_size:
        return False
    start = it.random.choice(it.starts(log)[:-1])
    epoch = it.random.choice((-1, 0, 1, 50))

    def restamp(data: bytearray) -> None:
        data[start + 12 : start + 16] = epoch.to_bytes(4, "big", signed=True)

    return changed(log, restamp)


@harm
def zeros_behind(it: Harmed) -> bool:
    """The file system had made room for bytes that never came."""
    log = it.one(".log")
    if log is None:
        return False
    return changed(log, lambda data: data.extend(bytes(it.random.choice((1, 12, 17, 18, 300)))))


@harm
def removed_range(it: Harmed) -> bool:
    """Whole batches are gone, as after a cleaning."""
    log = it.one(".log")
    if log is None or len(edges := it.starts(log)) < 2:
        return False
    first, last = sorted(it.random.choices(edges, k=2))
    return changed(log, lambda data: data.__delitem__(slice(first, last)))


@harm
def doubled_batch(it: Harmed) -> bool:
    """A batch stands there twice."""
    log = it.one(".log")
    if log is None or len(edges := it.starts(log)) < 2:
        return False
    number = it.random.randrange(len(edges) - 1)
    first, last = edges[number : number + 2]
    return changed(log, lambda data: data.__setitem__(slice(last, last), data[first:last]))


@harm
def no_segment(it: Harmed) -> bool:
    """A `.log` file is gone, its other files are still there."""
    log = it.one(".log")
    if log is None:
        return False
    log.unlink()
    return True


@harm
def empty_segment(it: Harmed) -> bool:
    """A segment lost everything."""
    log = it.one(".log")
    if log is None:
        return False
    return changed(log, lambda data: data.clear())


@harm
def renamed_segment(it: Harmed) -> bool:
    """A segment says another base offset in its name."""
    log = it.one(".log")
    if log is None:
        return False
    if not log.stem.isdigit():
        return False
    base = int(log.stem) + it.random.choice((1, 3, 40))
    target = log.with_name(f"{base:020d}.log")
    if target.exists():
        return False
    log.rename(target)
    return True


# --- indexes and snapshots ---------------------------------------------------------------------


@harm
def no_index(it: Harmed) -> bool:
    """An index is gone."""
    index = it.one(".index", ".timeindex", ".txnindex")
    if index is None:
        return False
    index.unlink()
    return True


@harm
def no_indexes(it: Harmed) -> bool:
    """Nothing is left but batches."""
    for path in it.files("index", ".snapshot"):
        path.unlink()
    return True


@harm
def short_index(it: Harmed) -> bool:
    """An index is cut, at the end of an entry or inside it."""
    index = it.one(".index", ".timeindex", ".txnindex")
    if index is None or not index.stat().st_size:
        return False
    kept = it.random.randrange(index.stat().st_size)
    return changed(index, lambda data: data.__delitem__(slice(kept, None)))


@harm
def long_index(it: Harmed) -> bool:
    """An index has zeros behind its entries."""
    index = it.one(".index", ".timeindex")
    if index is None:
        return False
    return changed(index, lambda data: data.extend(bytes(it.random.choice((1, 24, 4800)))))


@harm
def lying_index(it: Harmed) -> bool:
    """A bit of an index is wrong."""
    index = it.one(".index", ".timeindex", ".txnindex")
    if index is None or not index.stat().st_size:
        return False
    return flip(index, it.random.randrange(index.stat().st_size), it.random.randrange(8))


@harm
def no_snapshot(it: Harmed) -> bool:
    """One snapshot is gone, or all of them."""
    found = it.files(".snapshot")
    for path in found if it.random.random() < 0.5 else it.random.sample(found, min(1, len(found))):
        path.unlink()
    return bool(found)


@harm
def broken_snapshot(it: Harmed) -> bool:
    """A snapshot is cut, empty, or has a wrong bit."""
    path = it.one(".snapshot")
    if path is None:
        return False
    size = path.stat().st_size
    if it.random.random() < 0.5:
        return flip(path, it.random.randrange(size), it.random.randrange(8))
    kept = it.random.randrange(size)
    return changed(path, lambda data: data.__delitem__(slice(kept, None)))


@harm
def snapshot_ahead(it: Harmed) -> bool:
    """There is a snapshot between segments, or behind the log end, with the state of another."""
    path = it.one(".snapshot")
    if path is None:
        return False
    if not path.stem.isdigit():
        return False
    offset = int(path.stem) + it.random.choice((1, 2, 5, 60))
    path.with_name(f"{offset:020d}.snapshot").write_bytes(path.read_bytes())
    return True


# --- the epochs --------------------------------------------------------------------------------


@harm
def epochs_gone(it: Harmed) -> bool:
    """No checkpoint of the leader epochs."""
    (it.directory / "leader-epoch-checkpoint").unlink(missing_ok=True)
    return True


@harm
def epochs_wrong(it: Harmed) -> bool:
    """The checkpoint is empty, behind, ahead, or shifted."""
    path = it.directory / "leader-epoch-checkpoint"
    ahead = it.random.randrange(3, 90)
    lines = path.read_text().splitlines()[2:] if path.exists() else []
    rows = [line for line in lines if len(line.split()) == 2]
    shifted = [f"{epoch} {int(start) + 2}" for epoch, start in map(str.split, rows)]
    choices: Sequence[list[str]] = (
        [],
        ["0 0"],
        rows[:-1],
        rows[1:],
        [*rows, f"{ahead} {ahead}"],
        [*rows, "70 100000"],
        shifted,
    )
    text = table(it.random.choice(choices))
    path.write_text(it.random.choice((text, text, text, "", "0\n", "0\n0\n")))
    return True


@harm
def epochs_out_of_order(it: Harmed) -> bool:
    """The checkpoint's lines contradict each other."""
    rows = [f"{it.random.randrange(8)} {it.random.randrange(40)}" for _ in range(4)]
    (it.directory / "leader-epoch-checkpoint").write_text(table(rows))
    return True


@harm
def epochs_malformed(it: Harmed) -> bool:
    """A checkpoint that nobody can read."""
    text = it.random.choice(("x\n", "1\n0\n", "0\n2\n0 0\n", "0\n1\n0 0 0\n", "0\n1\n-1 0\n"))
    (it.directory / "leader-epoch-checkpoint").write_text(text)
    return True


def table(rows: Sequence[str]) -> str:
    """A checkpoint with these lines."""
    return "\n".join(["0", str(len(rows)), *rows, ""])


# --- what jobs leave behind, and what is not ours ----------------------------------------------


@harm
def cleaned_left(it: Harmed) -> bool:
    """A cleaning was given up."""
    log = it.one(".log")
    if log is None:
        return False
    for suffix in it.random.sample(NUMBERED[:4], 3):
        log.with_name(f"{log.stem}{suffix}.cleaned").write_bytes(b"half a file")
    return True


@harm
def deleted_left(it: Harmed) -> bool:
    """A deletion was not finished."""
    path = it.one(*NUMBERED)
    if path is None:
        return False
    path.with_name(f"{path.name}.deleted").write_bytes(b"gone")
    if it.random.random() < 0.3:
        path.rename(path.with_name(f"{path.name}.deleted"))
    return True


@harm
def swap_left(it: Harmed) -> bool:
    """A cleaning was decided, and its files were not all renamed."""
    log = it.one(".log")
    if log is None:
        return False
    suffixes = [".log", ".index", ".timeindex", ".txnindex"]
    for suffix in it.random.sample(suffixes, it.random.randint(1, 4)):
        path = log.with_suffix(suffix)
        if path.exists():
            path.with_name(f"{path.name}.swap").write_bytes(path.read_bytes())
            if it.random.random() < 0.5:
                path.unlink()
    return True


@harm
def merged_swap(it: Harmed) -> bool:
    """One segment takes the place of two, and both are still there."""
    logs = it.files(".log")
    if len(logs) < 2:
        return False
    number = it.random.randrange(len(logs) - 1)
    first, second = logs[number : number + 2]
    first.with_name(f"{first.name}.swap").write_bytes(first.read_bytes() + second.read_bytes())
    return True


@harm
def swap_and_cleaned(it: Harmed) -> bool:
    """A split was interrupted: of its new segments some are `.swap`, some still `.cleaned`."""
    logs = it.files(".log")
    for log in it.random.sample(logs, min(2, len(logs))):
        log.with_name(f"{log.name}.swap").write_bytes(log.read_bytes())
    if not logs:
        return False
    log = it.random.choice(logs)
    log.with_name(f"{log.name}.cleaned").write_bytes(log.read_bytes())
    return True


@harm
def foreign_files(it: Harmed) -> bool:
    """Files that Kafka does not know, and must not touch."""
    names = ("notes.txt", "README", "1.txt", "00000000000000000003.bak", "x.tmp", ".hidden")
    for name in it.random.sample(names, 3):
        (it.directory / name).write_bytes(b"mine")
    return True


@harm
def foreign_names(it: Harmed) -> bool:
    """Files whose names end like Kafka's and have no number."""
    name = it.random.choice(
        ("x.log", "x.index", "x.snapshot", "x.cleaned", "x.swap", "x.deleted", "5.log", "5.index")
    )
    (it.directory / name).write_bytes(b"mine")
    return True


@harm
def foreign_folder(it: Harmed) -> bool:
    """A folder inside the partition's, also with a segment's name."""
    name = it.random.choice(("lost+found", "00000000000000000009.index", "old.swap"))
    if (it.directory / name).exists():
        return False
    (it.directory / name).mkdir()
    return True
