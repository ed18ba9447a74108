"""A card says in a line what a setting is, and holds the rest until it is opened."""

from dataclasses import replace

import pytest

from kafkabook.base.settings import Explanation, explain, find
from kafkabook.viz.settings_card import ROW, settings_card


def test_a_closed_card_says_what_the_setting_is_and_its_default() -> None:
    """With a unit that a person reads; what was removed has no default."""
    line = "how long a follower may go without catching up before it leaves the ISR."
    assert (
        f"<summary><code>replica.lag.time.max.ms</code>: {line} Default: 30 s.</summary>"
        in settings_card(explain("replica.lag.time.max.ms"))
    )
    assert ". Removed in Kafka 4.0.</summary>" in settings_card(explain("zookeeper.connect"))


def test_a_still_is_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nbval compares; a page of the book has the card."""
    kinds = {}
    for mode in ("still", "book"):
        monkeypatch.setenv("KAFKABOOK_MODE", mode)
        kinds[mode] = set(explain("linger.ms")._repr_mimebundle_())
    assert {"still": {"text/plain"}, "book": {"text/plain", "text/html"}} == kinds


def test_an_open_card_holds_the_exact_value_of_each_version() -> None:
    """And for a person what that is; nothing twice."""
    card = settings_card(explain("zookeeper.session.timeout.ms"))
    assert ROW.format(what="default in 2.8", told="18000 (18 s)") in card
    assert ROW.format(what="default in 3.9", told="1") in settings_card(
        explain("min.insync.replicas")
    )


def test_each_place_of_a_setting_has_a_card() -> None:
    """`compression.type` is the producer's and the topic's."""
    card = settings_card(explain("compression.type"))
    assert 2 == card.count('<details class="kb-card">') == card.count("</details>")


def test_a_row_that_says_nothing_is_left_out() -> None:
    """Most settings have no KIP."""
    assert ">source</th>" not in settings_card(explain("num.replica.fetchers"))


def test_text_of_the_table_is_no_markup() -> None:
    """`[1,...]` is harmless; what a row may say one day is, too."""
    row = replace(find("acks"), meaning="<b>", note="<i>", name="<u>")
    card = settings_card(Explanation("acks", (row,)))
    assert not {"<b>", "<i>", "<u>"} & set(card.replace(">", "> ").split())
    assert "&lt;b&gt;" in card


def test_defaults_are_told_for_a_person() -> None:
    """Bytes and times by their size, the largest number by what it means."""
    told = {
        name: find(name).default_text()
        for name in ("segment.bytes", "retention.ms", "flush.messages", "broker.rack")
    }
    assert {
        "segment.bytes": "1 GiB",
        "retention.ms": "7 d",
        "flush.messages": "never",
        "broker.rack": "none",
    } == told
    assert "no limit" == find("max.compaction.lag.ms").default_text()


def test_a_card_says_what_took_a_place_and_what_means_the_same() -> None:
    """In rows of their own, which other cards lack."""
    gone = settings_card(explain("message.timestamp.difference.max.ms"))
    assert ">since Kafka 4.0; in its place: message.timestamp.before.max.ms and " in gone
    assert ">where a topic sets none, the broker&#x27;s log.segment.bytes counts<" in settings_card(
        explain("segment.bytes")
    )
    plain = settings_card(explain("linger.ms"))
    assert ">gone<" not in plain
    assert ">the same thing<" not in plain
