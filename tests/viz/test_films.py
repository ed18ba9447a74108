"""Two labs side by side: what one has otherwise stands above it, and where they part is known."""

from typing import Any

import pytest

from kafkabook.lab import Lab
from kafkabook.lab.rules import LabVersion


def cut_off(version: LabVersion = "4.x", seed: int = 7, **settings: Any) -> Lab:
    """A leader that loses its followers, and two producers who send to it."""
    lab = Lab(version=version, seed=seed)
    lab.create_topic("orders", assignment=[[1, 2, 3]], **settings)
    lab.cut(1, 2)
    lab.cut(1, 3)
    lab.send("m0", acks=1)
    lab.run_for(60_000)
    lab.send("m1")
    lab.run_for(100)
    return lab


@pytest.mark.parametrize(
    ("other", "notes", "run"),
    [
        (
            {"min_insync_replicas": 2},
            ["min.insync.replicas = 1", "min.insync.replicas = 2"],
            "orders-0 · seed 7",
        ),
        ({"version": "2.x"}, ["Kafka 4.x", "Kafka 2.x"], "orders-0 · seed 7"),
        ({"seed": 8}, ["seed 7", "seed 8"], "orders-0"),
        ({}, ["", ""], "orders-0 · seed 7"),
    ],
)
def test_a_lane_says_what_it_has_otherwise(other: dict[str, Any], notes: Any, run: str) -> None:
    """In Kafka's words, defaults included."""
    film = cut_off().film(beside=cut_off(**other))
    assert [("first", notes[0]), ("second", notes[1])] == [head[1:] for head in film.heads]
    assert run == film.run


def test_a_setting_parts_two_labs_where_it_acts() -> None:
    """The same records, the same cut: one leader takes the second record, one does not."""
    film = cut_off().film(title="What does it change?", beside=cut_off(min_insync_replicas=2))
    last = [lane.steps[-1] for lane in film.lanes]
    assert ["acked", "sent"] == [step.kind for step in last]
    assert "What does it change?" == film.title
    assert 0 < film.parts_at < film.axis.end_s
    assert None is cut_off().film(beside=cut_off()).parts_at
