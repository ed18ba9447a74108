"""What a message carries, as plain values: a figure shows it beside what was stored."""

from typing import Any

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.names import TopicPartition
from kafkabook.cluster.metadata import PartitionRecord, RemoveTopicRecord
from kafkabook.protocol import admin_api, control_api, records_api
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    ConfigEntry,
    CreatedTopic,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeletedRecords,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribedConfigs,
    ElectLeadersRequest,
    ElectLeadersResponse,
    GrownTopic,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    ListedOffset,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    NewTopic,
    PartitionMetadata,
    Result,
)
from kafkabook.protocol.carried import Carried
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
    ConfirmedIsr,
    MetadataUpdate,
    ProposedIsr,
)
from kafkabook.protocol.records_api import (
    EpochEndOffset,
    EpochLookup,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
    ProducedPartition,
    ProducePartition,
    ProduceRequest,
    ProduceResponse,
)
from kafkabook.records.batch_header import HEADER_BYTES
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.facts import PartitionState

ORDERS, BILLS = TopicPartition("orders", 0), TopicPartition("bills", 1)


def a_batch(*values: bytes | None, base_offset: int = 0) -> RecordBatch:
    """Records with these values."""
    records = [Record(value=value, timestamp_ms=1) for value in values]
    return RecordBatch.of(records, base_offset=base_offset)


ONE, TWO = a_batch(b"m4", b"m5", base_offset=4), a_batch(b"m6", base_offset=6)
# The length of the first record is negative, which none can be.
DAMAGED = RecordBatch(ONE.data[:HEADER_BYTES] + b"\x01" + ONE.data[HEADER_BYTES + 1 :])


def test_a_produce_request_carries_the_records_of_every_partition() -> None:
    """With the checksum that ties what is sent to what is stored."""
    sent = a_batch(b"a", b"b")
    parts = (ProducePartition(ORDERS, sent), ProducePartition(BILLS, TWO))
    expected = (
        Carried("orders-0", 0, 1, ("a", "b"), sent.header.crc),
        Carried("bills-1", 6, 6, ("m6",), TWO.header.crc),
    )
    assert expected == ProduceRequest(-1, parts).carries()


def test_a_fetch_response_carries_all_batches_and_the_mark() -> None:
    """The offsets are those of the whole, the checksum is that of the first batch."""
    answers = (
        FetchedPartition(ORDERS, Errors.NONE, 5, 0, 7, (ONE, TWO)),
        FetchedPartition(BILLS, Errors.NONE, 3, 0, 3),
        FetchedPartition(BILLS, Errors.NOT_LEADER_OR_FOLLOWER),
    )
    expected = (
        Carried("orders-0", 4, 6, ("m4", "m5", "m6"), ONE.header.crc, high_watermark=5),
        Carried("bills-1", high_watermark=3),
        Carried("bills-1", error="NOT_LEADER_OR_FOLLOWER"),
    )
    assert expected == FetchResponse(answers).carries()


def test_of_a_damaged_batch_only_the_header_is_told() -> None:
    """Nobody can say what its records were; those beside it can still be read."""
    crc = ONE.header.crc
    assert Carried("orders-0", 4, 5, (), crc) == Carried.batches(ORDERS, (DAMAGED,))
    assert Carried("orders-0", 4, 6, ("m6",), crc) == Carried.batches(ORDERS, (DAMAGED, TWO))


def test_a_value_that_is_no_text_is_shown_all_the_same() -> None:
    """A tombstone has none, and bytes that are no UTF-8 are replaced."""
    carried = Carried.batches(ORDERS, iter([a_batch(None, b"\xff", b"z")]))
    assert ("", "\ufffd", "z") == carried.values


