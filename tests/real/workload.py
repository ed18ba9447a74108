"""What is asked of a real broker: topics, producers, transactions and groups, all from one seed."""

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from .node import Failed, wait_for

LONG_AGO_MS = 1_700_000_000_000
SMALL_SEGMENTS = {
    "internal.segment.bytes": "8192",  # segment.bytes has a minimum of 1 MiB in 4.x
    "index.interval.bytes": "1000",
    "retention.ms": "-1",  # else the next check deletes what is as old as LONG_AGO_MS
}
CODECS = ("gzip", "snappy", "lz4", "zstd")
LIMIT_S = 60.0


@dataclass(frozen=True)
class Received:
    """One record as a real consumer got it."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def create(admin: AdminClient, topics: Mapping[str, Mapping[str, str]]) -> None:
    """Create topics of one partition with these configs, and wait for each."""
    wanted = [NewTopic(name, 1, 1, config=dict(config)) for name, config in topics.items()]
    for future in admin.create_topics(wanted).values():
        future.result(LIMIT_S)


def configure(admin: AdminClient, topic: str, **config: str) -> None:
    """Change a topic's configs; underscores stand for dots."""
    entries = [
        ConfigEntry(name.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
        for name, value in config.items()
    ]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(LIMIT_S)


def producer(bootstrap: str, **settings: object) -> Producer:
    """A producer that sends one batch at each `flush`; underscores stand for dots."""
    config: dict[str, Any] = {"bootstrap.servers": bootstrap, "linger.ms": 1000, "acks": "all"}
    config |= {name.replace("_", "."): value for name, value in settings.items()}
    return Producer(config)


def send(
    sender: Producer, topic: str, records: Iterable[Mapping[str, Any]], *, sizes: Sequence[int]
) -> None:
    """Send records in batches of these sizes, in turn; each batch is waited for."""
    left = list(records)
    turn = 0
    while left:
        size = sizes[turn % len(sizes)]
        for record in left[:size]:
            sender.produce(topic, on_delivery=raised, **record)
        if sender.flush(LIMIT_S):
            raise Failed(f"{topic} took no records for {LIMIT_S} s")
        left, turn = left[size:], turn + 1


def raised(error: KafkaError | None, message: object) -> None:
    """Turn a failed delivery into an exception."""
    if error is not None:
        raise Failed(f"not delivered: {error}")


def some_records(
    seed: str, count: int, *, base_timestamp_ms: int = LONG_AGO_MS
) -> list[dict[str, Any]]:
    """Records that differ in everything: nulls, empties, headers, times that go back and forth."""
    chance = random.Random(seed)
    return [
        {
            "key": chance.choice((None, "", f"key-{chance.randrange(20)}")),
            "value": chance.choice((None, "", f"value-{number}", "v" * chance.randrange(400))),
            "timestamp": base_timestamp_ms + 10 * number + chance.randrange(-500, 500),
            "headers": some_headers(chance),
        }
        for number in range(count)
    ]


def some_headers(chance: random.Random) -> list[tuple[str, bytes | None]]:
    """No header, or a few; a name may repeat and a value may be absent."""
    names = [chance.choice("abc") for _ in range(chance.choice((0, 0, 1, 3)))]
    return [(name, chance.choice((None, b"", b"\x00\xff"))) for name in names]


def keyed_records(seed: str, count: int, *, keys: int = 12) -> list[dict[str, Any]]:
    """Records for a compacted topic: few keys, never a null one, tombstones; all of today.

    Now and then a key comes once only, with a tombstone: such tombstones survive a cleaning.
    """
    chance = random.Random(seed)
    now_ms = int(time.time() * 1000)
    return [
        {
            "key": f"{seed}-{number}" if number % 25 == 0 else f"key-{chance.randrange(keys)}",
            "value": tombstone_or_value(chance, number),
            "timestamp": now_ms + number,
        }
        for number in range(count)
    ]


def tombstone_or_value(chance: random.Random, number: int) -> str | None:
    """Sometimes nothing, else a value that says its number."""
    is_tombstone = number % 25 == 0 or chance.random() < 0.1
    return None if is_tombstone else f"value-{number}-" + "v" * 60


def transactions(bootstrap: str, topic: str, records: Sequence[Mapping[str, Any]]) -> None:
    """Commit, abort and interleave over `records`, and leave the last transaction open.

    The open one holds back every reader of committed records; it is aborted by the coordinator
    when `transaction.timeout.ms` is over, which no test waits for.
    """
    first, second = (transactional(bootstrap, name) for name in ("first", "second"))
    part = len(records) // 8
    parts = [records[at : at + part] for at in range(0, 8 * part, part)]
    committed(first, topic, parts[0])
    aborted(first, topic, parts[1])
    first.begin_transaction()
    second.begin_transaction()
    send(first, topic, parts[2], sizes=(3,))
    send(second, topic, parts[3], sizes=(4,))
    send(first, topic, parts[4], sizes=(5,))
    first.abort_transaction(LIMIT_S)
    send(producer(bootstrap), topic, parts[5], sizes=(2, 7))
    second.commit_transaction(LIMIT_S)
    aborted(second, topic, parts[6])
    first.begin_transaction()
    send(first, topic, parts[7], sizes=(6,))


def transactional(bootstrap: str, name: str) -> Producer:
    """A producer of that transactional id, initialised."""
    sender = producer(bootstrap, transactional_id=name, transaction_timeout_ms=600_000)
    sender.init_transactions(LIMIT_S)
    return sender


def committed(sender: Producer, topic: str, records: Iterable[Mapping[str, Any]]) -> None:
    """One transaction that commits."""
    sender.begin_transaction()
    send(sender, topic, records, sizes=(3, 5))
    sender.commit_transaction(LIMIT_S)


def aborted(sender: Producer, topic: str, records: Iterable[Mapping[str, Any]]) -> None:
    """One transaction that aborts."""
    sender.begin_transaction()
    send(sender, topic, records, sizes=(4, 2))
    sender.abort_transaction(LIMIT_S)


def groups(bootstrap: str, admin: AdminClient, topic: str) -> None:
    """Two groups, one of each protocol, that join and commit; and one that is deleted again."""
    for group, protocol in (("classic", "classic"), ("next", "consumer"), ("gone", "classic")):
        member = consumer(bootstrap, group=group, group_protocol=protocol)
        member.subscribe([topic])
        wait_for(f"{group} to read", partial(member.poll, 0.2), limit_s=LIMIT_S)
        for offset in (3, 7):
            place = TopicPartition(topic, 0, offset, f"note-{offset}", leader_epoch=0)
            member.commit(offsets=[place], asynchronous=False)
        member.close()
    for future in admin.delete_consumer_groups(["gone"]).values():
        future.result(LIMIT_S)


def consumer(bootstrap: str, *, group: str = "unused", **settings: object) -> Consumer:
    """A consumer that begins at the start and says when it reached an end."""
    config: dict[str, Any] = {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 50,
    }
    config |= {name.replace("_", "."): value for name, value in settings.items()}
    return Consumer(config)


def read_all(bootstrap: str, topics: Sequence[str], isolation: str) -> dict[str, list[Received]]:
    """What a real consumer of that isolation level is given of partition 0 of each topic."""
    reader = consumer(bootstrap, isolation_level=isolation)
    got: dict[str, list[Received]] = {topic: [] for topic in topics}
    unfinished = set(topics)
    deadline = time.monotonic() + LIMIT_S
    reader.assign([TopicPartition(topic, 0, 0) for topic in topics])
    while unfinished and time.monotonic() < deadline:
        for message in reader.consume(1000, 0.2):
            topic, error = message.topic() or "", message.error()
            if error is None:
                got[topic].append(received(message))
            elif error.code() == KafkaError._PARTITION_EOF:
                unfinished.discard(topic)
            else:
                raise Failed(f"consumer: {error}")
    reader.close()
    if unfinished:
        raise Failed(f"no end of {sorted(unfinished)} within {LIMIT_S} s")
    return got


def received(message: Any) -> Received:
    """Plain values of a confluent-kafka message."""
    headers = tuple((name, value) for name, value in message.headers() or ())
    timestamp_ms = message.timestamp()[1]
    return Received(message.offset(), timestamp_ms, message.key(), message.value(), headers)
