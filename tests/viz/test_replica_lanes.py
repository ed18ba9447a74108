"""Replica lanes show who holds what, what is committed, and what a failure has cost."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from kafkabook.replication.snapshots import Lane, PartitionSnapshot, StoredRecord
from kafkabook.viz.figure import WIDTH_PX, WIDTHS_PX, Figure
from kafkabook.viz.lane_cells import fates
from kafkabook.viz.letters import width_px
from kafkabook.viz.replica_lanes import replica_lanes
from kafkabook.viz.scene import Scene, Shape
from kafkabook.viz.sheet import LEFT_PX
from kafkabook.viz.theme import COLOURS

HOSTILE = '<img src=x onerror="alert(1)">\u202e\x00'
HATCH = 'stroke-opacity=".45"'
GHOST = 'stroke-dasharray="2 2"'
LOST = f'fill="none" stroke="{COLOURS["error"].light}" stroke-width="3"'
LEGEND = {
    *("acknowledged", "above its high watermark", "epoch n begins", "gone from this log"),
    *("acknowledged and lost", "place of a lost record"),
}
REPLACED = f'stroke="{COLOURS["error"].light}" stroke-width="2.5" stroke-dasharray="4 3"'


def a_log(told: str, *, acked: int = 0) -> tuple[StoredRecord, ...]:
    """Return the records of `a b @3 c`: values, and from `@3` on another epoch; it starts in 2."""
    records: list[StoredRecord] = []
    epoch = 2
    for word in told.split():
        if word.startswith("@"):
            epoch = int(word[1:])
        else:
            records.append(StoredRecord(len(records), epoch, word, len(records) < acked))
    return tuple(records)


def a_lane(broker: int, role: str, epoch: int, high_watermark: int, told: str, **more: int) -> Lane:
    """Return a lane that begins at offset 0; an offline one is that of a broker that is down."""
    records, alive = a_log(told, **more), role != "offline"
    return Lane(broker, role, epoch, 0, len(records), high_watermark, records, is_alive=alive)


def a_partition(leader: int | None, epoch: int, isr: set[int], *lanes: Lane) -> PartitionSnapshot:
    """Return orders-0 as the controller and its brokers see it."""
    return PartitionSnapshot("orders-0", leader, epoch, 5, frozenset(isr), frozenset(), lanes, 2)


def a_calm_partition() -> PartitionSnapshot:
    """Return three replicas, the second a little behind, the third out of sync."""
    return a_partition(
        *(2, 3, {1, 2}),
        a_lane(1, "follower", 3, 3, "a b c @3 d", acked=4),
        a_lane(2, "leader", 3, 4, "a b c @3 d e f", acked=4),
        a_lane(3, "follower", 2, 2, "a b", acked=4),
    )


def a_failure() -> list[PartitionSnapshot]:
    """Return a leader that acknowledged alone, its successor, and its own return as a follower."""
    follower = a_lane(3, "follower", 2, 1, "a b", acked=2)
    return [
        a_partition(1, 2, {1}, a_lane(1, "leader", 2, 4, "a b c d", acked=4), follower),
        a_partition(
            *(3, 3, {3}),
            a_lane(1, "offline", 2, 4, "a b c d", acked=4),
            a_lane(3, "leader", 3, 3, "a b @3 e", acked=3),
        ),
        a_partition(
            *(3, 3, {1, 3}),
            a_lane(1, "follower", 3, 2, "a b", acked=2),
            a_lane(3, "leader", 3, 3, "a b @3 e", acked=3),
        ),
    ]


CALM = """\
Who holds what of orders-0?
seed 7
Broker 2 leads orders-0 in epoch 3; in sync: 1, 2; high watermark 4, log end 6. Broker 1 lacks \
offsets 4–5. Broker 3 lacks offsets 2–5.
broker  role      epoch  log end  high watermark  in ISR  records
     1  follower      3        4               3  yes     a✓ b✓ c✓ d✓
     2  leader        3        6               4  yes     a✓ b✓ c✓ d✓ e f
     3  follower      2        2               2  no      a✓ b✓"""
DIVERGED = """\
Who holds what of orders-0?
Broker 3 leads orders-0 in epoch 3; in sync: 3; high watermark 3, log end 3. Broker 1 (down) lacks \
offset 2 and has records at offsets 2–3 that the leader lacks. Acknowledged and lost: \
c (offset 2), d (offset 3).
broker  role    epoch  log end  high watermark  in ISR  records
     1  down        2        4               4  no      a✓ b✓ c✓ (lost) d✓ (lost)
     3  leader      3        3               3  yes     a✓ b✓ e✓"""


def test_the_twin_of_the_lanes_says_everything_that_is_drawn() -> None:
    """In the order of the assignment, whoever leads."""
    assert CALM == replica_lanes(a_calm_partition(), subtitle="seed 7").text


def test_the_twin_names_what_a_failure_has_cost() -> None:
    """A producer was told that these are safe."""
    assert DIVERGED == replica_lanes(a_failure()[1]).text


def test_the_twin_calls_one_record_a_record() -> None:
    """A dead leader that alone had the newest one, and nobody has written since."""
    dead = a_lane(1, "offline", 2, 1, "a b")
    told = replica_lanes(a_partition(2, 3, {2}, dead, a_lane(2, "leader", 3, 1, "a"))).text
    assert "Broker 1 (down) has a record at offset 1 that the leader lacks." in told


def test_a_dead_broker_that_knows_no_epoch_has_none_in_words() -> None:
    """An epoch of -1 would be a riddle to a reader."""
    dead = a_lane(2, "offline", -1, 1, "a")
    figure = replica_lanes(a_partition(1, 3, {1}, a_lane(1, "leader", 3, 1, "a"), dead))
    assert ["2", "down", "–", "1", "1", "no", "a"] == figure.text.splitlines()[-1].split()


def test_each_lane_is_hatched_from_its_own_high_watermark_on() -> None:
    """A follower learns of the watermark later, so it has more that waits; the legend has one."""
    assert 2 + 1 + 0 + 1 == replica_lanes(a_calm_partition()).svg.count(HATCH)


def test_each_lane_has_its_watermark_and_the_number_of_its_next_offset() -> None:
    """Six numbers for three replicas."""
    drawn = texts(replica_lanes(a_calm_partition()))
    expected = [(3, 4), (4, 6), (2, 2)]
    pairs = [(f"log end {end}", f"high watermark {mark}") for mark, end in expected]
    assert [text for pair in pairs for text in pair] == [
        text for text in drawn if re.match(r"(high watermark|log end) \d+$", text)
    ]


def test_epochs_are_badges_where_they_begin_and_a_rule_between_them() -> None:
    """Two of three lanes hold the change from epoch 2 to 3."""
    figure = replica_lanes(a_calm_partition())
    assert ["2", "3", "2", "3", "2", "n"] == badges(figure)
    assert 2 == figure.svg.count(f'stroke="{COLOURS["controller"].light}" stroke-width="2"')


def test_what_was_acknowledged_wears_a_check() -> None:
    """So that a lost one is seen; one more explains it."""
    green = f'stroke="{COLOURS["consumer"].light}" stroke-width="2"'
    assert 4 + 4 + 2 + 1 == replica_lanes(a_calm_partition()).svg.count(green)


def test_frames_tell_leader_follower_and_dead() -> None:
    """Thick, thin, dashed with a cross: never colour alone."""
    svg = replica_lanes(a_failure()[1]).svg
    assert 3 == svg.count(f'stroke="{COLOURS["leader"].light}" stroke-width="2.5" rx')
    assert 4 == svg.count('stroke-dasharray="5 3"')
    assert 1 == svg.count('<g stroke-opacity=".5"')
    assert f'stroke="{COLOURS["follower"].light}" stroke-width="1.4"' not in svg


def test_a_replica_keeps_its_place_when_another_one_leads() -> None:
    """The crown goes to the new leader; no row moves."""
    one = a_calm_partition()
    figures = [replica_lanes(it) for it in (one, replace(one, leader=1))]
    for width in WIDTHS_PX:
        before, after = (places(figure.scene_for(width)) for figure in figures)
        rows = [[it[f"broker-{n}/name"][1] for n in (1, 2, 3)] for it in (before, after)]
        assert rows[0] == rows[1] == sorted(rows[0])
        assert [2, 1] == [crowned(before), crowned(after)]


def crowned(at: dict[str, tuple[float, float]]) -> int:
    """Return the broker beside whose name the crown stands."""
    return min((1, 2, 3), key=lambda n: abs(at[f"broker-{n}/name"][1] - at["crown"][1]))


def test_without_a_leader_there_is_no_crown_and_the_watermark_is_dotted() -> None:
    """Nobody may move it."""
    lanes = (a_lane(1, "follower", 2, 1, "a b"), a_lane(2, "follower", 2, 2, "a b"))
    shapes = [
        {shape.key: shape for shape in replica_lanes(a_partition(*it, *lanes)).scene.walk()}
        for it in ((None, 3, {1, 2}), (2, 3, {1, 2}))
    ]
    dashes = [it["high-watermark"].inside[-1].at.get("stroke-dasharray") for it in shapes]  # type: ignore[union-attr]
    assert (["1 4", None], [False, True]) == (dashes, ["crown" in it for it in shapes])


def test_one_line_is_the_leaders_watermark_and_each_lane_has_its_notch() -> None:
    """The line stands where the leader's notch does, and goes through all lanes."""
    at = places(replica_lanes(a_calm_partition()).scene)
    notches = [at[f"broker-{n}/high-watermark"][0] for n in (1, 2, 3)]
    assert at["high-watermark"][0] == notches[1] > notches[0] > notches[2]