def test_no_batches_are_no_offsets() -> None:
    """There is nothing to compare."""
    assert Carried("orders-0") == Carried.batches(ORDERS, ())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            ProduceResponse((ProducedPartition(ORDERS, 4, Errors.NOT_LEADER_OR_FOLLOWER),)),
            Carried("orders-0", 4, error="NOT_LEADER_OR_FOLLOWER"),
        ),
        (FetchRequest(2, 7, (FetchPartition(ORDERS, 4),)), Carried("orders-0", 4)),
        (
            OffsetsForLeaderEpochRequest(2, (EpochLookup(ORDERS, 9, 3),)),
            Carried("orders-0", epoch=3),
        ),
        (
            OffsetsForLeaderEpochResponse((EpochEndOffset(ORDERS, Errors.NONE, 3, 8),)),
            Carried("orders-0", 8, epoch=3),
        ),
    ],
)
def test_the_other_messages_carry_what_they_ask_or_answer(
    message: ProduceResponse
    | FetchRequest
    | OffsetsForLeaderEpochRequest
    | OffsetsForLeaderEpochResponse,
    expected: Carried,
) -> None:
    """Offsets, epochs and errors, and no records."""
    assert (expected,) == message.carries()


# --- what administrators, brokers and the controller say ------------------------------------------

STATE = PartitionState((1, 2, 3), isr=frozenset({1, 3}), leader=1, leader_epoch=4)
UNKNOWN_TOPIC = Errors.UNKNOWN_TOPIC_OR_PARTITION


