"""A way through a puzzle, taken from its source and run in a process of its own.

The process gives back the text of the lab's journal. That text is what is judged, played again with
Kafka's own parts.
"""

from dataclasses import replace

from kafkabook.grading.goal import Puzzle, PuzzleMark
from kafkabook.grading.process import PartImpure, PartProcess, PartRaised, PartStopped
from kafkabook.grading.source import Submission
from kafkabook.lab.text import text_of

_NAME = "{name}_as_text"
# It stands behind the cell, so that the lines of the cell keep their numbers.
_IN_A_LAB = """

def {name}_as_text(start):
    from kafkabook.lab.text import text_of
    from kafkabook.storm.played import lines_of, played

    lab, _ = played(lines_of(start))
    {name}(lab)
    return text_of(lab)
"""


def mark_of_way(puzzle: Puzzle, taken: Submission) -> PuzzleMark:
    """Judge the function that a notebook has for a puzzle.

    Cost: half a second; at most ten seconds of the function's own time.
    """
    if taken.is_stub:
        return puzzle.unsolved("Not written yet: give the lab its commands.")
    with PartProcess(_with_its_lab(taken), runs_a_lab=True) as process:
        try:
            process.load()
            text = process(text_of(puzzle.start()))
        except (PartRaised, PartImpure, PartStopped) as error:
            return puzzle.unsolved(f"Your way {error}")
    return puzzle.check(text)


def _with_its_lab(taken: Submission) -> Submission:
    """Let the process make the lab, and return its text."""
    source = taken.source + _IN_A_LAB.format(name=taken.name)
    return replace(taken, name=_NAME.format(name=taken.name), source=source)