def test_cells_have_the_same_keys_in_every_width() -> None:
    """A page may change its width while a film plays; the end of the log is always there."""
    figure = replica_lanes(a_calm_partition())
    cells = [
        [
            shape.key
            for shape in figure.scene_for(it).walk()
            if re.match(r"broker-\d/\d+$", shape.key)
        ]
        for it in WIDTHS_PX
    ]
    assert cells[0] == cells[1] == cells[2]
    assert 4 + 6 + 2 == len(cells[0])


def places(scene: Scene) -> dict[str, tuple[float, float]]:
    """Return where each shape with a key begins: its own first coordinates, or its first part's."""
    return {shape.key: _begins(shape) for shape in scene.walk() if shape.key}


def _begins(shape: Shape) -> tuple[float, float]:
    for part in shape.walk():
        if "d" in part.at:
            x, y, *_ = map(float, re.findall(r"-?[\d.]+", str(part.at["d"])))
            return x, y
        for x_name, y_name in (("x", "y"), ("x1", "y1")):
            if x_name in part.at:
                return float(part.at[x_name]), float(part.at[y_name])
    return 0.0, 0.0


def test_long_offsets_and_epochs_stand_on_nothing() -> None:
    """After a year of writing; the fixture measures it in all widths."""
    records = tuple(StoredRecord(n, 12_345, f"order-{n}", True) for n in range(99_990, 100_004))
    lanes = [
        Lane(n, role, 12_345, 99_000, 100_004, 100_002, records, rack="europe-west-1")
        for n, role in enumerate(("leader", "follower", "offline"), start=1)
    ]
    figure = replica_lanes(a_partition(1, 12_345, {1, 2}, *lanes))
    assert 3 == texts(figure).count("log end 100004")
    assert ["99990", "99995", "100000"] == [it for it in texts(figure) if it.isdigit()][:3]


