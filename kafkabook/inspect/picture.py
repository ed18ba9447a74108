"""One batch of a segment as a picture in a file of its own, never beside what is inspected."""

from pathlib import Path

from kafkabook.inspect.files import Refused, refusal
from kafkabook.inspect.place import Place
from kafkabook.inspect.segments import sound_batches
from kafkabook.inspect.wanted import Wanted
from kafkabook.records.record_batch import RecordBatch


def draw(place: Place, wanted: Wanted, target: Path) -> RecordBatch:
    """Write the byte map of the first batch that is shown to `target`; return the batch.

    Raises:
        Refused: nothing to draw, a target that exists or lies beside the inspected files.
        CorruptSegment: there is damage before any such batch.
    """
    from kafkabook.viz.byte_map import byte_map

    if place.folder in Path(target).absolute().parents:
        raise Refused(target, "nothing is written beside inspected files; give another directory")
    batch = _first_batch(place, wanted)
    try:
        svg = byte_map(batch).svg
    except ValueError as error:
        raise Refused(target, f"batch {batch.base_offset} cannot be drawn: {error}") from error
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(svg)
    except FileExistsError as error:
        raise Refused(target, "there is such a file already; give another name") from error
    except OSError as error:
        raise refusal(target, error) from error
    return batch


def _first_batch(place: Place, wanted: Wanted) -> RecordBatch:
    with place.open() as folder:
        for name in place.segments:
            for _, batch in sound_batches(folder, name, place, wanted):
                if batch.last_offset >= wanted.from_offset:
                    return batch
    raise Refused(place.folder, "--svg draws a batch, and there is none in what was given")
