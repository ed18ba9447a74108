"""Kafka's own settings; `tests/real/test_settings_of_a_broker.py` asks Kafka's classes again."""

from kafkabook.base.kafka_settings import kafka_settings, the_same, what_is_gone

NO_NAMES = {"nothing", "the", "producer_byte_rate", "consumer_byte_rate"}
VERSIONS = ("2.8", "3.9", "4.x")


def test_all_that_is_gone_has_something_or_nothing_in_its_place() -> None:
    """A name that is given instead is one that Kafka still knows: no closed door after another."""
    alive = {name for (_, name), row in kafka_settings().items() if not row.gone}
    gone = [key for key, row in kafka_settings().items() if row.gone]
    places = [what_is_gone(*key).partition("; in its place: ")[2] for key in gone]
    assert 59 == len(gone)
    assert set() == {place.split()[0].rstrip(",") for place in places} - alive - NO_NAMES


def test_a_setting_is_gone_from_one_version_on() -> None:
    """Its default is `removed` in every shown version from then on, and in no earlier one."""
    for row in kafka_settings().values():
        removed = [row.defaults[version] == "removed" for version in VERSIONS]
        assert removed == sorted(removed)
        assert bool(row.gone) == removed[-1]


def test_what_is_there_is_not_gone_and_has_no_other_name() -> None:
    """Nothing is said then."""
    assert ("", "", "") == (
        what_is_gone("producer", "linger.ms"),
        what_is_gone("connect", "tasks.max"),
        the_same("producer", "compression.type"),
    )
