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
