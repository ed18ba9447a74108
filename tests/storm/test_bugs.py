"""Every seeded bug breaks on its pinned schedule, for the checker that was named in advance.

A pinned schedule says in its comments which properties it breaks. The one that was named is among
them; the others follow from it. With sound rules the same lines break nothing.
"""

import re
from pathlib import Path
from statistics import median

import pytest

from kafkabook.lab.bugs import BUGS
from kafkabook.sim.faults import parse
from kafkabook.storm.replay import replayed

PINNED = Path(__file__).parent / "pinned"
NAMES = tuple(f"M{number}" for number in range(1, 19))


def pinned(name: str) -> tuple[str, int, tuple[str, ...]]:
    """Return a bug's schedule, its seed, and what it breaks."""
    text = (PINNED / f"{name}.txt").read_text(encoding="utf-8")
    told = re.search(r"seed (\d+); breaks (.+)", text)
    assert told is not None
    return text, int(told[1]), tuple(re.findall(r"[RCJ]\d+|liveness: [a-z ]+", told[2]))


@pytest.mark.parametrize("name", NAMES)
def test_a_bug_breaks_what_was_named_in_advance(name: str) -> None:
    """And exactly what its file says besides."""
    schedule, seed, broken = pinned(name)
    run = replayed(schedule, seed=seed, change=BUGS[name].put_into)
    assert BUGS[name].caught_by in run.broken
    assert broken == run.broken


@pytest.mark.parametrize("name", NAMES)
def test_the_same_lines_break_nothing_without_the_bug(name: str) -> None:
    """So it is the bug that breaks it, and not the faults."""
    schedule, seed, _ = pinned(name)
    assert () == replayed(schedule, seed=seed).broken


def test_pinned_schedules_are_small_enough_to_be_read() -> None:
    """A failure is understood from its lines, so there must be few."""
    sizes = [len(parse(pinned(name)[0])) for name in NAMES]
    assert max(sizes) <= 20
    assert median(sizes) <= 10


def test_the_kinds_of_bugs_are_all_there() -> None:
    """One pinned schedule for each bug that has a number, and none left over."""
    assert sorted(NAMES) == sorted(path.stem for path in PINNED.glob("*.txt"))
    assert set(NAMES) <= set(BUGS)


def test_the_page_of_the_storms_names_every_bug_and_its_checker() -> None:
    """What was found at which seed is a report of one day; which bugs there are is not."""
    page = (PINNED.parents[2] / "docs" / "storms.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (M\d+) \| (.+) \| (\w+) \| .+ \|$", page, re.MULTILINE)
    assert [(name, BUGS[name].what, BUGS[name].caught_by) for name in NAMES] == rows
