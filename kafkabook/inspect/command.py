"""`kafkabook inspect PATH`: any file of a Kafka log directory, read only.

Exit code 0: all that was looked at is sound, though there may be warnings. 1: something is damaged:
bytes contradict each other; the first damage of each file is named. 2: the command line cannot be
understood, or PATH is nothing to show. 3: nothing that was read is damaged, but something was not
read here, for a format or a limit of ours. 4: all was read, and a hint is missing without which
nobody can tell whether it is whole; the option that helps is named.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kafkabook.base.errors import NotReadHere
from kafkabook.base.plain import plain
from kafkabook.base.units import MIB
from kafkabook.inspect.byte_map import byte_findings
from kafkabook.inspect.consumed import ConsumerView, only_segments
from kafkabook.inspect.dump import Dump, Read
from kafkabook.inspect.files import Refused
from kafkabook.inspect.findings import Finding, Row
from kafkabook.inspect.folder import ReadOnlyFolder
from kafkabook.inspect.internal_topics import TOPICS
from kafkabook.inspect.output import Output
from kafkabook.inspect.picture import draw
from kafkabook.inspect.place import Place, look_at
from kafkabook.inspect.styles import JsonLines, Style, Table
from kafkabook.inspect.wanted import Wanted
from kafkabook.log.facts import IsolationLevel
from kafkabook.records.room import MOST_BYTES, decompressing_at_most

DAMAGED, REFUSED, NOT_READ, HINT_MISSING = 1, 2, 3, 4
_EPILOG = """\b
Examples:
  kafkabook inspect /var/lib/kafka/orders-0
  kafkabook inspect orders-0/00000000000000000000.log --json | head
  kafkabook inspect orders-0 --isolation read_committed --high-watermark 57
  kafkabook inspect orders-0/00000000000000000000.index --bytes

\b
Exit code (of several the first of 1, 3, 4):
  0  sound; warnings are about what Kafka itself does not look at
  1  damaged: bytes contradict each other (file, byte, batch and reason are named)
  2  refused: PATH or the options are nothing to work with
  3  not read here: a format or a limit of kafkabook, which the sentence names
  4  hint missing: only an option, such as --compacted or --live, can tell
"""
_LEVELS = [level.name.lower() for level in IsolationLevel]
_OFFSET = click.IntRange(min=0)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
    epilog=_EPILOG,
)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, by Kafka's names.")
@click.option("--bytes", "as_bytes", is_flag=True, help="Every field with its byte and its hex.")
@click.option(
    "--svg",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw the first batch that is shown into a new file.",
)
@click.option("--isolation", type=click.Choice(_LEVELS), help="Only what such a consumer is given.")
@click.option(
    "--high-watermark", type=_OFFSET, metavar="N", help="With --isolation: read up to offset N."
)
@click.option(
    "--decode",
    type=click.Choice(sorted(TOPICS.values())),
    help="Read records as those of an internal topic.",
)
@click.option("--from-offset", type=_OFFSET, default=0, metavar="N", help="Show from offset N on.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Show at most N rows.")
@click.option("--headers-only", is_flag=True, help="Batches without their records.")
@click.option(
    "--compacted/--not-compacted",
    default=None,
    help="Whether offsets may have gaps; else the topic's name and the cleaner's checkpoint tell.",
)
@click.option(
    "--live", is_flag=True, help="A broker may be writing; else its lock on the directory tells."
)
@click.option("--strict", is_flag=True, help="Take warnings for damage.")
@click.option(
    "--max-decompressed",
    type=click.IntRange(min=1),
    default=MOST_BYTES // MIB,
    show_default=True,
    metavar="MIB",
    help="Unpack at most so many MiB of one batch.",
)
@click.option("--hash-values", is_flag=True, help="Hashes instead of keys and values.")
@click.pass_context
def inspect(context: click.Context, /, path: str, **options: Any) -> None:
    """Show a partition directory, or one file of it, and say whether it is damaged.

    PATH is a partition directory, a .log, .index, .timeindex, .snapshot or .txnindex file, or a
    checkpoint, of offsets or of a cluster's metadata. Nothing is ever written.
    """
    _check(options)
    output = Output()
    try:
        with decompressing_at_most(options["max_decompressed"] * MIB):
            code = _inspect(Path(path), options, output)
        output.close()
    except Refused as refused:
        output.say(f"refused: {refused}")
        context.exit(REFUSED)
    except NotReadHere as error:
        output.say(f"not read here: {error}")
        context.exit(NOT_READ)
    except BrokenPipeError:
        output.abandon()
        context.exit(0)
    context.exit(code)


def _check(options: dict[str, Any]) -> None:
    if options["as_json"] and options["as_bytes"]:
        raise click.UsageError("--json and --bytes are two ways to show; give one of them")
    if options["as_bytes"] and (options["isolation"] or options["hash_values"]):
        raise click.UsageError("--bytes shows the file as it is; leave the other option out")
    if options["isolation"] and options["headers_only"]:
        raise click.UsageError("--isolation shows records; leave --headers-only out")
    if options["high_watermark"] is not None and not options["isolation"]:
        raise click.UsageError("--high-watermark is for consumers; add --isolation")


def _inspect(path: Path, options: dict[str, Any], output: Output) -> int:
    wanted = Wanted(
        limit=options["limit"],
        from_offset=options["from_offset"],
        headers_only=options["headers_only"],
        decode=options["decode"],
        compacted=options["compacted"],
        hash_values=options["hash_values"],
        strict=options["strict"],
    )
    place = look_at(path, is_live=options["live"])
    try:
        return _show(place, wanted, options, output)
    finally:
        place.view.close()


def _show(place: Place, wanted: Wanted, options: dict[str, Any], output: Output) -> int:
    style: Style = Table(output.write)
    if options["as_json"]:
        style = JsonLines(output.write, output.say)
    _tell_place(place, style)
    if options["isolation"]:
        place = only_segments(place)
    dump = Dump(place, wanted, style, output)
    if options["isolation"]:
        dump.run(_consumer(place, wanted, options, output))
    else:
        dump.run(_bytes_of(dump) if options["as_bytes"] else dump.read)
    if options["svg"] and not dump.is_damaged:
        drawn = draw(place, wanted, options["svg"])
        output.say(f"drew batch {drawn.base_offset}..{drawn.last_offset}")
    found = (
        DAMAGED * dump.is_damaged,
        NOT_READ * dump.is_unread,
        HINT_MISSING * dump.lacks_hint,
    )
    return next(filter(None, found), 0)


def _consumer(place: Place, wanted: Wanted, options: dict[str, Any], output: Output) -> Read:
    level = IsolationLevel[options["isolation"].upper()]
    view = ConsumerView(place, wanted, level, options["high_watermark"])
    output.say(view.said)
    return view.read


def _bytes_of(dump: Dump) -> Read:
    """Show the bytes first, whatever they are; then read the file as ever, for its damage."""

    def read(folder: ReadOnlyFolder, name: str) -> Iterator[Finding]:
        yield from byte_findings(folder, name, dump.place, dump.wanted)
        yield from (f for f in dump.read(folder, name) if not isinstance(f, Row))

    return read


def _tell_place(place: Place, style: Style) -> None:
    if not place.is_folder:
        return
    if place.partition is None:
        named = plain(place.folder.name)
        style.remark(f"{named} is not named <topic>-<partition>: no checkpoint knows it")
    for name in sorted(place.view.gone):
        style.remark(f"{plain(name)}: deleted while the directory was looked at, not shown")
    for name in place.passed_over:
        style.remark(f"{plain(name)}: not a file of a Kafka partition, passed over")
