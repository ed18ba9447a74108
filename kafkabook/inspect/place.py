"""Where a file stands: its partition, its segment's other files, and the checkpoints beside it.

Source: kafka, storage `UnifiedLog.parseTopicPartitionName`, `LogDirFailureChannel`; notes, Part 1
ch 02 §07.
"""

import os
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.names import TopicPartition
from kafkabook.base.plain import plain
from kafkabook.inspect.files import Refused, check_regular, refusal
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.kinds import Kind, Known, known, order_of
from kafkabook.inspect.running import is_running
from kafkabook.inspect.view import View

_LIFE_CYCLE = re.compile(r"(.+)\.[0-9a-f]{32}-(delete|future|stray)", re.ASCII)
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A partition directory, and which of its files are to be shown, in their order.

    Attributes: `folder`, `names` (files to show), `passed_over` (names that are not Kafka's),
    `beside` (names of all of Kafka's files in the folder), `live_segments` (the `.log` files in
    use, shown or not, oldest first), `partition` (None if the folder is not
    named `<topic>-<number>`), `is_folder` (PATH was the folder itself), `is_live` (a broker may be
    writing), `view` (the files as they were when this was asked).
    """

    folder: Path
    names: tuple[str, ...]
    passed_over: tuple[str, ...]
    beside: frozenset[str]
    live_segments: tuple[str, ...]
    partition: TopicPartition | None
    is_folder: bool
    is_live: bool
    view: View

    def open(self) -> ReadOnlyFolder:
        """Return the folder to be read, as it was when this place was looked at."""
        return ReadOnlyFolder(self.folder, self.view.held, is_live=self.is_live)

    @property
    def segments(self) -> tuple[str, ...]:
        """The live `.log` files that are to be shown, oldest first."""
        return tuple(name for name in self.names if _is_live_log(name))

    def base_after(self, base_offset: int) -> int | None:
        """Return the base offset of the next segment, if there is one, shown or not."""
        behind = bisect_right(self.live_segments, f"{base_offset:020d}.log")
        return int(self.live_segments[behind][:20]) if self.live_segments[behind:] else None

    def sibling(self, name: str, ending: str) -> str | None:
        """Return the name of another file of the same segment, if it is there."""
        stem, _, rest = name.partition(".")
        suffix = rest[rest.index(".") :] if "." in rest else ""
        wanted = f"{stem}{ending}{suffix}"
        return wanted if wanted in self.beside else None


def look_at(path: Path, *, is_live: bool = False) -> Place:
    """Say what `path` is.

    Args:
        is_live: a broker may be writing; else its lock on the log directory is looked for.

    Raises:
        Refused: not there, not readable, or neither a partition directory nor a file of one.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error
    if stat.S_ISDIR(mode) and known(path.name) is None:
        return _folder(path, is_live=is_live or is_running(path.parent))
    check_regular(path, mode)
    return _single(path, is_live=is_live or is_running(path.parent.parent))


def _folder(folder: Path, *, is_live: bool) -> Place:
    view = View.of(folder, is_live=is_live)
    names = view.listed
    ours = sorted((name for name in names if known(name)), key=order_of)
    if not any(_in_partition(known(name)) for name in ours):
        view.close()
        raise Refused(folder, _no_partition(names))
    others = tuple(name for name in names if not known(name))
    return _place(view, folder, tuple(ours), others, ours, is_folder=True, is_live=is_live)


def _single(path: Path, *, is_live: bool) -> Place:
    if known(path.name) is None:
        raise Refused(
            path,
            "its name is none that Kafka gives; expected 20 digits and .log, .index, .timeindex,"
            " .snapshot or .txnindex, or the name of a checkpoint. Give a copy the name it had",
        )
    view = View.of(path.parent, is_live=is_live)
    ours = [name for name in view.listed if known(name)]
    return _place(view, path.parent, (path.name,), (), ours, is_folder=False, is_live=is_live)


def _place(
    view: View,
    folder: Path,
    names: tuple[str, ...],
    passed_over: tuple[str, ...],
    ours: list[str],
    *,
    is_folder: bool,
    is_live: bool,
) -> Place:
    live = tuple(sorted(filter(_is_live_log, ours)))
    return Place(
        folder,
        names,
        passed_over,
        frozenset(ours),
        live,
        _partition(folder),
        is_folder=is_folder,
        is_live=is_live,
        view=view,
    )


def _partition(folder: Path) -> TopicPartition | None:
    """Return the partition that a folder's name tells; refuse a name that no topic can have."""
    moved = _LIFE_CYCLE.fullmatch(folder.name)
    try:
        return TopicPartition.parse(moved.group(1) if moved else folder.name)
    except KafkaError as error:
        if error.error is Errors.INVALID_TOPIC_EXCEPTION:
            raise Refused(folder, f"{error}; rename the copy") from error
        return None  # another folder than a partition's


def _is_live_log(name: str) -> bool:
    what = known(name)
    return what is not None and what.kind is Kind.LOG and what.is_live


def _in_partition(what: Known | None) -> bool:
    """Whether such a file lies in a partition, or in the cache of indexes of remote segments."""
    kinds = (Kind.LEADER_EPOCHS, Kind.METADATA_SNAPSHOT)
    return what is not None and (what.base_offset >= 0 or what.kind in kinds)


def _no_partition(names: tuple[str, ...]) -> str:
    """Say what a directory without a segment is instead, and what to give."""
    if not names:
        return "the directory is empty; give a partition directory such as orders-0"
    folders = [plain(name.rstrip("/")) for name in names if re.fullmatch(r".+-\d+/", name)]
    if folders:
        more = f" (and {len(folders) - _MOST_NAMED} more)" if len(folders) > _MOST_NAMED else ""
        return f"it holds partitions; give one of them: {', '.join(folders[:_MOST_NAMED])}{more}"
    return "there is no segment in it; give a partition directory such as orders-0, or one file"
