"""What a stage shows follows from events alone."""

from kafkabook.lab import Lab
from kafkabook.viz.recording import record
from kafkabook.viz.stage_state import ACKED, LOST, StageState


def a_lab() -> Lab:
    """Three brokers, no record."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    return lab


def now(lab: Lab) -> StageState:
    """What the stage shows of it."""
    return record(lab, since=0).seen[-1].state


def hows(lab: Lab) -> list[str]:
    """How its sends stand."""
    return [sent.how for sent in now(lab).sends]


def test_links_and_holds_are_seen_from_beginning_to_end() -> None:
    """Each by its two ends; healing everything ends both."""
    lab, seen = a_lab(), []
    for line in (
        lambda: lab.hold("Fetch", 2, 1),
        lambda: lab.hold("Fetch", 3),
        lambda: lab.cut(1, 2),
        lambda: lab.cut(3, "controller"),
        lambda: lab.release("Fetch", 2, 1),
        lambda: lab.heal(1, 2),
        lab.heal_everything,
    ):
        line()
        seen.append((now(lab).holds, {tuple(sorted(it)) for it in now(lab).cuts}))
    one, other = ("Fetch", 2, 1), ("Fetch", 3, None)
    assert [
        ((one,), set()),
        ((one, other), set()),
        ((one, other), {("1", "2")}),
        ((one, other), {("1", "2"), ("3", "controller")}),
        ((other,), {("1", "2"), ("3", "controller")}),
        ((other,), {("3", "controller")}),
        ((), set()),
    ] == seen


def test_what_is_lost_stays_lost_when_its_place_is_taken() -> None:
    """A new record at the same offset is no consolation."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("a", acks=1)
    assert [ACKED] == hows(lab)
    lab.lose_disk(1)
    assert [LOST] == hows(lab)
    lab.restart_everything()
    lab.run_for(30_000)
    lab.produce("b")
    assert [LOST, ACKED] == hows(lab)
    assert ("a",) == now(lab).lost
    assert all(["b"] == [cell.value for cell in it.cells] for it in now(lab).brokers)


def test_the_logs_of_the_dead_still_hold_what_is_on_their_disks() -> None:
    """A killed process loses nothing; a power cut loses what was in memory."""
    lab = a_lab()
    lab.produce("a")
    lab.run_for(1_000)
    lab.crash(1)
    assert ["a"] == [cell.value for cell in now(lab).broker(1).cells]
    lab.power_off(2)
    assert ((), ["a"]) == (
        now(lab).broker(2).cells,
        [cell.value for cell in now(lab).broker(2).gone],
    )
    assert ["killed", "no power", ""] == [it.cause for it in now(lab).brokers]


def test_who_comes_back_in_its_own_epoch_moves_no_high_watermark() -> None:
    """It has lost its log and leads behind a closed port, until the controller names another."""
    lab = a_lab()
    lab.produce("a")
    lab.power_off(1)
    lab.restart(1)
    lab.run_until(lambda: now(lab).broker(1).role == "leader")
    assert (0, 1, False) == (
        now(lab).broker(1).high_watermark,
        now(lab).high_watermark,
        now(lab).has_leader,
    )
    lab.run_for(20_000)
    assert (1, 2, True) == (now(lab).high_watermark, now(lab).leader, now(lab).has_leader)


def test_belief_and_word_may_differ() -> None:
    """A paused leader still takes itself for one, when the controller has named another."""
    lab = a_lab()
    lab.produce("a")
    lab.pause(1)
    lab.run_for(20_000)
    state = now(lab)
    assert (2, "leader", 0, True) == (
        state.leader,
        state.broker(1).role,
        state.broker(1).leader_epoch,
        state.broker(1).is_paused,
    )
    assert ("leader", 1) == (state.broker(2).role, state.broker(2).leader_epoch)
