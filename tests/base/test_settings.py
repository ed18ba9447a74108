"""The table of settings: complete, typed, honest about versions, kind to misspellings."""

import re

import pytest

from kafkabook.base.kafka_settings import kafka_settings
from kafkabook.base.settings import VERSIONS, UnknownSetting, default_of, explain, find, settings

RETENTION = "log.retention.ms counts, else log.retention.minutes, else log.retention.hours"


def test_every_default_is_a_value_of_its_type_or_says_why_there_is_none() -> None:
    """A chapter asserts on these values, so a text that does not parse is a wrong claim."""
    kinds = {"int": int, "long": int, "short": int, "double": float, "boolean": bool}
    for row in settings():
        for version in VERSIONS:
            try:
                value = row.default(version)
            except UnknownSetting:
                assert row.defaults[version].startswith(("n/a", "removed", "(required)"))
                continue
            assert value is None or isinstance(value, kinds.get(row.type, (str, tuple)))


@pytest.mark.parametrize(
    ("name", "then", "now"),
    [
        ("acks", "1", "all"),
        ("linger.ms", 0, 5),
        ("enable.idempotence", False, True),
        ("session.timeout.ms", 10_000, 45_000),
        ("num.recovery.threads.per.data.dir", 1, 2),
        ("index.interval.bytes", 4096, 4096),
    ],
)
def test_then_and_now(name: str, then: object, now: object) -> None:
    """The defaults that the notes are dated by, and one that never changed."""
    assert (then, now) == (default_of(name, "2.8"), default_of(name, "4.x"))


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("max.in.flight.requests.per.count", "max.in.flight.requests.per.connection"),
        ("enalbe.idempotence", "enable.idempotence"),
        ("heatbeat.integer.ms", "heartbeat.interval.ms"),
        ("heatbeat.interval.ms", "heartbeat.interval.ms"),
        ("max.poll.inteval.ms", "max.poll.interval.ms"),
        ("offset.topic.num.partitions", "offsets.topic.num.partitions"),
        ("replica.lag.time.tax.ms", "replica.lag.time.max.ms"),
        ("min.sync.replicas", "min.insync.replicas"),
        ("replica.factor", "default.replication.factor"),
        ("rack.name", "broker.rack"),
        ("num.cleaner.threads", "log.cleaner.threads"),
        ("logs.dir", "log.dirs"),
        ("log.retension.ms", "log.retention.ms"),
        ("log.clean.delete.retention.ms", "log.cleaner.delete.retention.ms"),
        ("aks", "acks"),
        ("parition.assignment.strategy", "partition.assignment.strategy"),
    ],
)
def test_the_notes_misspellings_lead_to_the_right_name(misspelt: str, right: str) -> None:
    """A reader of the notes types what the notes say."""
    assert right == find(misspelt).name
    assert f"Kafka says {right}" in str(explain(misspelt))


def test_no_spelling_of_one_setting_hides_the_name_of_another() -> None:
    """`log.roll.ms` and `log.roll.hours` are both real; neither may answer for the other."""
    names = {row.name for row in settings()}
    assert set() == names & {wrong for row in settings() for wrong in row.misspelt}


@pytest.mark.parametrize(
    ("name", "scope", "told"),
    [
        (
            "lingr.ms",
            None,
            "no setting of a client, topic or broker is called 'lingr.ms' in Kafka ",
        ),
        (
            "retention.ms",
            "broker",
            "no broker setting is called 'retention.ms' in Kafka 2.8 to 4.3",
        ),
        ("lingr.ms", "connect", "this book knows no connect setting 'lingr.ms'; "),
    ],
)
def test_an_unknown_name_says_where_it_is_unknown(name: str, scope: str | None, told: str) -> None:
    """Of clients, topics and brokers all settings are known, of Connect and others a few."""
    with pytest.raises(UnknownSetting, match=re.escape(told)):
        explain(name, scope=scope)


def test_an_unknown_name_proposes_the_nearest() -> None:
    """The error is the help."""
    with pytest.raises(UnknownSetting, match=r"; did you mean linger\.ms, "):
        explain("lingr.ms")


def test_a_name_of_two_scopes_explains_both_and_picks_by_scope() -> None:
    """`compression.type` means one thing to a producer and another to a topic."""
    assert ["producer", "topic"] == [row.scope for row in explain("compression.type").settings]
    assert ("none", "producer") == (
        default_of("compression.type", scope="producer"),
        default_of("compression.type", scope="topic"),
    )


