"""What Kafka's own classes say of settings: which there are, which are gone, which mean the same.

Three tables lie beside this file. `kafka_settings.tsv` has every setting of clients, topics and
brokers that Kafka 2.8 to 4.3 defined; `synonyms.tsv` has which of a broker's stand in for one of a
topic. Both are made by a tool from what the classes of Kafka say. `instead.tsv` says what took the
place of one that is gone.

Source: kafka, `ProducerConfig`, `ConsumerConfig`, `AdminClientConfig`, `LogConfig`, `KafkaConfig`,
`ServerTopicConfigSynonyms`; KIPs as named in each row.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

TOPIC, BROKER = "topic", "broker"


@dataclass(frozen=True, slots=True)
class KafkaSetting:
    """One setting as Kafka defines it, or once did.

    Attributes: `defaults` (by version; `n/a` before there was one, `removed` once it is gone),
    `gone` (the first version without it; "" for none).
    """

    scope: str
    name: str
    type: str
    defaults: dict[str, str]
    gone: str


@cache
def kafka_settings() -> dict[tuple[str, str], KafkaSetting]:
    """Return all by scope and name. Read once, 768 rows, about 3 ms."""
    return {(row["scope"], row["name"]): _setting(row) for row in _rows("kafka_settings.tsv")}


def what_is_gone(scope: str, name: str) -> str:
    """Say since when a setting is gone and what took its place; "" for one that is there.

    >>> what_is_gone("topic", "message.timestamp.difference.max.ms")[:49]
    'gone since Kafka 4.0; in its place: message.times'
    """
    setting = kafka_settings().get((scope, name))
    if setting is None or not setting.gone:
        return ""
    row = _instead(name)
    source = f" ({row['kip']})" if row["kip"] else ""
    return f"gone since Kafka {setting.gone}; in its place: {row['instead']}{source}"


def the_same(scope: str, name: str) -> str:
    """Say how a topic's or a broker's setting is called at the other of both; "" for no other.

    >>> the_same("broker", "log.segment.bytes"), the_same("broker", "num.partitions")
    ("a topic's own segment.bytes counts before it", '')
    """
    if scope == TOPIC and name in _synonyms():
        return f"where a topic sets none, the broker's {_in_order(_synonyms()[name])}"
    told = (_of_broker(name, *pair) for pair in _synonyms().items() if scope == BROKER)
    return next(filter(None, told), "")


def _of_broker(name: str, topic: str, brokers: tuple[str, ...]) -> str:
    if name not in brokers:
        return ""
    order = f"; of the broker's, {_in_order(brokers)}" if len(brokers) > 1 else ""
    return f"a topic's own {topic} counts before it{order}"


def _in_order(names: tuple[str, ...]) -> str:
    first, *rest = names
    return f"{first} counts" + "".join(f", else {name}" for name in rest)


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    return {row["topic"]: tuple(row["broker"].split()) for row in _rows("synonyms.tsv")}


def _instead(name: str) -> dict[str, str]:
    """Return the first row whose pattern the name fits; there is one for all that is gone."""
    return next(row for row in _rows("instead.tsv") if fnmatchcase(name, row["name"]))


def _rows(table: str) -> Iterator[dict[str, str]]:
    text = files("kafkabook.base").joinpath(table).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)


def _setting(row: dict[str, str]) -> KafkaSetting:
    known = ("scope", "name", "type", "gone")
    defaults = {version: text for version, text in row.items() if version not in known}
    return KafkaSetting(row["scope"], row["name"], row["type"], defaults, row["gone"])