def test_brackets_hold_runs_of_members_together() -> None:
    """A lane between two members that is not one itself breaks the bracket."""
    one = a_calm_partition()
    assert 1 == texts(replica_lanes(one)).count("in sync")
    apart = replace(one, isr=frozenset({1, 3}), elr=frozenset({2}))
    figure = replica_lanes(apart)
    assert (2, 1) == (texts(figure).count("in sync"), texts(figure).count("eligible"))
    assert "in-sync replicas (ISR): 1, 3" in figure.svg
    assert "eligible leader replicas (ELR): 2" in figure.svg


def test_what_was_cut_stays_as_a_ghost_for_three_frames() -> None:
    """Then it falls away; nobody had acknowledged it."""
    long = a_partition(1, 2, {1}, a_lane(1, "leader", 2, 1, "a b c"))
    short = a_partition(1, 3, {1}, a_lane(1, "leader", 3, 1, "a"))
    ghosts = [
        replica_lanes(short, before=[long, *[short] * frames]).svg.count(GHOST)
        for frames in range(4)
    ]
    assert [2 + 1] * 3 + [0] == ghosts
    assert "a b (gone) c (gone)" in replica_lanes(short, before=[long]).text


def test_an_acknowledged_record_is_outlined_where_it_stands_or_stood() -> None:
    """First on the disk of the dead leader, then as a ghost where its return cut it off."""
    first, second, third = a_failure()
    assert 0 == replica_lanes(first).svg.count(LOST)
    assert 2 == replica_lanes(second, before=[first]).svg.count(LOST)
    figure = replica_lanes(third, before=[first, second])
    assert 2 == figure.svg.count(LOST)
    assert "log end 2, 2 lost" in texts(figure)
    assert "acknowledged and lost" in texts(figure)