def test_what_a_version_lacks_is_an_error_and_not_a_guess() -> None:
    """ZooKeeper is gone; so is the default of its settings."""
    with pytest.raises(
        UnknownSetting,
        match="zookeeper.connect has no default in 4.x: removed, gone since Kafka 4.0; ",
    ):
        default_of("zookeeper.connect", "4.x")


@pytest.mark.parametrize(
    ("name", "scope", "since", "instead"),
    [
        ("message.timestamp.difference.max.ms", "topic", "4.0", "message.timestamp.before.max.ms"),
        ("log.message.format.version", "broker", "4.0", "nothing, for brokers write format 2"),
        ("inter.broker.protocol.version", "broker", "4.0", "the feature metadata.version"),
        ("zookeeper.connect", "broker", "4.0", "controller.quorum.bootstrap.servers"),
        ("zookeeper.sync.time.ms", "broker", "3.2", "nothing, for no part of Kafka"),
        ("advertised.host.name", "broker", "3.0", "advertised.listeners"),
        ("group.share.max.groups", "broker", "4.1", "group.share.max.share.sessions"),
    ],
)
def test_what_is_gone_says_since_when_and_what_took_its_place(
    name: str, scope: str, since: str, instead: str
) -> None:
    """A reader of old instructions wants the new name, not a look at the spelling."""
    (found,) = explain(name).settings
    assert (scope, "removed") == (found.scope, found.defaults["4.x"])
    assert found.gone.startswith(f"gone since Kafka {since}; in its place: {instead}")
    text = " ".join(str(explain(name)).split())
    assert f"Removed in Kafka {since}." in text
    assert f"gone since Kafka {since}; in its place: {instead}" in text
    with pytest.raises(
        UnknownSetting, match=f"has no default in 4.x: removed, gone since Kafka {since}"
    ):
        default_of(name)


@pytest.mark.parametrize(
    ("name", "scope", "told"),
    [
        (
            *("retention.ms", "topic"),
            "where a topic sets none, the broker's " + RETENTION,
        ),
        (
            *("log.retention.minutes", "broker"),
            "a topic's own retention.ms counts before it; of the broker's, " + RETENTION,
        ),
        ("message.max.bytes", "broker", "a topic's own max.message.bytes counts before it"),
        ("min.insync.replicas", "broker", "a topic's own min.insync.replicas counts before it"),
        ("linger.ms", "producer", ""),
        ("num.partitions", "broker", ""),
    ],
)
def test_a_topics_and_a_brokers_name_of_the_same_thing(name: str, scope: str, told: str) -> None:
    """And which of them counts."""
    assert told == find(name, scope).same
    assert told in " ".join(str(explain(name, scope=scope)).split())


def test_a_setting_that_the_book_does_not_explain_is_known_all_the_same() -> None:
    """By what Kafka's own classes say of it: a default, with its unit."""
    (found,) = explain("socket.send.buffer.bytes").settings
    assert ("broker", "int", 102_400) == (found.scope, found.type, found.default())
    assert "socket.send.buffer.bytes. Default: 100 KiB." == found.line()
    assert (30_000, "consumer") == (
        default_of("request.timeout.ms", scope="consumer"),
        find("request.timeout.ms", "consumer").scope,
    )


def test_what_the_book_explains_comes_before_what_kafka_only_defines() -> None:
    """`request.timeout.ms` of a producer is explained; the same of others is there by scope."""
    assert ["producer"] == [row.scope for row in explain("request.timeout.ms").settings]


def test_every_setting_of_the_table_has_a_phrase_of_at_most_20_words() -> None:
    """What it decides, so that a card says more than a name."""
    counted = {f"{row.scope} {row.name}": len(row.meaning.split()) for row in settings()}
    assert {} == {name: words for name, words in counted.items() if not 3 <= words <= 20}


def test_the_defaults_of_the_table_are_kafkas() -> None:
    """Of every setting that Kafka's classes define, in each of the three versions."""
    differ = {}
    for row in settings():
        theirs = kafka_settings().get((row.scope, row.name))
        for version in VERSIONS if theirs else ():
            ours, kafkas = row.defaults[version], theirs.defaults[version]
            if plain_default(ours) != plain_default(kafkas):
                differ[row.name, version] = ours, kafkas
    assert {} == differ


def plain_default(text: str) -> str:
    """A default without what a version says in another way: brackets, packages, an explanation."""
    bare = re.sub(r"class |org\.apache\.kafka\.[a-z.]+\.", "", text.split(" (")[0])
    return bare.strip('[]"').replace("-1 ", "-1")
