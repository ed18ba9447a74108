"""The table of settings: complete, typed, honest about versions, kind to misspellings."""

import pytest

from kafkabook.base.settings import VERSIONS, UnknownSetting, default_of, explain, find, settings


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


def test_an_unknown_name_proposes_the_nearest() -> None:
    """The error is the help."""
    with pytest.raises(
        UnknownSetting, match=r"no setting is called 'lingr\.ms'; did you mean linger"
    ):
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
    with pytest.raises(UnknownSetting, match="zookeeper.connect has no default in 4.x: removed"):
        default_of("zookeeper.connect", "4.x")