def test_a_lost_record_leaves_a_gap_at_the_leader_when_its_ghosts_are_gone() -> None:
    """Loss does not heal: one place is replaced, which the legend explains, the other is empty."""
    first, second, third = a_failure()
    figure = replica_lanes(third, before=[first, second, third, third, third])
    assert (1, 1 + 1) == (figure.svg.count(LOST), figure.svg.count(REPLACED))
    assert "place of a lost record" in texts(figure)
    assert "Acknowledged and lost: c (offset 2), d (offset 3)." in figure.text


def test_records_of_brokers_that_are_down_are_out_of_reach_not_lost() -> None:
    """Nobody leads, so nothing has been decided against them yet."""
    down = a_partition(
        *(None, 4, set()),
        a_lane(1, "offline", 3, 2, "a b", acked=2),
        a_lane(2, "follower", 2, 1, "a", acked=1),
    )
    fate = fates(down)
    assert ((), ["b"]) == (fate.lost, [record.value for record in fate.unreachable])
    assert "Acknowledged, but out of reach: b (offset 1)." in replica_lanes(down).text


def test_what_retention_deleted_is_not_lost() -> None:
    """The leader begins at 2 now; what an older snapshot holds below was let go on purpose."""
    earlier = a_partition(1, 2, {1}, a_lane(1, "leader", 2, 3, "a b c", acked=3))
    records = a_log("a b c", acked=3)[2:]
    lane = Lane(1, "leader", 2, 2, 3, 3, records)
    assert () == fates(a_partition(1, 2, {1}, lane), [earlier]).lost


def test_roles_say_where_a_broker_and_the_controller_disagree() -> None:
    """Two that lead, one that does not know it yet, one whose death nobody noticed."""
    lanes = (a_lane(1, "leader", 2, 0, "a"), a_lane(2, "follower", 2, 0, "a"))
    figure = replica_lanes(a_partition(2, 3, {1, 2}, *lanes))
    assert {"old leader, epoch 2", "elected, epoch 2"} <= set(texts(figure))
    dead = a_partition(1, 3, {1, 2}, a_lane(1, "offline", 3, 0, "a"), lanes[1])
    assert "down, unnoticed" in texts(replica_lanes(dead))


def test_a_long_log_shows_its_end_behind_a_cell_of_three_dots() -> None:
    """A follower far behind is all dots, but its log end is told."""
    told = " ".join(f"v{n}" for n in range(30))
    lanes = (a_lane(1, "leader", 2, 28, told), a_lane(2, "follower", 2, 5, told[:17]))
    figure = replica_lanes(a_partition(1, 2, {1}, *lanes))
    drawn = texts(figure)
    assert [f"v{n}" for n in range(16, 30)] == [text for text in drawn if text.startswith("v")]
    assert 2 == drawn.count("…")
    assert "log end 6" in drawn
    assert "(6 earlier)" in figure.text


def test_values_that_are_cut_keep_the_number_that_tells_them_apart() -> None:
    """Fourteen times `or…` would be fourteen times the same word."""
    told = " ".join(f"order-{n}" for n in range(12)) + " cancelled short"
    figure = replica_lanes(a_partition(1, 2, {1}, a_lane(1, "leader", 2, 14, told)))
    drawn = texts(figure)
    assert [f"…{n}" for n in range(12)] == [text for text in drawn if re.match(r"…\d", text)]
    assert {"ca…", "short"} <= set(drawn)


@pytest.mark.parametrize("count", range(1, 6))
def test_any_number_of_replicas_and_records_fits(count: int) -> None:
    """Five replicas of fourteen hatched records is the most that a reassignment of three shows."""
    told = " ".join(f"m{n}" for n in range(14))
    roles = ["leader", *["follower"] * (count - 1)]
    lanes = [a_lane(n, role, 2, 0, told, acked=14) for n, role in enumerate(roles, start=1)]
    figure = replica_lanes(a_partition(1, 2, set(range(count + 1)), *lanes), caption="One line.")
    assert len(figure.svg.encode()) <= 11_000 * max(count, 3)


def test_more_replicas_than_fit_are_refused() -> None:
    """The message says what to leave out."""
    lanes = [a_lane(n, "follower", 2, 0, "a") for n in range(12)]
    with pytest.raises(ValueError, match="12 replicas and their words do not fit"):
        replica_lanes(a_partition(None, 2, set(), *lanes))


