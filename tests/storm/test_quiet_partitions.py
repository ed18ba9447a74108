"""What a leader does not look at is as if it had looked: the same storms, with and without."""

import pytest

from kafkabook.cluster.fetch_reading import FetchReading
from kafkabook.replication.events import FetchesRepeated, FetchParked, FetchServed
from kafkabook.replication.facts import FollowerFacts
from kafkabook.storm.many import Job, storm
from kafkabook.storm.run import Run

SEEDS = range(12)
COUNTED = FetchServed, FetchesRepeated, FetchParked  # they say what was looked at


def told(run: Run) -> list[str]:
    """Everything that a run told, numbers of entries aside, but for what was looked at."""
    return [
        f"{entry.at_ms} {entry.place} {entry.event}"
        for entry in run.lab.trace
        if not isinstance(entry.event, COUNTED)
    ]


def known(run: Run) -> list[tuple[str, int, tuple[FollowerFacts, ...]]]:
    """What every leader knows of its followers at the end, times included."""
    view = run.lab.view
    return [
        (name, broker.id, view.replica(name, broker.id).followers)
        for name in view.partitions
        for broker in view.brokers
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_leader_that_looks_at_everything_does_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message, every mark, every set and every time is what it would have been."""
    lazy = storm(Job(seed))
    assert lazy.lab.trace.of(FetchesRepeated)
    monkeypatch.setattr(FetchReading, "quiet", lambda *_: None)
    eager = storm(Job(seed))
    assert not eager.lab.trace.of(FetchesRepeated)
    assert (told(eager), known(eager)) == (told(lazy), known(lazy))
