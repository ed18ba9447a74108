"""The table of messages; `tests/real/test_messages_of_kafka.py` makes it anew from Kafka's jars."""

from collections import Counter

import pytest

from kafkabook.records.message_schema import schema_of, schemas, versions_in


def test_every_record_of_kafka_4_3_is_there() -> None:
    """26 of the cluster's metadata, a key and a value for each of 25 kinds of state."""
    counted = Counter((schema.kind, schema.part) for schema in schemas().values())
    assert {
        ("metadata", "value"): 26,
        ("offsets", "key"): 22,
        ("offsets", "value"): 22,
        ("transactions", "key"): 1,
        ("transactions", "value"): 1,
        ("share-state", "key"): 2,
        ("share-state", "value"): 2,
        ("remote-log", "value"): 4,
        ("control", "value"): 5,
    } == counted


def test_structures_hold_the_fields_that_stand_below_them() -> None:
    """At any depth, and what follows belongs to the outer one again."""
    voters = schema_of("VotersRecord").fields[1]
    assert ["voterId", "voterDirectoryId", "endpoints", "kRaftVersionFeature"] == [
        field.name for field in voters.fields
    ]
    assert ["name", "host", "port"] == [field.name for field in voters.fields[2].fields]
    assert (True, False) == (voters.is_array, voters.fields[3].is_array)


def test_a_field_knows_where_it_may_be_null_and_where_it_is_tagged() -> None:
    """And what its absence says, if not what its type says."""
    fields = {field.name: field for field in schema_of("RegisterBrokerRecord").fields}
    rack, cordoned, fenced = fields["rack"], fields["cordonedLogDirs"], fields["fenced"]
    assert (versions_in("0+"), range(0), -1, None) == (
        *(rack.nullable, rack.tagged, rack.tag, rack.default),
    )
    assert (versions_in("4+"), versions_in("4+"), 1, "null") == (
        *(cordoned.nullable, cordoned.tagged, cordoned.tag, cordoned.default),
    )
    assert "true" == fenced.default


def test_a_name_that_is_none_is_an_error() -> None:
    """Of ours, not of the data's."""
    with pytest.raises(KeyError):
        schema_of("NoRecord")
