"""What the explorers of chapter 06 claim, beyond that they draw."""

import pytest

from kafkabook.explorers.chapters import in_sync_replicas as told
from kafkabook.explorers.chapters.isr_path import counted_meanwhile, decision
from kafkabook.replication.events import HighWatermarkMoved, IsrAdopted, IsrProposed
from kafkabook.sim.events import MessageDelivered, MessageDropped


@pytest.mark.parametrize(
    ("slower_ms", "lag_ms", "out_at_s"),
    [
        (1_000, 2_000, range(10, 50, 5)),
        (1_000, 10_000, range(0)),
        (4_000, 10_000, range(15, 50, 5)),
        (4_000, 30_000, range(0)),
        (10_000, 30_000, range(45, 50, 5)),
    ],
)
def test_who_fetches_too_slowly_leaves_and_comes_back(
    slower_ms: int, lag_ms: int, out_at_s: range
) -> None:
    """A fetch that comes every 2 d tells of a time up to 4 d ago; the leader looks every lag/2."""
    pictures = told._slow_film(slower_ms, lag_ms)
    left = "is not in the ISR. No write waits for it."
    out = [5 * n for n, it in enumerate(pictures, 1) if left in it.text]
    assert list(out_at_s) == out


@pytest.mark.parametrize(
    ("broker_2", "broker_3", "log_end", "mark", "shortest"),
    [
        (told.IN, told.IN, 2, 2, 3),
        (told.IN, told.OUT, 2, 4, 2),
        (told.OUT, told.OUT, 2, 5, 1),
        (told.OUT, told.IN, 0, 0, 3),
        (told.IN, told.IN, 5, 4, 2),
    ],
)
def test_the_shortest_log_in_the_isr_is_the_high_watermark(
    broker_2: str, broker_3: str, log_end: int, mark: int, shortest: int
) -> None:
    """Who is not in the ISR holds nobody back, however short its log is."""
    text = told.where_is_the_high_watermark(broker_2, broker_3, log_end).text
    assert f"high watermark is {mark}: broker {shortest} has the shortest log in the ISR." in text


@pytest.mark.parametrize("lacks", [0, 2, 4])
@pytest.mark.parametrize("max_poll", [1, 3, 5])
def test_reading_ends_at_the_high_watermark(lacks: int, max_poll: int) -> None:
    """However little a poll hands out, nobody is shown what one in-sync replica lacks."""
    pictures = told._positions(lacks, max_poll)
    first, high = min(max_poll, 8 - lacks), 8 - lacks
    positions = [it.text.split("The consumer ")[-1].splitlines()[0] for it in pictures]
    assert positions == [
        told_of("nothing", 0, high),
        told_of("nothing", first, high),
        told_of(first, first, high),
        told_of(first, high, high),
        told_of(first, high, 8),
    ]


def told_of(committed: object, position: int, high: int) -> str:
    """Return what a picture says of the four positions."""
    consumer = f"has committed {committed}, and its position is {position}."
    return f"{consumer} The high watermark is {high}, and the log end is 8."


@pytest.mark.parametrize("first_request", ["arrives", "is lost"])
def test_nothing_is_committed_before_the_controller_has_decided(first_request: str) -> None:
    """While the wish is under way both sets count: the mark moves only once it is adopted."""
    kinds = [type(entry.event) for entry in decision("falls behind", first_request)]
    assert kinds[0] is IsrProposed
    assert kinds.index(IsrAdopted) < kinds.index(HighWatermarkMoved)
    assert (first_request == "is lost") is (MessageDropped in kinds)
    assert counted_meanwhile() == "1, 2 and 3"


@pytest.mark.parametrize("broker_3", ["falls behind", "has caught up"])
@pytest.mark.parametrize("first_request", ["arrives", "is lost"])
def test_each_broker_is_told_of_the_decision_once(broker_3: str, first_request: str) -> None:
    """The news of an earlier change is out by then; drawn with this one, nobody could place it."""
    told_to = [
        entry.event.receiver
        for entry in decision(broker_3, first_request)
        if isinstance(entry.event, MessageDelivered) and entry.event.name == "MetadataUpdate"
    ]
    assert [1, 2, 3] == sorted(map(int, told_to))


def test_a_write_waits_for_a_slow_member_and_not_for_one_that_has_left() -> None:
    """Two seconds more a message are waited for twice or more; seven seconds are not at all."""
    slow_ms, _, slow_is_in = told._waits(2_000, 10_000)
    left_ms, alone_ms, left_is_in = told._waits(7_000, 10_000)
    assert (slow_is_in, left_is_in) == (True, False)
    assert slow_ms > 2 * 2_000
    assert alone_ms < left_ms < 20
