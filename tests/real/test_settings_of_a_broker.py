"""Settings of a real broker: which it lets alter while it runs, and in which words it refuses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kafkabook.base.errors import Errors, KafkaError, name_of
from kafkabook.base.kafka_settings import kafka_settings, the_same
from kafkabook.cluster.dynamic_broker_config import DYNAMIC, check_altered, is_fixed, static_values
from kafkabook.lab import Lab
from kafkabook.protocol.admin_api import ConfigSource

from . import asking
from .kafka import RealKafka
from .node import run_java

pytestmark = pytest.mark.real

LEAST, UNCLEAN = "min.insync.replicas", "unclean.leader.election.enable"
# Of Kafka's checks those that look at more than one value and its type.
OTHERWISE = {
    *(("log.cleaner.dedupe.buffer.size", text) for text in ("-7", "0", "5")),
    *(("log.cleaner.threads", text) for text in ("0", "5")),
    *(("log.roll.ms", text) for text in ("-7", "0")),
    *(("num.replica.fetchers", "5"), ("num.recovery.threads.per.data.dir", "5")),
    *(("log.retention.ms", "0"), ("log.roll.jitter.ms", "-7"), (LEAST, "5")),
}


@pytest.fixture(scope="module")
def port(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a broker of its own."""
    del kafka_jars
    with RealKafka.combined(tmp_path_factory.mktemp("settings")) as kafka:
        yield int(kafka.bootstrap.split(":")[1])


def ours(name: str, text: str) -> tuple[str, str]:
    """What a broker of ours says to a setting."""
    try:
        check_altered(((name, text),))
    except KafkaError as error:
        return name_of(error), str(error)
    return Errors.NONE.name, ""


def of_the_lab(broker: int | None, name: str, text: str | None) -> tuple[str, str]:
    """What a lab says to a setting of a broker, or of all."""
    try:
        Lab().alter_broker(broker, **{name.replace(".", "_"): text})
    except KafkaError as error:
        return name_of(error), str(error)
    return Errors.NONE.name, ""


def test_it_lets_the_same_settings_be_altered(port: int) -> None:
    """Every setting that we describe is one of its own, and read-only where it says so."""
    error, theirs = asking.describe_broker(port, "1")
    assert ("NONE", "") == error
    expected = {name: name not in DYNAMIC for name in static_values()}
    assert expected == {name: theirs[name][0] for name in expected}


def test_of_all_brokers_it_describes_the_minimum_that_the_controller_wrote(port: int) -> None:
    """With eligible leader replicas it does so at once; a lab does not, and says so."""
    of_all = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.value
    assert (("NONE", ""), {LEAST: (False, of_all)}) == asking.describe_broker(port, "")


def test_it_describes_no_other_broker(port: int) -> None:
    """In these words."""
    unexpected = "Unexpected broker id, expected 1 or empty string, but received 2"
    assert (("INVALID_REQUEST", unexpected), {}) == asking.describe_broker(port, "2")
    no_number = "Broker id must be an integer, but it is: x"
    assert (("INVALID_REQUEST", no_number), {}) == asking.describe_broker(port, "x")


def test_it_refuses_what_is_fixed_in_the_same_words(port: int) -> None:
    """Each of them."""
    fixed = [name for name in sorted(static_values()) if is_fixed(name)]
    expected = {name: ours(name, "2") for name in fixed}
    assert expected == {name: asking.alter_broker(port, "1", {name: "2"}) for name in fixed}


@pytest.mark.parametrize("name", sorted(DYNAMIC))
def test_it_refuses_the_same_values_in_the_same_words(port: int, name: str) -> None:
    """But for those that other values forbid."""
    texts = [
        text
        for text in ("x", "1.5", "-7", "0", "5", "9999999999")
        if (name, text) not in OTHERWISE and not (text == "9999999999" and "ratio" in name)
    ]
    expected = {text: ours(name, text) for text in texts}
    assert expected == {text: asking.alter_broker(port, "1", {name: text}) for text in texts}


@pytest.mark.parametrize(
    ("broker", "name", "text"),
    [
        (1, "broker.id", "2"),
        (None, "broker.id", "2"),
        (1, "of.a.plugin", "x"),
        (None, "of.a.plugin", "x"),
        (1, LEAST, "2"),
        (None, LEAST, "2"),
        (None, LEAST, "0"),
        (None, LEAST, "two"),
        (None, UNCLEAN, "maybe"),
        (1, UNCLEAN, "true"),
        (None, "num.partitions", "3"),
    ],
)
def test_a_lab_answers_as_it_does(port: int, broker: int | None, name: str, text: str) -> None:
    """The broker and, behind it, the controller."""
    resource = "" if broker is None else str(broker)
    assert of_the_lab(broker, name, text) == asking.alter_broker(port, resource, {name: text})


@pytest.fixture(scope="module")
def defined(kafka_jars: Path) -> dict[str, dict[str, Any]]:
    """What Kafka's classes say of all settings, by scope and name."""
    del kafka_jars
    said: dict[str, dict[str, Any]] = json.loads(run_java("ConfigsOfKafka"))
    return said


def test_the_table_has_the_settings_that_kafkas_classes_define(
    defined: dict[str, dict[str, Any]],
) -> None:
    """Each with its type and its default, and none that they do not."""
    expected = {
        (scope, name): tuple(said)
        for scope, names in defined.items()
        for name, said in names.items()
        if scope != "synonyms" and not name.startswith("internal.")
    }
    ours = {
        key: (row.type, row.defaults["4.x"])
        for key, row in kafka_settings().items()
        if not row.gone
    }
    assert expected == ours


def test_the_broker_stands_in_for_a_topic_with_the_same_settings(
    defined: dict[str, dict[str, Any]],
) -> None:
    """In the same order."""
    for topic, brokers in defined["synonyms"].items():
        order = ", else ".join([f"{brokers[0]} counts", *brokers[1:]])
        assert the_same("topic", topic).endswith(f"the broker's {order}")
        assert all(f"a topic's own {topic} " in the_same("broker", name) for name in brokers)
    named = {name for scope, name in kafka_settings() if scope == "topic" and the_same(scope, name)}
    assert set(defined["synonyms"]) == named
