"""Virtual time as film: busy milliseconds are long, silence is short, and steps stand still."""

import pytest

from kafkabook.viz.time_axis import BUSY_S, END_S, Standstill, time_axis


def test_a_busy_millisecond_takes_half_a_second_and_silence_is_broken() -> None:
    """A thousand milliseconds of silence take less than four busy ones."""
    axis = time_axis(0, [(1_000, 1_004)], [])
    assert pytest.approx(4 * BUSY_S) == axis.before(1_004) - axis.before(1_000)
    assert ["1 s"] == [it.says for it in axis.breaks]
    assert axis.before(1_000) < 4 * BUSY_S
    assert pytest.approx(axis.before(1_004) + END_S) == axis.end_s


def test_silence_that_is_longer_looks_longer() -> None:
    """Not in proportion, but never the other way round."""
    ends = [time_axis(0, [(ms, ms + 1)], []).before(ms) for ms in (7, 70, 700, 7_000, 70_000)]
    assert sorted(ends) == ends
    assert len(set(ends)) == 5


def test_spans_that_nearly_touch_are_one() -> None:
    """Six milliseconds are no silence; seven are."""
    breaks = [len(time_axis(0, [(0, 2), (2 + gap, 20)], []).breaks) for gap in (6, 7)]
    assert [0, 1] == breaks


def test_time_stands_still_at_a_step_and_goes_on_after_it() -> None:
    """The longest of several standstills of one millisecond counts."""
    axis = time_axis(0, [(0, 4)], [Standstill(2, 0.5), Standstill(2, 1.5)])
    assert pytest.approx(2 * BUSY_S) == axis.before(2)
    assert pytest.approx(2 * BUSY_S + 1.5) == axis.after(2)
    assert pytest.approx(4 * BUSY_S + 1.5) == axis.before(4)
    assert axis.before(3) == axis.after(3)


def test_no_second_and_no_millisecond_runs_backwards() -> None:
    """Whatever overlaps whatever."""
    spans = [(5, 9), (1, 30), (8, 8), (400, 401)]
    axis = time_axis(0, spans, [Standstill(ms, 0.4) for ms in (0, 8, 30, 200, 401, 500)])
    assert sorted(axis.knots) == list(axis.knots)
    assert axis.end_s == axis.before(10**9)
    data = axis.data()
    assert [[ms, round(second, 2)] for ms, second in axis.knots] == data["knots"]
    assert [it.says for it in axis.breaks] == [says for _, _, says in data["breaks"]]
