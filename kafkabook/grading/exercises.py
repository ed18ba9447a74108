"""The registry of exercises, in the order of the book."""

from kafkabook.base.door import nearest
from kafkabook.base.errors import MissingKey
from kafkabook.grading import cluster_exercises, printed
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.laws import batch, index, offsets, retention, roll
from kafkabook.grading.laws.running_log import running
from kafkabook.log.facts import Appended, RollReason
from kafkabook.log.index import lookup
from kafkabook.log.offsets import assign_offsets
from kafkabook.log.retention import deletable
from kafkabook.log.roll import should_roll

_EVENTS, _FILES = "01_events_and_the_log", "12_log_files"

_OFFSETS = Exercise(
    number="01.1",
    title="Append and offsets",
    chapter=_EVENTS,
    slot="assign_offsets",
    hardness=1,
    hours=0.3,
    part="my_offsets",
    reference=assign_offsets,
    kinds=(Appended,),
    examples=printed.OFFSETS,
    laws=(*offsets.LAWS, *running("assign_offsets")),
    given=("kafkabook.log.offsets:assign_offsets",),
    zoo="offsets",
    told=offsets.told,
    normal=offsets.in_a_tuple,
)

_ROLL = Exercise(
    number="01.2",
    title="Roll",
    chapter=_EVENTS,
    slot="should_roll",
    hardness=1,
    hours=0.5,
    part="my_roll",
    reference=should_roll,
    kinds=(RollReason, type(None)),
    examples=printed.ROLL,
    laws=(*roll.LAWS, *running("should_roll")),
    given=("kafkabook.log.roll:should_roll",),
    zoo="roll",
    told=roll.told,
)

_DELETABLE = Exercise(
    number="01.3",
    title="Deletable segments",
    chapter=_EVENTS,
    slot="deletable",
    hardness=1,
    hours=0.5,
    part="my_deletable",
    reference=deletable,
    kinds=(int,),
    examples=printed.DELETABLE,
    laws=(*retention.LAWS, *running("deletable")),
    given=("kafkabook.log.retention:deletable", "kafkabook.log.retention:reasons_to_delete"),
    zoo="retention",
    told=retention.told,
)

_LOOKUP = Exercise(
    number="12.1",
    title="Index lookup",
    chapter=_FILES,
    slot="lookup",
    hardness=2,
    hours=0.7,
    part="my_lookup",
    reference=lookup,
    kinds=(int,),
    examples=printed.LOOKUP,
    laws=(*index.LAWS, *running("lookup")),
    given=("kafkabook.log.index:lookup",),
    zoo="index",
    told=index.told,
)

_DECODE = Exercise(
    number="12.2",
    title="Decode a batch",
    chapter=_FILES,
    slot="decode_batch",
    hardness=2,
    hours=1.5,
    part="my_decode",
    reference=batch.decoded,
    kinds=(tuple,),
    examples=printed.DECODE,
    laws=(*batch.LAWS, *running("decode_batch", batch.slotted)),
    given=(
        "kafkabook.records.record_batch:decode_batch",
        "kafkabook.records.record_batch:RecordBatch.records",
        "kafkabook.records.record_decoder:decode_records",
        "kafkabook.records.record_decoder:decode_record",
        "kafkabook.records.varint:decode_varint",
        "kafkabook.records.varint:decode_varlong",
        "kafkabook.records.varint:decode_unsigned_varint",
    ),
    zoo="batch",
    told=batch.told,
    slotted=batch.slotted,
    normal=batch.in_a_tuple,
)

EXERCISES = (_OFFSETS, _ROLL, _DELETABLE, *cluster_exercises.EXERCISES, _LOOKUP, _DECODE)


def find(number: str) -> Exercise:
    """Return the exercise with this number.

    Raises:
        KeyError: there is none; the message names the nearest.

    >>> find("01.2").title
    'Roll'
    """
    known = {exercise.number: exercise for exercise in EXERCISES}
    if number in known:
        return known[number]
    near = nearest(str(number).zfill(4), known, 0)
    raise MissingKey(f"there is no exercise {number!r}; did you mean {near!r}?")
