"""Laws into marks: what a learner wrote runs in a process of its own, ring by ring."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kafkabook.grading.grader import grade

__all__ = ["grade"]


def __getattr__(name: str) -> Any:
    """Import late: the process of a part imports this package too, and needs none of it."""
    if name not in __all__:
        raise AttributeError(name)
    from kafkabook.grading import grader

    return getattr(grader, name)
