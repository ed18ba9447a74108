"""Every use case of the notes: what the log tells equals what was planted, for any seed."""

import pytest

from kafkabook.gallery.all import GALLERY, INDUSTRY_USE_CASES, USE_CASES, use_case
from kafkabook.gallery.use_case import AppEvent, UseCase

CASES = pytest.mark.parametrize("case", GALLERY.values(), ids=lambda case: case.name)


def test_the_notes_list_seven_use_cases_and_four_industries() -> None:
    """§1.01 of the notes, nothing left out."""
    assert 7 == len(USE_CASES)
    industries = {case.area for case in INDUSTRY_USE_CASES}
    assert {"transport", "finance", "entertainment", "online market"} == industries


@CASES
def test_the_computation_finds_what_was_planted(case: UseCase) -> None:
    """The computation sees the log alone; the generator knows the truth."""
    for seed in range(12):
        run = case.run(seed)
        assert run.planted == run.found, seed


@CASES
def test_the_same_seed_gives_the_same_log(case: UseCase) -> None:
    """One seed, one trace, to the byte."""
    first, again = (case.run(3).feeds for _ in range(2))
    for topic in case.topics:
        assert first.read(topic) == again.read(topic)


@CASES
def test_the_computation_reads_only_what_its_readers_may(case: UseCase) -> None:
    """The picture of who reads what is true only if nothing else is read."""
    readable = {topic for topics in case.readers.values() for topic in topics}
    feeds = case.run(1).feeds
    read: set[str] = set()
    plain = feeds.read

    def watched(topic: str, **names: str) -> list[AppEvent]:
        read.add(topic)
        return plain(topic, **names)

    feeds.read = watched  # type: ignore[method-assign]
    case.compute(feeds)
    assert read <= readable


def test_an_unknown_use_case_lists_all() -> None:
    """The error is the table of contents."""
    with pytest.raises(LookupError, match="no use case is called 'x'; there are: messaging, "):
        use_case("x")


def test_a_run_is_told_in_one_language() -> None:
    """The notes' words stand in a chapter's fold; the case keeps them in `korean`."""
    run = GALLERY["card fraud"].run()
    assert repr(run).splitlines()[0] == "card fraud"
    assert run.use_case.korean not in repr(run)
