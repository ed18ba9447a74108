"""Settings by Kafka's names, and what a topic may say for itself."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.settings import default_of
from kafkabook.cluster.config import ClusterConfig, TopicConfig
from kafkabook.log.config import LogConfig
from tests.refusals import refused

TOLD_BY_NOBODY = {"replica_fetch_backoff_ms", "replica_socket_timeout_ms", "request_timeout_ms"}
KNOWN = sorted(set(ClusterConfig.__dataclass_fields__) - TOLD_BY_NOBODY)


@pytest.mark.parametrize("name", KNOWN)
def test_the_defaults_are_those_of_todays_kafka(name: str) -> None:
    """Wherever the table of settings knows them; a class that is not set is an empty name here."""
    expected = default_of(name.replace("_", "."), "4.x", scope="broker")
    assert ("" if expected is None else expected) == getattr(ClusterConfig(), name)


def test_a_broker_of_zookeepers_time_lived_as_long_as_its_session() -> None:
    """18 s, twice a session of today."""
    then, now = ClusterConfig.of("2.8"), ClusterConfig.of("4.x")
    assert (18_000, 9_000) == (then.broker_session_timeout_ms, now.broker_session_timeout_ms)
    assert ClusterConfig() == now


def test_a_topics_own_settings_and_those_of_its_log_are_told_apart() -> None:
    """Both are given side by side, as in Kafka."""
    config = TopicConfig.of({"min_insync_replicas": 2, "segment_bytes": 1_000})
    assert TopicConfig(min_insync_replicas=2, log=LogConfig(segment_bytes=1_000)) == config


def test_a_change_keeps_what_it_does_not_name() -> None:
    """And None gives a setting back to the brokers."""
    config = TopicConfig.of({"min_insync_replicas": 2, "segment_bytes": 1_000})
    changed = config.changed({"min_insync_replicas": None})
    assert TopicConfig(log=LogConfig(segment_bytes=1_000)) == changed


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"colour": "red"}, "a topic has no setting 'colour'"),
        ({"min_insync_replicas": 0}, "min.insync.replicas must be at least 1, not 0"),
        ({"min_insync_replicas": "2"}, "min.insync.replicas must be at least 1, not '2'"),
    ],
)
def test_what_no_topic_can_have_is_refused(settings: dict[str, object], says: str) -> None:
    """The message names the setting as Kafka does."""
    with refused(Errors.INVALID_CONFIG, match=says):
        TopicConfig.of(settings)