def test_hostile_records_stay_text() -> None:
    """Values, racks and names of topics are attacker's data."""
    record = StoredRecord(0, 2, HOSTILE, is_acked=True)
    lane = Lane(1, "leader", 2, 0, 1, 0, (record,), rack=HOSTILE)
    figure = replica_lanes(
        replace(a_partition(1, 2, {1}, lane), partition=HOSTILE), title=HOSTILE, caption=HOSTILE
    )
    assert {"img"}.isdisjoint(part.tag for part in ET.fromstring(figure.svg).iter())
    assert [] == re.findall("[\u202e\x00]", figure.svg + figure.text)


def test_every_colour_follows_the_theme() -> None:
    """A colour that the theme does not know would stay as it is on dark paper."""
    first, second, third = a_failure()
    svg = replica_lanes(third, before=[first, second], highlight={1}).svg
    used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', svg))
    assert used <= {colour.light for colour in COLOURS.values()}


def test_highlighted_offsets_are_shaded_and_others_change_nothing() -> None:
    """An offset outside the window has no column."""
    plain, lit = (replica_lanes(a_calm_partition(), highlight=own).svg for own in ((), {4}))
    assert 1 == lit.count("<rect") - plain.count("<rect")
    assert plain == replica_lanes(a_calm_partition(), highlight={99}).svg


def test_a_snapshot_draws_itself_in_a_notebook() -> None:
    """The engine knows nothing of pictures, a registry does."""
    snapshot = a_calm_partition()
    bundle = snapshot._repr_mimebundle_()
    figure = replica_lanes(snapshot)
    assert {"text/plain": figure.text, "image/svg+xml": figure.svg} == bundle


def badges(figure: Figure) -> list[str]:
    """Return what stands in badges, in the order in which they were drawn."""
    return re.findall(r'height="16" fill="[^"]*" rx="3"/><text[^>]*>([^<]+)<', figure.svg)


def texts(figure: Figure) -> list[str]:
    """Return all that is written in a picture."""
    found = ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}text")
    return [part.text or "" for part in found]


def test_lanes_under_many_words_name_their_positions_in_full() -> None:
    """Whoever meets an abbreviation first cannot look it up in a picture."""
    drawn = texts(replica_lanes(a_calm_partition(), caption="word " * 130))
    pairs = [(f"log end {end}", f"high watermark {mark}") for mark, end in ((3, 4), (4, 6), (2, 2))]
    assert [text for pair in pairs for text in pair] == [
        text for text in drawn if re.match(r"(high watermark|log end) \d+$", text)
    ]


def test_a_long_legend_goes_on_in_a_second_row() -> None:
    """Acknowledged, waiting, cut, lost and replaced at once: no word beyond the edge."""
    first, second, third = a_failure()
    waiting = replace(third.lanes[1], high_watermark=2)
    records = (*third.lanes[0].records[:1],)
    behind = replace(third.lanes[0], log_end=1, high_watermark=1, records=records)
    longer = a_partition(3, 3, {1, 3}, a_lane(1, "follower", 3, 2, "a b @3 e f g"), third.lanes[1])
    figure = replica_lanes(
        replace(third, lanes=(behind, waiting)), before=[first, second, third, longer]
    )
    marks = [part for part in ET.fromstring(figure.svg).iter() if part.text in LEGEND]
    assert 6 == len(marks)
    ends = [float(part.attrib["x"]) + width_px(part.text or "") for part in marks]
    assert max(ends) <= WIDTH_PX - LEFT_PX
    assert 2 == len({part.attrib["y"] for part in marks})


def test_two_records_at_one_offset_are_told() -> None:
    """They share a cell; the words and the table name both."""
    records = tuple(StoredRecord(n, 0, value) for n, value in ((0, "a"), (1, "b"), (1, "c")))
    lane = Lane(1, "leader", 0, 0, 2, 2, records)
    figure = replica_lanes(
        PartitionSnapshot("orders-0", 1, 0, 0, frozenset({1}), frozenset(), (lane,))
    )
    assert ["a", "b", "c"] == [text for text in texts(figure) if text in {"a", "b", "c"}]
    assert "Broker 1 holds offset 1 twice." in figure.text
    assert figure.text.splitlines()[-1].endswith("a b c")
