"""Settings as administrators change them: as text, checked, and written only if they differ."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.cluster.config import TopicConfig
from kafkabook.cluster.events import TopicAltered
from kafkabook.cluster.metadata_events import settings_told
from kafkabook.log.config import LogConfig
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    NewTopic,
    Result,
)
from tests.cluster.controllers import SomeController, with_orders


def config(some: SomeController) -> TopicConfig:
    """The settings of orders."""
    return some.image.topics["orders"].config  # type: ignore[no-any-return]


def test_settings_are_changed_and_told_by_kafkas_names() -> None:
    """Those that were not named stay."""
    some = with_orders(min_insync_replicas=2)
    asked = ("unclean.leader.election.enable", "true"), ("cleanup.policy", "compact")
    assert Result("orders") == some.configure("orders", *asked)
    expected = TopicConfig(
        min_insync_replicas=2,
        unclean_leader_election_enable=True,
        log=LogConfig(cleanup_policy=("compact",)),
    )
    assert expected == config(some)
    told = (
        ("cleanup.policy", "compact"),
        ("min.insync.replicas", "2"),
        ("unclean.leader.election.enable", "true"),
    )
    assert TopicAltered("orders", told) == some.trace.of(TopicAltered)[-1].event


def test_a_setting_without_a_value_goes_back_to_its_default() -> None:
    """The topic then says nothing for itself."""
    some = with_orders(min_insync_replicas=2)
    some.configure("orders", ("min.insync.replicas", None))
    assert TopicConfig() == config(some)


SAME = {
    "own": (("min.insync.replicas", "2"),),
    "of the log": (("segment.ms", "7"),),
    "read by nobody": (("compression.type", "zstd"),),
    "one of several that nobody reads": (("flush.ms", "5"),),
    "nothing": (),
}


@pytest.mark.parametrize("settings", SAME.values(), ids=SAME)
def test_a_setting_that_has_that_value_already_writes_no_record(
    settings: tuple[tuple[str, str], ...],
) -> None:
    """The eligible replicas stay eligible: nothing has changed for them."""
    some = with_orders(min_insync_replicas=2)
    some.configure("orders", ("flush.ms", "5"), ("compression.type", "zstd"), ("segment.ms", "7"))
    some.lose(3), some.lose(2)
    before = some.image.offset, len(some.trace), some.state()
    assert frozenset({2}) == some.state().elr
    assert Result("orders") == some.configure("orders", *settings)
    assert before == (some.image.offset, len(some.trace), some.state())


def test_a_default_that_a_topic_sets_itself_is_a_setting_of_its_own() -> None:
    """Kafka writes it down, and describes it; the log is as it was."""
    some = with_orders(min_insync_replicas=2)
    before = some.image.offset
    some.configure("orders", ("retention.ms", "604800000"))
    assert before + 1 == some.image.offset
    told = ("min.insync.replicas", "2"), ("retention.ms", "604800000")
    assert told == settings_told(config(some))
    some.configure("orders", ("retention.ms", None))
    assert (("min.insync.replicas", "2"),) == settings_told(config(some))


def test_a_topic_or_a_setting_that_is_named_twice_is_refused() -> None:
    """Nobody could say which of the two is meant; the other topics are changed."""
    some = with_orders()
    one, other = (("retention.ms", "1"),), (("retention.ms", "2"),)
    assert Errors.NONE is some.create(NewTopic("bills", assignment=((1,),))).error
    asked = tuple(
        AlteredConfigs(t, s) for t, s in (("orders", one), ("bills", one), ("orders", other))
    )
    answer = some.ask(IncrementalAlterConfigsRequest(asked))
    assert [("orders", Errors.INVALID_REQUEST), ("bills", Errors.NONE)] == [
        (r.name, r.error) for r in answer.topics
    ]
    assert Errors.INVALID_REQUEST is some.configure("orders", *one, *other).error
    assert TopicConfig().log == config(some).log


def test_another_minimum_voids_the_eligible_replicas_and_another_setting_does_not() -> None:
    """Lowered to 1, the leader alone commits what replica 2 never sees."""
    some = with_orders(min_insync_replicas=2)
    some.lose(3), some.lose(2)
    some.configure("orders", ("retention.ms", "1000"))
    assert frozenset({2}) == some.state().elr
    some.configure("orders", ("min.insync.replicas", "1"))
    assert frozenset() == some.state().elr


REFUSED = {
    "no such topic": (
        "bills",
        ("retention.ms", "1"),
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        "there is no topic 'bills'",
    ),
    "no number": (
        "orders",
        ("retention.ms", "abc"),
        Errors.INVALID_CONFIG,
        "retention.ms must be a whole number, not 'abc'",
    ),
    "too small": (
        "orders",
        ("min.insync.replicas", "0"),
        Errors.INVALID_CONFIG,
        "min.insync.replicas must be at least 1, not 0",
    ),
    "misspelt": (
        "orders",
        ("retention.mss", "1"),
        Errors.INVALID_CONFIG,
        "a topic has no setting 'retention.mss'; did you mean retention.ms?",
    ),
}


@pytest.mark.parametrize(("topic", "setting", "error", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(
    topic: str, setting: tuple[str, str], error: Errors, says: str
) -> None:
    """Neither that setting nor those beside it."""
    some = with_orders()
    before = some.image.offset, len(some.trace)
    good = ("segment.bytes", "1000")
    assert Result(topic, error, says) == some.configure(topic, good, setting)
    assert before == (some.image.offset, len(some.trace))


def test_every_topic_of_a_request_has_an_answer_of_its_own() -> None:
    """One that is refused costs the others nothing."""
    some = with_orders()
    asked = tuple(AlteredConfigs(t, (("retention.ms", "9"),)) for t in ("bills", "orders"))
    says = "there is no topic 'bills'"
    expected = (Result("bills", Errors.UNKNOWN_TOPIC_OR_PARTITION, says), Result("orders"))
    answer = some.ask(IncrementalAlterConfigsRequest(asked))
    assert IncrementalAlterConfigsResponse(expected) == answer
    assert 9 == config(some).log.retention_ms


def test_what_is_only_to_be_checked_is_not_changed() -> None:
    """The answer is that of the real thing, a refusal as well as a success."""
    some = with_orders()
    before = some.image.offset, len(some.trace)
    good = some.configure("orders", ("retention.ms", "1"), validate_only=True)
    bad = some.configure("orders", ("retention.ms", "x"), validate_only=True)
    assert (Errors.NONE, Errors.INVALID_CONFIG) == (good.error, bad.error)
    assert before == (some.image.offset, len(some.trace))
