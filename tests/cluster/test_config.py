"""Settings by Kafka's names, and what a topic may say for itself."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.settings import default_of
from kafkabook.cluster.config import ClusterConfig, TopicConfig, log_config_of
from kafkabook.log.config import LogConfig
from tests.refusals import refused

TOLD_BY_NOBODY = {
    *("replica_fetch_backoff_ms", "replica_socket_timeout_ms", "request_timeout_ms"),
    *("controller_socket_timeout_ms", "log_initial_task_delay_ms"),
    "producer_id_expiration_check_interval_ms",
}
KNOWN = sorted(set(ClusterConfig.__dataclass_fields__) - TOLD_BY_NOBODY)


@pytest.mark.parametrize("name", KNOWN)
def test_the_defaults_are_those_of_todays_kafka(name: str) -> None:
    """Wherever the table of settings knows them; a class that is not set is an empty name here."""
    expected = default_of(name.replace("_", "."), "4.x", scope="broker")
    none = "" if name.endswith("_class") else None
    assert (none if expected is None else expected) == getattr(ClusterConfig(), name)


def test_a_broker_of_zookeepers_time_lived_as_long_as_its_session() -> None:
    """18 s, twice a session of today."""
    then, now = ClusterConfig.of("2.8"), ClusterConfig.of("4.x")
    assert (18_000, 9_000) == (then.broker_session_timeout_ms, now.broker_session_timeout_ms)
    assert ClusterConfig() == now


def test_a_producer_was_forgotten_with_its_transactional_id_before_3_5() -> None:
    """After seven days; since KIP-854 it has a setting of its own, and a day."""
    then, now = ClusterConfig.of("2.8"), ClusterConfig.of("4.x")
    assert (604_800_000, 86_400_000) == (
        then.producer_id_expiration_ms,
        now.producer_id_expiration_ms,
    )


def test_a_topics_logs_follow_its_brokers_where_it_says_nothing() -> None:
    """What it names itself stays, be it the default."""
    brokers = ClusterConfig(log_retention_ms=5, log_segment_bytes=1_000, log_flush_interval_ms=7)
    topic = TopicConfig().with_texts((("retention.ms", "604800000"),))
    expected = LogConfig(segment_bytes=1_000, flush_ms=7)
    assert expected == log_config_of(topic, brokers)


def test_flushing_by_time_follows_the_scheduler_where_nobody_says_more() -> None:
    """`log.flush.interval.ms` is unset by default."""
    brokers = ClusterConfig(log_flush_scheduler_interval_ms=9)
    assert LogConfig(flush_ms=9) == log_config_of(TopicConfig(), brokers)


OF_BOTH = (("min.insync.replicas", "2"), ("segment.bytes", "1000"))


def test_a_topics_own_settings_and_those_of_its_log_are_told_apart() -> None:
    """Both are given side by side, as in Kafka."""
    expected = TopicConfig(min_insync_replicas=2, log=LogConfig(segment_bytes=1_000))
    assert expected == TopicConfig().with_texts(OF_BOTH)


def test_a_change_keeps_what_it_does_not_name() -> None:
    """And None gives a setting back to its default, whoever reads it."""
    config = TopicConfig().with_texts((*OF_BOTH, ("compression.type", "zstd")))
    without_minimum = config.with_texts((("min.insync.replicas", None),))
    log = LogConfig(segment_bytes=1_000)
    assert TopicConfig(log=log, others=(("compression.type", "zstd"),)) == without_minimum
    rest = (("segment.bytes", None), ("compression.type", None))
    assert TopicConfig() == without_minimum.with_texts(rest)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("cleanup.policy", "compact", ("compact",)),
        ("cleanup.policy", "delete, compact", ("delete", "compact")),
        ("preallocate", "TRUE", True),
        ("preallocate", "false", False),
        ("retention.ms", "-1", -1),
        ("retention.ms", " +5 ", 5),
        ("retention.ms", "9223372036854775807", 9223372036854775807),
        ("min.cleanable.dirty.ratio", "0.5d", 0.5),
        ("min.cleanable.dirty.ratio", "0.1", 0.1),
        ("message.timestamp.type", "LogAppendTime", "LogAppendTime"),
    ],
)
def test_a_text_is_read_as_what_its_setting_is(name: str, text: str, expected: object) -> None:
    """A request carries nothing but text."""
    config = TopicConfig().with_texts(((name, text),))
    value = getattr(config.log, name.replace(".", "_"))
    assert (expected, type(expected)) == (value, type(value))


def test_settings_of_kafka_that_nothing_here_reads_are_accepted_and_kept() -> None:
    """A topic of a real cluster may be described as it is."""
    config = TopicConfig().with_texts((("compression.type", "zstd"),))
    assert (("compression.type", "zstd"),) == config.others
    assert () == config.with_texts((("compression.type", None),)).others


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("colour", "red", "a topic has no setting 'colour'$"),
        ("retentions.ms", "1", "no setting 'retentions.ms'; did you mean retention.ms"),
        ("flush.mss", "1", "did you mean flush.ms"),
        ("linger.ms", "1", "a topic has no setting 'linger.ms'"),  # of a producer
        ("min_insync_replicas", "0", "did you mean min.insync.replicas"),
        ("min.insync.replicas", "0", "min.insync.replicas must be at least 1, not 0"),
        ("min.insync.replicas", "two", "min.insync.replicas must be a whole number, not 'two'"),
        ("retention.ms", "abc", "retention.ms must be a whole number, not 'abc'"),
        ("retention.ms", "1.5", "retention.ms must be a whole number, not '1.5'"),
        ("retention.ms", "-2", "retention.ms is -2, but must be >= -1"),
        ("min.insync.replicas", "1_000", "min.insync.replicas must be a whole number, not '1_000'"),
        ("min.insync.replicas", "2147483648", "must be a whole number"),  # Java's int ends there
        ("retention.ms", "9223372036854775808", "must be a whole number"),
        ("flush.ms", "1_000", "flush.ms must be a whole number, not '1_000'"),
        ("min.cleanable.dirty.ratio", "0_5", "must be a number, not '0_5'"),
        ("min.cleanable.dirty.ratio", "nan", "must be a number"),
        ("preallocate", "yes", "preallocate must be true or false, not 'yes'"),
        ("min.cleanable.dirty.ratio", "half", "must be a number, not 'half'"),
        ("flush.ms", "-1", "flush.ms is -1, but must be >= 0"),
        ("min.cleanable.dirty.ratio", "1.5", "min.cleanable.dirty.ratio is 1.5, but must be <= 1"),
        ("cleanup.policy", "burn", "cleanup.policy cannot be 'burn': use 'delete', 'compact'$"),
        ("cleanup.policy", "delete,compcat", "'compcat': use .*; did you mean compact"),
        ("message.timestamp.type", "logappendtime", "did you mean LogAppendTime"),
        ("compression.type", "zst", "compression.type cannot be 'zst': .*did you mean zstd"),
    ],
)
def test_what_no_topic_can_have_is_refused(name: str, text: str, says: str) -> None:
    """The message names the setting as Kafka does, and the nearest one where there is none."""
    with refused(Errors.INVALID_CONFIG, match=says):
        TopicConfig().with_texts(((name, text),))
