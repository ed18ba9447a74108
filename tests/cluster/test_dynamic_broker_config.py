"""Settings of brokers: which may be altered at run time, and how a broker describes all of them."""

import pytest

from kafkabook.base.errors import Errors
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.dynamic_broker_config import (
    DYNAMIC,
    changed,
    check_altered,
    described_broker,
    described_default,
    is_fixed,
    static_values,
)
from kafkabook.protocol.admin_api import ConfigEntry, ConfigSource
from tests.refusals import refused

LEAST, UNCLEAN = "min.insync.replicas", "unclean.leader.election.enable"
RATIO = "log.cleaner.min.cleanable.ratio"
OWN = ConfigSource.DYNAMIC_BROKER_CONFIG
OF_ALL = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
STATIC, USUAL = ConfigSource.STATIC_BROKER_CONFIG, ConfigSource.DEFAULT_CONFIG

# As a broker of 4.3.1 says it; tests/real asks one.
REFUSED = {
    "fixed": ((("broker.id", "2"),), "Cannot update these configs dynamically: [broker.id]"),
    "of a node, not in the table": (
        (("replica.socket.timeout.ms", "5"),),
        "Cannot update these configs dynamically: [replica.socket.timeout.ms]",
    ),
    "several, in Java's order": (
        (
            ("broker.session.timeout.ms", "5"),
            ("broker.heartbeat.interval.ms", "x"),
            (LEAST, "x"),
        ),
        (
            "Cannot update these configs dynamically: [broker.heartbeat.interval.ms,"
            " broker.session.timeout.ms]"
        ),
    ),
    "no int": (((LEAST, "two"),), f"Invalid value two for configuration {LEAST}: {{int}}"),
    "no int of Java's": (
        ((LEAST, "2147483648"),),
        f"Invalid value 2147483648 for configuration {LEAST}: {{int}}",
    ),
    "no long": (
        (("log.retention.ms", "1.5"),),
        "Invalid value 1.5 for configuration log.retention.ms: Not a number of type LONG",
    ),
    "no double": (
        ((RATIO, "half"),),
        f"Invalid value half for configuration {RATIO}: Not a number of type DOUBLE",
    ),
    "no boolean": (
        ((UNCLEAN, "maybe"),),
        (
            f"Invalid value maybe for configuration {UNCLEAN}: Expected value to be either true or"
            " false"
        ),
    ),
    "too small": (
        ((LEAST, "0"),),
        f"Invalid value 0 for configuration {LEAST}: Value must be at least 1",
    ),
    "too small a double": (
        ((RATIO, "-7"),),
        f"Invalid value -7.0 for configuration {RATIO}: Value must be at least 0",
    ),
    "too large a double": (
        ((RATIO, "1.5"),),
        f"Invalid value 1.5 for configuration {RATIO}: Value must be no more than 1",
    ),
    "no policy": (
        (("log.cleanup.policy", "compact, shrink"),),
        (
            "Invalid value shrink for configuration log.cleanup.policy: String must be one of:"
            " compact, delete"
        ),
    ),
}


@pytest.mark.parametrize(("settings", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_fixed_or_no_value_is_refused_in_kafkas_words(
    settings: tuple[tuple[str, str], ...], says: str
) -> None:
    """With INVALID_REQUEST, although the request is well formed."""
    with refused(Errors.INVALID_REQUEST) as error:
        check_altered(settings)
    assert says.replace("{int}", "Not a number of type INT") == str(error.value)


@pytest.mark.parametrize(
    "setting",
    [
        (LEAST, " 2 "),
        (LEAST, "1"),
        (UNCLEAN, "TRUE"),
        ("log.retention.ms", "-5"),
        ("log.cleaner.min.cleanable.ratio", "5e-1"),
        ("log.cleanup.policy", "compact"),
        ("of.a.plugin", "x"),
        ("broker.id", None),
    ],
)
def test_whatever_is_left_is_taken(setting: tuple[str, str | None]) -> None:
    """A name that nobody knows too, and nothing is wrong with taking away what was never set."""
    check_altered((setting,))


def test_a_broker_knows_each_setting_as_fixed_as_dynamic_or_not_at_all() -> None:
    """Every dynamic one is one of the table."""
    assert set(DYNAMIC) <= set(static_values())
    assert not any(map(is_fixed, DYNAMIC))
    assert [True, True, False] == [is_fixed(n) for n in ("node.id", "num.partitions", "x")]
    hidden = {"request.timeout.ms", "unclean.leader.election.interval.ms"}
    assert set() == hidden & set(static_values())


def test_settings_are_set_and_taken_away() -> None:
    """What is not named stays."""
    known = (("a", "1"), ("b", "2"))
    assert (("b", "3"), ("c", "4")) == changed(known, (("c", "4"), ("b", "3"), ("a", None)))


def test_of_the_default_of_all_only_what_was_altered_is_described() -> None:
    """The value of a name that nobody knows may be a secret."""
    entries = described_default({UNCLEAN: "true", "of.a.plugin": "secret"})
    unknown = ConfigEntry("of.a.plugin", "", OF_ALL, is_read_only=True)
    assert (unknown, ConfigEntry(UNCLEAN, "true", OF_ALL)) == entries


def test_a_broker_describes_each_setting_with_who_has_set_it() -> None:
    """Its own comes first, then the default of all brokers, the file, and Kafka's default."""
    config = ClusterConfig(min_insync_replicas=2, replica_lag_time_max_ms=5)
    defaults = {LEAST: "3", UNCLEAN: "true"}
    entries = described_broker(2, config, rack="a", own={LEAST: "4"}, defaults=defaults)
    told = {entry.name: entry for entry in entries}
    assert sorted(told) == [entry.name for entry in entries]
    assert (
        ConfigEntry(LEAST, "4", OWN),
        ConfigEntry(UNCLEAN, "true", OF_ALL),
        ConfigEntry("replica.lag.time.max.ms", "5", STATIC, is_read_only=True),
        ConfigEntry("broker.rack", "a", STATIC, is_read_only=True),
        ConfigEntry("num.io.threads", "8", USUAL),
        ConfigEntry("num.partitions", "1", USUAL, is_read_only=True),
    ) == tuple(
        told[name]
        for name in (
            *(LEAST, UNCLEAN, "replica.lag.time.max.ms", "broker.rack"),
            *("num.io.threads", "num.partitions"),
        )
    )
    named = {name: told[name].value for name in ("broker.id", "node.id", "process.roles")}
    assert {"broker.id": "2", "node.id": "2", "process.roles": "broker"} == named


def test_a_broker_without_a_rack_leaves_it_to_the_default() -> None:
    """And whatever else its file does not say."""
    entries = described_broker(2, ClusterConfig(), rack=None, own={}, defaults={})
    static = {entry.name for entry in entries if entry.source is STATIC}
    assert {"broker.id", "node.id", "process.roles"} == static
