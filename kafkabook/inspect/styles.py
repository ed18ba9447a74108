"""How findings are shown: as a table for a person, or as one JSON object a line for a program."""

from collections.abc import Callable
from typing import Protocol

from kafkabook.base.units import bytes_text
from kafkabook.inspect.findings import Fields, Row
from kafkabook.inspect.texts import cell, hashed, json_line, spoken, when

Say = Callable[[str], None]
BYTES = "bytes "  # how the kind of a row of a byte map begins; its part of the file follows
_TIMES = ("timestamp", "deleteHorizon")
_RECORD_LINE = "  {:>10}  {:<23}  {:<24}  {}"
_MOMENT_LINE = "  {:>10}  {:<23}"
_CONTROL = ("controlType", "coordinatorEpoch", "undecoded")
_BYTE_LINE = "  {:>10}  {:<49}  {:<20}"
_HIDDEN = ("key", "value")


class Style(Protocol):
    """What the inspection tells its findings to."""

    def begin(self, title: str) -> None:
        """A file begins."""

    def row(self, row: Row) -> None:
        """Show a row."""

    def remark(self, text: str) -> None:
        """Say something about the file."""


class JsonLines:
    """One object a line on standard output and nothing else there; remarks go elsewhere."""

    def __init__(self, write: Say, say: Say) -> None:
        self._write, self.remark = write, say

    def begin(self, title: str) -> None:
        """Nothing: every object names its file."""

    def row(self, row: Row) -> None:
        """Write the row; a batch only if its records do not tell of it."""
        if row.counts:
            self._write(json_line(row.fields))


class Table:
    """Columns that can be read while they grow: a heading a batch, a line a record."""

    def __init__(self, write: Say) -> None:
        self._write = write
        self._title, self._kind = "", ""

    def begin(self, title: str) -> None:
        """Write the file's name over what follows."""
        self._write(f"\n{title}" if self._title else title)
        self._title, self._kind = title, ""

    def row(self, row: Row) -> None:
        """Write the row, under the names of its columns if it is the first of its kind."""
        kind = "record" if row.kind in _HEADINGS or row.kind == "message" else row.kind
        is_news, self._kind = kind != self._kind, kind
        if kind == "record":
            self._record_or_batch(row, is_news)
        elif row.kind.startswith(BYTES):
            self._bytes(row, is_news)
        else:
            self._columns(row.fields, is_news)

    def remark(self, text: str) -> None:
        """Write a sentence; the file that is shown need not be named again."""
        self._write(f"  {text.removeprefix(self._title.partition(':')[0] + ': ')}")

    def _record_or_batch(self, row: Row, is_news: bool) -> None:
        if is_news and not (row.kind in _HEADINGS and row.counts):
            self._write(_RECORD_LINE.format("offset", "timestamp (UTC)", "key", "value"))
        self._write(_HEADINGS.get(row.kind, _record_line)(row.fields))

    def _bytes(self, row: Row, is_news: bool) -> None:
        if is_news:
            self._write(f" {row.kind.removeprefix(BYTES)}".rstrip())
        fields = row.fields
        line = _BYTE_LINE.format(fields["byte"], fields["hex"], fields["field"])
        self._write(f"{line}  {cell(fields['value'])}")

    def _columns(self, fields: Fields, is_news: bool) -> None:
        shown = {name: value for name, value in fields.items() if name != "file"}
        widths = [max(len(name), _WIDTHS.get(name, 10)) for name in shown]
        if is_news:
            self._write(_line(list(shown), widths))
        self._write(_line([_told(name, value) for name, value in shown.items()], widths))


def without_values(row: Row) -> Row:
    """Return the row with hashes in place of keys, values and header values."""
    fields = dict(row.fields)
    if row.kind in ("record", "message") and not fields.get("isControl"):
        fields |= {name: hashed(fields[name]) for name in _HIDDEN}
    if row.kind == "record" and not fields["isControl"]:
        fields["headers"] = [(name, hashed(value)) for name, value in fields["headers"]]
    return row._replace(fields={n: v for n, v in fields.items() if not n.startswith("decoded")})


_WIDTHS = {"timestamp": 23, "topic_id": 22, "topic": 24}


def _line(cells: list[str], widths: list[int]) -> str:
    return "  " + "  ".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True)).rstrip()


def _told(name: str, value: object) -> str:
    return when(value) if name in _TIMES and isinstance(value, int) else cell(value)


def _batch_line(fields: Fields) -> str:
    count = fields["recordsCount"]
    offsets = f"{fields['baseOffset']}..{fields['lastOffset']}"
    traits = [
        f"batch at byte {fields['position']}: offsets {offsets}",
        f"{count} record{'s' * (count != 1)}",
        bytes_text(fields["batchLength"] + 12),
        f"leader epoch {fields['partitionLeaderEpoch']}",
    ]
    traits += [fields["compression"]] * (fields["compression"] != "none")
    if fields["producerId"] >= 0:
        traits.append(f"producer {fields['producerId']} epoch {fields['producerEpoch']}")
        traits += [f"sequence from {fields['baseSequence']}"] * (fields["baseSequence"] >= 0)
    traits += [word for name, word in _WORDS if fields[name]]
    if "deleteHorizon" in fields:
        traits.append(f"delete horizon {when(fields['deleteHorizon'])}")
    return ", ".join(traits)


def _message_line(fields: Fields) -> str:
    traits = [
        f"message at byte {fields['position']}: magic {fields['magic']}",
        f"offset {fields['offset']}",
        bytes_text(fields["messageSize"] + 12),
    ]
    if "messages" in fields:
        inside = f"{fields['messages']} message{'s' * (fields['messages'] != 1)}"
        span = f"{inside} inside, offsets {fields['baseOffset']}..{fields['offset']}"
        traits += [span, fields["compression"]]
    return ", ".join(traits)


_HEADINGS: dict[str, Callable[[Fields], str]] = {
    "batch": _batch_line,
    "message set": _message_line,
}
_WORDS = (("isTransactional", "transactional"), ("isControl", "control"))


def _record_line(fields: Fields) -> str:
    moment = when(fields.get("timestamp", -1))
    told = [f"{cell(name)}: {cell(value)}" for name, value in fields.get("headers", ())]
    if fields.get("isControl"):
        told = [f"{name}={cell(fields[name])}" for name in _CONTROL if name in fields]
        told += [spoken(fields["decodedValue"])] if "decodedValue" in fields else []
    elif "decodedValue" in fields:
        parts = [fields[name] for name in ("decodedKey", "decodedValue") if name in fields]
        told = [" = ".join(map(spoken, parts)), *told]
    else:
        key, value = cell(fields["key"]), cell(fields["value"])
        told += [f"undecoded: {fields['undecoded']}"] if "undecoded" in fields else []
        return "  ".join([_RECORD_LINE.format(fields["offset"], moment, key, value), *told])
    return "  ".join([_MOMENT_LINE.format(fields["offset"], moment), *told])
