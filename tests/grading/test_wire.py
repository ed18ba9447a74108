"""What crosses the pipe: our values unchanged, everything else as the name of its type."""

import pytest

from kafkabook.grading import wire
from kafkabook.grading.exercises import EXERCISES
from kafkabook.grading.wire import Foreign


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.number)
def test_every_argument_and_answer_of_an_example_arrives_as_it_was_sent(exercise: object) -> None:
    """Types too: a tuple stays one, a bool is no number."""
    for example in exercise.examples:  # type: ignore[attr-defined]
        sent = [example.arguments, example.answer, {"named": True}]
        got = wire.read(wire.written(sent))
        assert (sent, list(map(type, sent))) == (got, list(map(type, got)))
        assert wire.written(sent) == wire.written(got)


class Everything(int):
    """Equal to whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


def test_an_object_of_a_strange_type_brings_its_name_and_no_behaviour() -> None:
    """Otherwise an answer could decide by itself whether it is right."""
    assert [Foreign("Everything"), Foreign("object")] == wire.read(
        wire.written([Everything(3), object()])
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"value": "nothing", "of": []}',
        b'{"value": "Record", "of": [1, 2, 3, 4, 5, 6, 7]}',
        b'{"value": "RollReason", "of": "NEVER"}',
        b'{"bytes": 7}',
        b'{"bytes": "zz"}',
        b'{"unknown": 1}',
        b"{}",
        b"[" * 100_000,
    ],
    ids=lambda data: data[:30].decode(),
)
def test_what_was_not_written_here_is_a_value_error(data: bytes) -> None:
    """The other side may send anything."""
    with pytest.raises(ValueError, match=r"."):
        wire.read(data)
