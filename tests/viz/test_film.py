"""A film as data: what is said when, what can be touched when, and where two lanes part."""

import re
from collections import Counter
from functools import lru_cache
from typing import Any

import pytest

from kafkabook import SCENARIOS
from kafkabook.lab import Lab
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterOutcome
from kafkabook.scenarios.scenario import Scenario
from kafkabook.sim.events import MessageSent
from kafkabook.viz import films
from kafkabook.viz.film import Film, unmarked
from kafkabook.viz.film_view import StageWidget
from kafkabook.viz.live_stage import LiveStage
from kafkabook.viz.recording import record
from kafkabook.viz.scene import Scene

NOTHING_TO_ASK = {"A16", "A17"}  # nobody reads in the end of their good films


def a_lab() -> Lab:
    """Three brokers, no record."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    return lab


def a_film(lab: Lab, *others: Lab, is_stage: bool = False) -> Film:
    """A film of labs, side by side."""
    lanes = tuple(record(it, since=0) for it in (lab, *others))
    return Film("What happens?", "seed 7", lanes, is_stage=is_stage)


def offered(film: Film, thing: str, second: float) -> list[str]:
    """The lines that a thing offers at a second, as the front end looks them up."""
    rows = film.data()["lanes"][0]["things"][thing]["does"]
    return [deed[2] for deed in [row for row in rows if row[0] <= second + 0.001][-1][1]]


def test_each_step_has_its_second_and_its_sentence() -> None:
    """Steps of one millisecond come one after the other, in the order of their entries."""
    lab = a_lab()
    lab.produce("a")
    film = a_film(lab)
    data, steps = film.data(), film.lanes[0].steps
    says = data["lanes"][0]["says"]
    *told, (ends_s, last) = says[1:]
    assert [step.says for step in steps] == [sentence for _, sentence in told]
    assert "No {acknowledged} record is lost." == last
    assert film.axis.end_s - 0.5 < ends_s < film.axis.end_s
    seconds = [second for second, _ in says]
    assert sorted(set(seconds)) == seconds
    assert seconds[1:-1] == [step[0] for step in data["axis"]["steps"]]


def test_what_can_be_touched_follows_the_film() -> None:
    """Back in the film a dead broker lives, and can be killed."""
    lab = a_lab()
    lab.run_for(100)
    lab.crash(1)
    lab.run_for(100)
    film = a_film(lab)
    assert "lab.crash(1)" in offered(film, "broker-1", 0.0)
    assert ["lab.restart(1)", "lab.lose_disk(1)"] == offered(film, "broker-1", film.axis.end_s)


def test_a_message_that_is_held_can_be_delivered_or_let_go() -> None:
    """While it stands; and its link ends the hold even if no message is there."""
    lab = a_lab()
    lab.produce("a")
    lab.hold("Produce", "producer-1", 1)
    lab.run_for(50)
    assert 'lab.release("Produce", "producer-1", 1)' in offered(
        a_film(lab), "link/producer/1", a_film(lab).axis.end_s
    )
    lab.send("b")
    lab.run_for(200)
    film = a_film(lab, is_stage=True)
    held = next(it for it in film.lanes[0].flights if it.values == ("b",))
    key, words = f"message/{held.number}", '"Produce", "producer-1", 1'
    lines = [f"lab.{it}({words})" for it in ("deliver", "release", "drop", "double")]
    assert lines == offered(film, key, film.axis.end_s)
    assert lines == offered(film, key, film.axis.before(held.stops[0][0]) + 0.01)
    assert f"lab.hold({words})" in offered(film, key, 0.0)
    assert f"lab.deliver({words})" not in offered(film, key, 0.0)


def test_a_message_at_a_cut_link_or_a_paused_broker_offers_what_ends_that() -> None:
    """A reader sees it stand, touches it, and it goes on."""
    lab = a_lab()
    lab.produce("a")
    lab.cut(2, 1)
    lab.pause(3)
    lab.produce("b", acks=1)
    lab.run_for(100)
    film = a_film(lab, is_stage=True)
    found = {}
    for flight in film.lanes[0].flights:
        if flight.values == ("b",) and flight.stops:
            found[flight.receiver] = offered(film, f"message/{flight.number}", film.axis.end_s)[0]
    assert {2: "lab.heal(1, 2)", 3: "lab.resume(3)"} == found


def test_a_stage_shows_time_up_to_now_and_a_recorded_film_its_last_step() -> None:
    """On a stage the next touch happens now."""
    lab = a_lab()
    lab.produce("a")
    lab.run_to(9_000)
    assert 9_001 == a_film(lab, is_stage=True).axis.knots[-1][0]
    assert 2_000 > a_film(lab).axis.knots[-1][0]


def test_two_lanes_part_where_their_states_do() -> None:
    """The same run twice never parts; a lane alone has nothing to part from."""
    one, same, other = a_lab(), a_lab(), a_lab()
    for lab in (one, same, other):
        lab.produce("a")
    other.crash(1)
    for lab in (one, same, other):
        lab.run_for(500)
    assert [None, None] == [a_film(one).parts_at, a_film(one, same).parts_at]
    ends = [repr(it).endswith("\nNo difference here.") for it in (a_film(one), a_film(one, same))]
    assert [False, True] == ends
    parted = a_film(one, other)
    [killed] = [it for it in parted.lanes[1].steps if it.kind == "killed"]
    assert parted.second_of(parted.lanes[1], killed.at_ms, killed.entry) == parted.parts_at


def test_a_verdict_names_what_is_lost_and_no_brace_of_it_is_a_mark() -> None:
    """Values come from outside."""
    lab = a_lab()
    lab.hold("FetchResponse", 1)
    lab.produce("{leader:x}", acks=1)
    lab.lose_disk(1)
    film = a_film(lab)
    assert (
        "Lost, though {acknowledged}: \\x7bleader:x}." == film.data(())["lanes"][0]["says"][-1][1]
    )


def test_a_sentence_is_told_without_its_marks() -> None:
    """A word may have a text of its own; braces of nothing stay."""
    told = unmarked("{leader:Broker 1} leads; the {producer} waits {}.")
    assert "Broker 1 leads; the producer waits {}." == told


def test_a_widget_lays_out_the_width_that_is_asked_for() -> None:
    """By a message of its own, and the next film in that width at once."""
    widget, told = StageWidget(LiveStage(a_lab())), list[Any]()
    widget.view.send = told.append
    whole = widget.stage.film.data()
    widget.take({"do": "layout", "width": "520"})
    lanes = [lane["layouts"]["520"] for lane in whole["lanes"]]
    assert [{"do": "layout", "edition": 1, "width": 520, "lanes": lanes}] == told
    widget.take({"do": "touch", "line": "lab.crash(1)", "second": 9e9, "lane": 0})
    layouts = widget.view.film["lanes"][0]["layouts"]
    assert ["520"] == [width for width, layout in layouts.items() if layout]
    with pytest.raises(ValueError, match="no layout is 500 px wide"):
        widget.take({"do": "layout", "width": "500"})


def test_a_widget_answers_a_touch_with_a_film_or_with_a_problem() -> None:
    """The same problem twice is said twice; what was shown stays."""
    widget, told = StageWidget(LiveStage(a_lab())), list[Any]()
    widget.view.observe(lambda change: told.append(change["new"]), "problem")
    touch = {"do": "touch", "line": "lab.crash(1)", "second": 0.8, "lane": 0}
    for _ in range(3):
        widget.take({**touch, "second": widget.stage.film.axis.end_s})
    why = "Nothing is done: lab.crash(1) is refused, for broker 1 is down."
    assert [why, "", why] == told
    shown = widget.stage.film.data((820,))
    assert widget.view.film == shown | {"is_live": True, "edition": 4}
    assert [None, None] == [shown["lanes"][0]["layouts"][width] for width in ("400", "520")]
    widget.take({"do": "guess", "value": "2"})
    assert 1 == len(widget.stage.labs)


def test_quiet_traffic_is_a_count_in_words() -> None:
    """In a break of the axis, where no message is named; the most frequent requests come first."""
    lab = a_lab()
    lab.produce("a")
    lab.run_for(9_000)
    lab.produce("b")
    film = a_film(lab)
    quiet = max(film.axis.breaks, key=lambda it: it.to_ms - it.from_ms)
    sent = Counter(
        entry.event.name
        for entry in lab.trace
        if isinstance(entry.event, MessageSent) and not entry.event.answers
        if quiet.from_ms < entry.at_ms < quiet.to_ms and entry.event.name != "MetadataUpdate"
    )
    told = ", ".join(f"{count} × {name}" for name, count in sent.most_common(2))
    for second, is_told in ((quiet.to_s - 0.8, True), (quiet.from_s, False), (quiet.to_s, False)):
        shapes = {it.key: it for it in film.motion(film.lanes[0], 820).at(second).walk() if it.key}
        notes = [it for key, it in shapes.items() if key.startswith("quiet/")]
        shown = [["".join(map(str, line.inside)) for line in note.inside[1:]] for note in notes]
        assert ([[f"{quiet.says} pass", told]] if is_told else []) == shown
    assert "Fetch" in told


def test_a_message_that_stands_still_is_named_beside_it() -> None:
    """What is held for eight seconds is part of the story; it is named for as long as it stands."""
    film = SCENARIOS["A14"].film("bad")
    motion = film.motion(film.lanes[0], 820)
    [killed] = [it for it in film.lanes[0].steps if it.kind == "killed"]
    second = film.second_of(film.lanes[0], killed.at_ms, killed.entry)
    told = [
        {"".join(it.inside) for it in motion.at(at_s).walk() if it.kind == "text"}
        for at_s in (second + 0.5, film.axis.end_s)
    ]
    assert ["AlterPartition, held" in texts for texts in told] == [True, False]


@lru_cache(maxsize=2)
def played(scenario_id: str, end: str) -> ClusterOutcome:
    """One end, played once for the film of both and for its own: a film only reads it."""
    outcome = SCENARIOS[scenario_id].play(end)
    assert isinstance(outcome, ClusterOutcome)
    return outcome


def played_once(scenario: Scenario, end: str) -> ClusterOutcome:
    """As `films` plays an end."""
    return played(scenario.id, end)


@pytest.mark.parametrize("end", ["", "bad", "good"])
@pytest.mark.parametrize("name", [name for name, it in SCENARIOS.items() if name[0] in "AS"])
def test_a_film_of_a_scenario_asks_before_its_turn(
    name: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer comes from the run, and is among the choices; no film tells it before."""
    scenario = SCENARIOS[name]
    if not isinstance(scenario.bad, ClusterEnd):
        return
    monkeypatch.setattr(films, "_played", played_once)
    film = scenario.film(end)
    asked = film.data(())["guess"]
    if asked is None:
        assert name in NOTHING_TO_ASK
        return
    assert asked["answer"] in asked["choices"] or not asked["choices"]
    assert 0 < asked["at"] < asked["until"] <= film.axis.end_s
    assert repr(film).endswith(f"Guess: {asked['question']}")


@pytest.mark.parametrize("width_px", [400, 820])
def test_a_log_that_outgrows_its_card_moves_on(width_px: int) -> None:
    """The first record is seen while it is the newest, and makes room for the last ones."""
    film = SCENARIOS["A17"].film("bad")
    lane = film.lanes[0]
    motion, most = film.motion(lane, width_px), lane.records
    newest = {it.state.last_offset: it.entry for it in reversed(lane.seen)}
    for offset in (0, most - 1):
        second = film.second_of(lane, newest[offset].at_ms, newest[offset].number)
        assert offset in offsets_seen(motion.at(second + 0.5), lane.brokers[0])
    assert 0 not in offsets_seen(motion.at(film.axis.end_s), lane.brokers[0])


def offsets_seen(scene: Scene, broker: int) -> set[int]:
    """Return the records of a broker that are drawn and not faded."""
    drawn = {it.key: float(it.at.get("opacity", 1)) for it in scene.walk() if it.key}
    found = {re.fullmatch(rf"broker-{broker}/(\d+)\.\d+", key): seen for key, seen in drawn.items()}
    return {int(it[1]) for it, seen in found.items() if it and seen > 0.5}
