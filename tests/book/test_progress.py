"""A person who waits for a long run is told how far it is; nobody else is told anything."""

import pytest

from kafkabook.book import progress
from kafkabook.lab import Lab


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody runs a cell, and each look at the clock is a tenth of a second later."""
    seconds = iter(range(10**6))
    monkeypatch.setattr(progress, "cell_is_named", lambda: True)
    monkeypatch.setattr(progress, "monotonic", lambda: next(seconds) / 10)


def run(lab: Lab) -> str:
    """Let a lab run for a minute."""
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.run_for(60_000)
    return str(lab.trace)


@pytest.mark.usefixtures("person")
def test_a_long_run_tells_how_far_it_is_and_leaves_no_line_behind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From two seconds on, twice a second, one line over the other."""
    run(Lab())
    said = capsys.readouterr()
    lines = [line.strip() for line in said.err.split("\r") if line.strip()]
    assert "" == said.out
    assert lines[-1].startswith("still running: ")
    assert lines[-1].endswith(" % of 1.0 min") or lines[-1].endswith(" % of 1 min")
    shares = [int(line.split(", ")[-1].split()[0]) for line in lines if "%" in line]
    assert shares == sorted(shares)
    assert len(shares) > 10
    assert said.err.endswith(" \r")


@pytest.mark.usefixtures("person")
def test_a_run_that_nobody_knows_the_end_of_tells_its_events(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It may last until something holds."""
    lab = Lab()
    lab.run_until(lambda: lab.now_ms > 30_000)
    assert "events, 2" in capsys.readouterr().err


def test_a_script_is_told_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes; and who watches changes nothing of what happens."""
    quiet = run(Lab())
    assert ("", "") == capsys.readouterr()
    monkeypatch.setattr(progress, "cell_is_named", lambda: True)
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    monkeypatch.setattr(progress, "PAUSE_S", 0)
    assert quiet == run(Lab())
    assert "still running" in capsys.readouterr().err


def test_a_short_run_is_told_nothing_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that comes and goes within a moment only disturbs."""
    monkeypatch.setattr(progress, "cell_is_named", lambda: True)
    monkeypatch.setattr(progress, "monotonic", lambda: 0.0)
    run(Lab())
    assert "" == capsys.readouterr().err
