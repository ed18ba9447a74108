"""The table of outcomes: what is counted, what is drawn, and what is ticked."""

from kafkabook.viz.outcomes import KEPT, LOCKED, LOST, UNWRITTEN, OutcomeRow, outcome_table

ROWS = (
    OutcomeRow(("1", "1", "false"), (KEPT, LOST, LOST, UNWRITTEN), 2),
    OutcomeRow(("all", "2", "true"), (LOCKED, UNWRITTEN, UNWRITTEN, UNWRITTEN), 6),
)
HEADS = (("", "acks"), ("min.insync", ".replicas"), ("unclean", "election"))


def test_text_and_strips_tell_the_same_counts() -> None:
    """Whoever cannot see the strips reads the table: acknowledged, lost, out of reach, silent."""
    table = outcome_table(ROWS, title="Lost?", heads=HEADS, chosen=(2,), sentence="Two runs.")
    head, first, second = table.text.splitlines()[2:]
    wanted = "row acks min.insync.replicas unclean election acked lost out of reach silent s"
    assert wanted.split() == head.split()
    assert ["1", "1", "1", "false", "3", "2", "0", "2"] == first.split()
    assert ["*", "2", "all", "2", "true", "1", "0", "1", "6"] == second.split()


def test_a_run_of_equal_fates_is_one_bar() -> None:
    """Sixty records in eight rows would be too heavy one by one; each bar says how many it is."""
    svg = outcome_table(ROWS, title="Lost?", heads=HEADS).svg
    told = ("1 record: kept", "2 records: lost", "1 record: out of reach")
    assert [1, 1, 1] == [svg.count(tip) for tip in told]
    assert 1 == svg.count("3 records: not acknowledged")


def test_narrow_strips_stand_below_their_row_and_rules_cross_no_words() -> None:
    """Settings and counts have a line of their own; a rule is drawn through the strips alone."""
    table = outcome_table(ROWS, title="Lost?", heads=HEADS, moments=((0.5, "killed"),))
    shapes = {shape.key: shape for shape in table.scene_for(400).walk() if shape.key}
    base_px = float(shapes["row/1"].at["y"])
    bar = shapes["row/1/record/0"].inside[1]
    assert not isinstance(bar, str)
    assert float(bar.at["y"]) > base_px
    pieces = str(shapes["moment/0"].at["d"]).split("M")[1:]
    tops = [float(piece.split()[1].split("v")[0]) for piece in pieces]
    assert len(ROWS) == len(tops)
    assert base_px < tops[0] < float(shapes["row/2"].at["y"]) - 13 < tops[1]


def test_long_settings_stay_in_their_columns() -> None:
    """The fixture measures them."""
    row = OutcomeRow(
        ("all of them", "a hundred replicas", "preferably not"), (KEPT,) * 99_999, 9_999
    )
    assert "99999" in outcome_table([row], title="Lost?", heads=HEADS).text


def test_moments_are_drawn_through_the_strips() -> None:
    """A name stands at its rule; near the right edge it stands on the other side of it."""
    plain = outcome_table(ROWS, title="Lost?", heads=HEADS).svg
    timed = outcome_table(ROWS, title="Lost?", heads=HEADS, moments=((0.5, "killed"), (1, "back")))
    assert ("killed" in plain, "killed" in timed.svg, "back" in timed.svg) == (False, True, True)
    assert plain.count("<line") + 2 == timed.svg.count("<line")
