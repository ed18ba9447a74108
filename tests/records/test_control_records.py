"""The ends of transactions: Kafka's 78 bytes, and what else a control record may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkabook.base.errors import CorruptMessage
from kafkabook.records.control_records import (
    ControlRecord,
    ControlType,
    end_transaction_marker,
    read_control,
)
from kafkabook.records.record import Record
from tests.records.vectors import data_of

MARKER = {"producer_id": 1_000, "producer_epoch": 0, "coordinator_epoch": 5}


def test_a_marker_is_kafkas_to_the_byte() -> None:
    """As the broker writes it at the end of a commit."""
    marker = end_transaction_marker(ControlType.COMMIT, **MARKER, timestamp_ms=1_700_000_000_000)
    assert data_of("commit marker pid 1000 epoch 0 coordinator epoch 5") == marker.data


@pytest.mark.parametrize("control_type", [ControlType.ABORT, ControlType.COMMIT])
def test_a_marker_reads_back(control_type: ControlType) -> None:
    """Who ended it, and how."""
    marker = end_transaction_marker(
        control_type, **MARKER, timestamp_ms=7, base_offset=12, partition_leader_epoch=3
    )
    (record,) = marker.records
    assert (12, 7) == (record.offset, record.timestamp_ms)
    told = ControlRecord(control_type, 5, bytes.fromhex("000000000005"))
    assert told == read_control(record)


def test_only_two_types_end_a_transaction() -> None:
    """The others belong to the quorum of controllers."""
    with pytest.raises(ValueError, match="LEADER_CHANGE does not end a transaction"):
        end_transaction_marker(ControlType.LEADER_CHANGE, **MARKER, timestamp_ms=0)


@pytest.mark.parametrize(
    ("key", "control_type"),
    [
        ("00000002", ControlType.LEADER_CHANGE),
        ("00000006", ControlType.KRAFT_VOTERS),
        ("00000063", ControlType.UNKNOWN),
        ("0001ffff", ControlType.UNKNOWN),
    ],
)
def test_types_that_are_not_ours_are_passed_on(key: str, control_type: ControlType) -> None:
    """A consumer skips them all; a dump shows their bytes."""
    record = Record(bytes.fromhex(key), b"anything")
    assert ControlRecord(control_type, None, b"anything") == read_control(record)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, "", "a control record's key takes 4 bytes, not none"),
        ("000000", "", "a control record's key takes 4 bytes, not 3"),
        ("ffff0001", "", "a control record's key has version -1"),
        ("00000001", None, "a control record's value takes 6 bytes, not none"),
        ("00000000", "0000000000", "a control record's value takes 6 bytes, not 5"),
        ("00000000", "ffff00000005", "a control record's value has version -1"),
    ],
)
def test_a_control_record_that_cannot_be_says_why(
    key: str | None, value: str | None, reason: str
) -> None:
    """Too short, or of a negative version."""
    fields = (None if text is None else bytes.fromhex(text) for text in (key, value))
    with pytest.raises(CorruptMessage) as caught:
        read_control(Record(*fields))
    assert reason == caught.value.reason


@given(st.none() | st.binary(max_size=8), st.none() | st.binary(max_size=8))
def test_any_bytes_are_refused_or_read(key: bytes | None, value: bytes | None) -> None:
    """No other error gets out."""
    try:
        assert read_control(Record(key, value)).type in ControlType
    except CorruptMessage as fault:
        assert fault.reason.startswith("a control record's")