def test_every_request_and_response_says_what_it_carries() -> None:
    """A message that cannot say it would be an empty dot in a figure."""
    named = ("Request", "Response", "Update")
    messages = [
        kind
        for module in (admin_api, control_api, records_api)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and name.endswith(named)
    ]
    assert [] == [kind.__name__ for kind in messages if not hasattr(kind, "carries")]
    assert 33 == len(messages)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (MetadataRequest(), [Carried("", says="every topic")]),
        (MetadataRequest(("a", "b")), [Carried("a"), Carried("b")]),
        (
            MetadataResponse((1,), (PartitionMetadata(ORDERS, None, 4, (1, 3), (3, 1)),), ("b",)),
            [
                Carried("orders-0", epoch=4, says="leader none, in-sync 1, 3"),
                Carried("b", error=UNKNOWN_TOPIC.name),
            ],
        ),
        (DescribeClusterRequest(), []),
        (DescribeClusterResponse(((1, None), (2, "a"))), [Carried("", says="brokers 1, 2")]),
        (
            ListOffsetsRequest(((ORDERS, -1), (ORDERS, -2), (BILLS, 5))),
            [
                Carried("orders-0", says="its end"),
                Carried("orders-0", says="its beginning"),
                Carried("bills-1", says="at timestamp 5 ms"),
            ],
        ),
        (
            ListOffsetsResponse((ListedOffset(ORDERS, 7, error=Errors.INVALID_REQUEST),)),
            [Carried("orders-0", 7, error="INVALID_REQUEST")],
        ),
        (DescribeConfigsRequest(("a",)), [Carried("a")]),
        (
            DescribeConfigsResponse(
                (
                    DescribedConfigs("a", (ConfigEntry("x", "1"), ConfigEntry("y", "2"))),
                    DescribedConfigs("b", error=UNKNOWN_TOPIC, says="no b"),
                )
            ),
            [Carried("a", says="x=1, y=2"), Carried("b", error=UNKNOWN_TOPIC.name, says="no b")],
        ),
        (
            CreateTopicsRequest(
                (
                    NewTopic("a", 3, 2, settings=(("x", "1"), ("y", None))),
                    NewTopic("b", assignment=((1, 2), (2, 3))),
                    NewTopic("c"),
                )
            ),
            [
                Carried("a", says="3 partitions, replication factor 2, x=1, y as by default"),
                Carried("b", says="replicas 1, 2; 2, 3"),
                Carried("c"),
            ],
        ),
        (
            CreateTopicsResponse(
                (
                    CreatedTopic("a", ((1, 2),)),
                    CreatedTopic("b", error=Errors.INVALID_REQUEST, says="why"),
                )
            ),
            [Carried("a", says="replicas 1, 2"), Carried("b", error="INVALID_REQUEST", says="why")],
        ),
        (
            CreatePartitionsRequest((GrownTopic("a", 3),)),
            [Carried("a", says="3 partitions in all")],
        ),
        (
            CreatePartitionsResponse(
                (CreatedTopic("a", error=Errors.INVALID_REQUEST, says="why"),)
            ),
            [Carried("a", error="INVALID_REQUEST", says="why")],
        ),
        (DeleteTopicsRequest(("a",)), [Carried("a")]),
        (
            DeleteTopicsResponse((Result("a", Errors.INVALID_REQUEST, "why"),)),
            [Carried("a", error="INVALID_REQUEST", says="why")],
        ),
        (
            IncrementalAlterConfigsRequest((AlteredConfigs("a", (("x", "1"),)),)),
            [Carried("a", says="x=1")],
        ),
        (
            IncrementalAlterConfigsResponse((Result("a", Errors.INVALID_REQUEST, "why"),)),
            [Carried("a", error="INVALID_REQUEST", says="why")],
        ),
        (ElectLeadersRequest("unclean", (ORDERS,)), [Carried("orders-0", says="unclean")]),
        (ElectLeadersRequest("preferred", None), [Carried("", says="preferred")]),
        (
            ElectLeadersResponse((Result("orders-0", Errors.INVALID_REQUEST, "why"),)),
            [Carried("orders-0", error="INVALID_REQUEST", says="why")],
        ),
        (DeleteRecordsRequest(((ORDERS, 3),)), [Carried("orders-0", 3)]),
        (
            DeleteRecordsResponse((DeletedRecords(ORDERS, 3, Errors.INVALID_REQUEST),)),
            [Carried("orders-0", 3, error="INVALID_REQUEST")],
        ),
        (
            BrokerRegistrationRequest(1, 2, None, -1),
            [Carried("", says="broker 1, incarnation 2")],
        ),
        (
            BrokerRegistrationResponse(2, 5, Errors.INVALID_REQUEST),
            [Carried("", epoch=5, error="INVALID_REQUEST")],
        ),
        (
            BrokerHeartbeatRequest(1, 5, 9, wants_shut_down=True),
            [Carried("", 9, epoch=5, says="wants to stop")],
        ),
        (
            BrokerHeartbeatResponse(
                is_fenced=True, should_shut_down=True, error=Errors.INVALID_REQUEST
            ),
            [Carried("", error="INVALID_REQUEST", says="fenced, may stop")],
        ),
        (
            AlterPartitionRequest(1, 5, (ProposedIsr(1, 5, ORDERS, 4, 7, ((1, 5), (2, 6))),)),
            [Carried("orders-0", epoch=4, says="in-sync 1, 2")],
        ),
        (
            AlterPartitionResponse(
                (
                    ConfirmedIsr(ORDERS, 4, 7, (1, 2)),
                    ConfirmedIsr(BILLS, 4, 7, error=Errors.INVALID_REQUEST),
                )
            ),
            [
                Carried("orders-0", epoch=4, says="in-sync 1, 2"),
                Carried("bills-1", epoch=4, error="INVALID_REQUEST"),
            ],
        ),
        (
            AlterPartitionResponse(error=Errors.INVALID_REQUEST),
            [Carried("", error="INVALID_REQUEST")],
        ),
        (
            MetadataUpdate(8, (PartitionRecord(ORDERS, "orders", STATE), RemoveTopicRecord("b"))),
            [
                Carried("orders-0", 8, epoch=4, says="PartitionRecord: leader 1, in-sync 1, 3"),
                Carried("b", 9, says="RemoveTopicRecord"),
            ],
        ),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_an_administrator_asks_or_is_answered_is_said_in_words(
    message: Any, expected: list[Carried]
) -> None:
    """With the error of each part."""
    assert tuple(expected) == message.carries()
