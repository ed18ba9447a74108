"""The defaults of a log are those of today's Kafka, and nonsense is refused."""

from dataclasses import fields
from typing import Any

import pytest

from kafkabook.base.errors import Errors
from kafkabook.base.settings import default_of
from kafkabook.log.config import LogConfig
from tests.refusals import refused


@pytest.mark.parametrize("name", [field.name for field in fields(LogConfig)])
def test_a_default_is_that_of_the_settings_table(name: str) -> None:
    """One table holds what Kafka documents; the class may not remember it differently."""
    expected = default_of(name.replace("_", "."), scope="topic")
    assert expected == getattr(LogConfig(), name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"segment_bytes": 0},
        {"retention_ms": -2},
        {"segment_index_bytes": 23},
        {"cleanup_policy": ("remove",)},
        {"message_timestamp_type": "createTime"},
    ],
)
def test_nonsense_is_refused_when_it_is_said(wrong: dict[str, Any]) -> None:
    """Not at the first append that meets it."""
    with refused(Errors.INVALID_CONFIG):
        LogConfig(**wrong)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("cleanup_policy", "compact", ("compact",)),
        ("cleanup_policy", "compact,delete", ("compact", "delete")),
        ("cleanup_policy", ["delete"], ("delete",)),
        ("retention_ms", "1000", 1_000),
        ("retention_bytes", "-1", -1),
        ("min_cleanable_dirty_ratio", "0.1", 0.1),
        ("preallocate", "true", True),
    ],
)
def test_text_and_lists_are_taken_as_kafka_takes_them(
    name: str, value: object, expected: object
) -> None:
    """A setting means the same, whoever writes it."""
    given: dict[str, Any] = {name: value}
    found = getattr(LogConfig(**given), name)
    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cleanup_policy": "compcat"}, "^cleanup.policy cannot be 'compcat': use 'delete', 'comp"),
        ({"cleanup_policy": "compcat"}, "did you mean compact?"),
        ({"cleanup_policy": 5}, "cleanup.policy must be a list such as 'compact,delete', not 5"),
        ({"retention_ms": "soon"}, "^retention.ms must be a whole number, not 'soon'$"),
        ({"retention_ms": 1.5}, "^retention.ms must be a whole number, not 1.5$"),
        ({"segment_bytes": "3000000000"}, "^segment.bytes must be a whole number"),
        ({"min_cleanable_dirty_ratio": 1.5}, "must be <= 1"),
    ],
)
def test_a_refusal_names_the_setting_and_the_nearest_value(
    wrong: dict[str, Any], says: str
) -> None:
    """One sentence is enough to put it right."""
    with refused(Errors.INVALID_CONFIG, match=says):
        LogConfig(**wrong)


@pytest.mark.parametrize(
    ("policy", "lag_ms", "oldest_ms"),
    [
        (("compact",), 1_000, 1_000),
        (("compact", "delete"), 1_000, 1_000),
        (("compact",), 9_999_999_999, 3_600_000),
        (("delete",), 1_000, 3_600_000),
    ],
)
def test_a_compacted_log_closes_its_segment_in_time_to_be_cleaned(
    policy: tuple[str, ...], lag_ms: int, oldest_ms: int
) -> None:
    """KIP-354: max.compaction.lag.ms would be empty words if the active segment stayed open."""
    config = LogConfig(cleanup_policy=policy, max_compaction_lag_ms=lag_ms, segment_ms=3_600_000)
    assert oldest_ms == config.max_segment_ms
