"""Errors by Kafka's names: codes, what may be tried again, and what an exception says of itself."""

import pickle

import kafka.errors
import pytest

from kafkabook.base.errors import (
    CorruptMessage,
    Errors,
    KafkaError,
    OffsetOutOfRange,
    UnexpectedAppendOffset,
    name_of,
)

OTHERWISE_NAMED = {  # by kafka-python; ours are Kafka's
    Errors.UNKNOWN_SERVER_ERROR,
    Errors.NONE,
    Errors.NOT_LEADER_OR_FOLLOWER,
    Errors.MESSAGE_TOO_LARGE,
    Errors.INVALID_TOPIC_EXCEPTION,
    Errors.INVALID_REPLICA_ASSIGNMENT,
}
OTHERWISE_RETRIED = {Errors.CORRUPT_MESSAGE}  # by kafka-python; Kafka's own may be tried again
THEIRS = {
    known.errno: known
    for known in vars(kafka.errors).values()
    if isinstance(known, type) and isinstance(getattr(known, "errno", None), int)
}


@pytest.mark.parametrize("error", Errors)
def test_an_independent_client_has_the_same_codes(error: Errors) -> None:
    """Its names differ here and there, for Kafka once renamed some of its own."""
    theirs = THEIRS[error.code]
    assert (error.name != theirs.message) == (error in OTHERWISE_NAMED)
    assert (error.retriable != theirs.retriable) == (error in OTHERWISE_RETRIED)


def test_a_code_from_the_wire_finds_its_error() -> None:
    """The value of a member is its code."""
    assert Errors.INVALID_RECORD is Errors(87)
    assert [error.code for error in Errors] == sorted({error.value for error in Errors})


@pytest.mark.parametrize("error", Errors)
def test_each_error_says_what_it_means_in_a_sentence(error: Errors) -> None:
    """It is what a reader sees where nobody knew better words."""
    assert error.says == str(KafkaError(error))
    assert error.says[0].isupper()
    assert error.says.endswith(".")


def test_an_exception_is_its_sentence_and_shows_its_name() -> None:
    """In a sentence the name would be noise; in a list of errors it is what tells them apart."""
    error = KafkaError(Errors.INVALID_REQUEST, "broker 9 is down")
    assert "broker 9 is down" == str(error)
    assert "KafkaError(INVALID_REQUEST: broker 9 is down)" == repr(error)
    assert ("INVALID_REQUEST", "KeyError") == (name_of(error), name_of(KeyError()))


def test_an_exception_survives_a_process() -> None:
    """Searches and graders run elsewhere, and tell what they met."""
    error = pickle.loads(pickle.dumps(KafkaError(Errors.INVALID_REQUEST, "broker 9 is down")))
    assert (Errors.INVALID_REQUEST, "broker 9 is down") == (error.error, str(error))


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (OffsetOutOfRange(6, log_start=0, log_end=5), Errors.OFFSET_OUT_OF_RANGE),
        (CorruptMessage("cut off", at_byte=7), Errors.CORRUPT_MESSAGE),
        (UnexpectedAppendOffset(6, 5), Errors.UNKNOWN_SERVER_ERROR),
    ],
)
def test_who_carries_facts_is_an_error_of_kafka_too(raised: KafkaError, error: Errors) -> None:
    """A part reads the facts; a client is told the name."""
    assert error is raised.error


@pytest.mark.parametrize("error", Errors)
def test_only_no_error_is_told_by_no_name(error: Errors) -> None:
    """Traces and readers have an error as text, and nothing where all went well."""
    assert ("" if error is Errors.NONE else error.name) == error.told
