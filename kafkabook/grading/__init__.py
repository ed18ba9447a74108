"""Laws into marks: what a learner wrote runs in a process of its own, ring by ring."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafkabook.grading.from_text import replay
    from kafkabook.grading.grader import grade
    from kafkabook.grading.marks import grade_folder
    from kafkabook.grading.parts import examples, yours
    from kafkabook.grading.puzzles import puzzle
    from kafkabook.grading.whole_cluster import your_cluster

__all__ = ["examples", "grade", "grade_folder", "puzzle", "replay", "your_cluster", "yours"]
_WHERE = {
    "grade": "grader",
    "grade_folder": "marks",
    "examples": "parts",
    "puzzle": "puzzles",
    "replay": "from_text",
    "your_cluster": "whole_cluster",
    "yours": "parts",
}


def __getattr__(name: str) -> Any:
    """Import late: the process of a part imports this package too, and needs none of it."""
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"kafkabook.grading.{_WHERE[name]}"), name)
