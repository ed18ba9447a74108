"""A whole inspection: file after file, each up to its first damage."""

from collections.abc import Callable, Iterator

from kafkabook.base.errors import CorruptMessage, CorruptSegment, KafkaError, NotReadHere
from kafkabook.base.units import MIB, bytes_text
from kafkabook.inspect.files import SourceFile
from kafkabook.inspect.findings import Finding, HintMissing, Remark, Warned
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.indexes import offset_index_findings, time_index_findings
from kafkabook.inspect.kinds import Kind, Known, known
from kafkabook.inspect.output import Output
from kafkabook.inspect.place import Place
from kafkabook.inspect.segments import segment_findings
from kafkabook.inspect.states import state_findings
from kafkabook.inspect.styles import Style, without_values
from kafkabook.inspect.wanted import Wanted
from kafkabook.log.verification import CutOffBatch

Read = Callable[[ReadOnlyFolder, str], Iterator[Finding]]
STEP_BYTES = 64 * MIB  # between two words of progress


class Dump:
    """Shows the files of a place and remembers whether one is damaged, or not read in full.

    Attributes: `is_damaged`, `is_unread`, `lacks_hint` (something cannot be told without an option
    that nobody gave).

    Args:
        style: where the findings go.
        output: where damage and progress go, sentence by sentence.
    """

    def __init__(self, place: Place, wanted: Wanted, style: Style, output: Output) -> None:
        self.place, self.wanted, self.style, self.output = place, wanted, style, output
        self.is_damaged = self.is_unread = self.lacks_hint = False
        self._left = wanted.limit
        self._told_at = 0  # byte that progress was last told of
        self._broken_at: int | None = None  # base offset of the damaged segment

    def run(self, read: Read) -> None:
        """Show every file; behind a damaged segment, no later one, for there is a hole between.

        Raises:
            Refused: a file that is not to be opened.
        """
        with self.place.open() as folder:
            for name in self.place.names:
                if self._is_behind_damage(name):
                    self.style.remark(f"{name}: not shown, it lies behind the damage")
                elif self._left != 0:
                    self._show(folder, name, read)
        if self._left == 0:
            self.output.say(
                f"stopped after {self.wanted.limit} rows; what follows was not looked at"
            )

    def _show(self, folder: ReadOnlyFolder, name: str, read: Read) -> None:
        file = folder.file(name)
        self.style.begin(title_of(file))
        try:
            for finding in read(folder, name):
                self._tell(finding, file)
                if self._left == 0:
                    return
        except NotReadHere as error:
            self.is_unread = True
            self.output.say(f"{name}: not read here: {error}")
        except KafkaError as error:
            self._fail(file, error)

    def _fail(self, file: SourceFile, error: KafkaError) -> None:
        """Say what is wrong, unless it is that a broker is writing just now."""
        name = file.name
        if isinstance(error, CutOffBatch) and error.torn_tail and _known(name).is_live:
            self._end_inside_a_batch(file, error)
        elif self.place.is_live and (file.is_replaced() or file.has_grown()):
            self.style.remark(f"{name}: being written, and not yet whole: {told(name, error)}")
        else:
            self.is_damaged = True
            self.output.say(told(name, error))
            if isinstance(error, CorruptSegment) and _known(name).is_live:
                self._broken_at = _known(name).base_offset

    def _end_inside_a_batch(self, file: SourceFile, error: CutOffBatch) -> None:
        """Tell of half a batch behind the last whole one."""
        if self.place.is_live or file.has_grown():
            where = f"the last batch, from byte {error.at_byte} on, is being written"
            self.style.remark(f"{file.name}: {where}: {error.reason}")
            return
        self.lacks_hint = True
        self.output.say(
            f"{error}. Hint missing: if a broker is writing to this file, say --live; if none is,"
            " a crash cut the batch off, and recovery takes the rest away"
        )

    def _tell(self, finding: Finding, file: SourceFile) -> None:
        if isinstance(finding, Remark):
            self.style.remark(finding.text)
            return
        if isinstance(finding, Warned | HintMissing):
            self.lacks_hint |= isinstance(finding, HintMissing)
            self.output.say(finding.text)
            return
        self.style.row(without_values(finding) if self.wanted.hash_values else finding)
        if self._left is not None:
            self._left -= finding.counts
        position = finding.fields.get("position", 0)
        if position - self._told_at >= STEP_BYTES or position < self._told_at:
            self._told_at = position
            self.output.progress(file.name, position, file.size_bytes)

    def read(self, folder: ReadOnlyFolder, name: str) -> Iterator[Finding]:
        """Yield what a file holds, in the way that its kind asks for."""
        what = _known(name)
        if what.kind in (Kind.LOG, Kind.METADATA_SNAPSHOT):
            return segment_findings(folder, name, self.place, self.wanted)
        if what.kind in (Kind.OFFSET_INDEX, Kind.TIME_INDEX):
            return self._read_index(folder.file(name), what)
        return state_findings(folder, name)

    def _read_index(self, file: SourceFile, what: Known) -> Iterator[Finding]:
        findings = offset_index_findings if what.kind is Kind.OFFSET_INDEX else time_index_findings
        log = self.place.sibling(file.name, ".log")
        if what.is_live and what.base_offset == self._broken_at:
            log = None
            yield Remark(f"{file.name}: not compared with its segment, which is damaged")
        with self.place.open() as beside:
            segment = beside.file(log) if log else None
            yield from findings(file, what.base_offset, segment, is_live=self.place.is_live)

    def _is_behind_damage(self, name: str) -> bool:
        return self._broken_at is not None and _known(name).base_offset > self._broken_at


def title_of(file: SourceFile) -> str:
    """Return the heading of a file in a table."""
    what = _known(file.name)
    state = f" ({what.suffix[1:]})" if what.suffix else ""
    base = f", base offset {what.base_offset}" if what.base_offset >= 0 else ""
    return f"{file.name}: {what.kind}{state}, {bytes_text(file.size_bytes)}{base}"


def told(name: str, error: KafkaError) -> str:
    """Say what is wrong with a file, so that a person can find it."""
    if isinstance(error, CorruptSegment) or not isinstance(error, CorruptMessage):
        return str(error)
    reason = error.reason.removeprefix(f"{name}: ")
    return f"{name}: damage at byte {error.at_byte}: {reason}"


def _known(name: str) -> Known:
    what = known(name)
    assert what is not None
    return what
