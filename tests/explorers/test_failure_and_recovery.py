"""What the explorer of a fail-over claims, held against the run that it draws."""

import pytest

from kafkabook.explorers.chapters.failure_and_recovery import KILLED, SHUT_DOWN, five_steps
from kafkabook.viz.figure import Figure

DEFAULTS_MS = {"4.x": 9_000, "2.x": 18_000}  # broker and zookeeper.session.timeout.ms


def said(figure: Figure) -> list[list[str]]:
    """Return who said what to whom: each row of the twin without its time and when it was sent."""
    head, *rows = figure.text.splitlines()[3:]
    columns = [head.index(name) for name in ("from", "to", "message")]
    ends = [*columns[1:], None]
    cells = [
        [row[begin:end].strip() for begin, end in zip(columns, ends, strict=True)] for row in rows
    ]
    return [[who, whom, what.partition(", sent at")[0]] for who, whom, what in cells]


LOST = [
    ["broker 1", "", "crashes"],
    ["producer-1", "", "loses its connection to broker 1"],
    ["producer-1", "broker 1", "Produce, refused"],
]
FOUND = [
    ["producer-1", "broker 1", "Metadata, refused"],
    ["producer-1", "broker 2", "Metadata"],
    ["broker 2", "producer-1", "MetadataResponse"],
    ["producer-1", "broker 2", "Produce"],
    ["broker 2", "producer-1", "ProduceResponse"],
]


@pytest.mark.parametrize("version", ["4.x", "2.x"])
def test_a_producer_whose_leader_was_killed_asks_another_broker_who_leads(version: str) -> None:
    """It loses its connection, is refused by the dead, and believes only what an answer says."""
    pictures = five_steps(version=version, how_it_ends=KILLED)
    assert LOST == said(pictures[0])
    assert FOUND == said(pictures[-1])[-5:]
    refused = [row for row in said(pictures[-1]) if row[2].endswith("refused")]
    assert [LOST[-1], FOUND[0]] == refused  # what the controller says to the dead is left out


def test_a_leader_that_stops_tells_its_producer_that_it_leads_no_more() -> None:
    """It is still there: it refuses the record, and says itself who leads now."""
    last = said(five_steps(version="4.x", how_it_ends=SHUT_DOWN)[-1])
    asked = [
        ["producer-1", "broker 1", "Produce"],
        ["broker 1", "producer-1", "ProduceResponse"],
        ["producer-1", "broker 1", "Metadata"],
        ["broker 1", "producer-1", "MetadataResponse"],
    ]
    assert [*asked, *FOUND[-2:]] == last[-6:]


@pytest.mark.parametrize("version", ["4.x", "2.x"])
def test_a_death_is_noticed_one_session_after_the_last_heartbeat(version: str) -> None:
    """The run begins with a heartbeat, so nothing is saved of the time that is allowed."""
    noticed = five_steps(version=version, how_it_ends=KILLED)[1]
    assert f"detection: {DEFAULTS_MS[version]} ms later the controller fences" in noticed.text
