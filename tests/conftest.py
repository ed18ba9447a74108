"""Hypothesis for CI: the same examples each run, and no deadline on a shared machine."""

import gc
import os

from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("fresh", deadline=None)
settings.load_profile(os.environ.get("KAFKABOOK_HYPOTHESIS", "steady"))


# What takes longest, in this order: begun last, it would keep one worker while the others idle.
LONGEST = (
    "tests/real/",
    "tests/browser/test_book",
    "tests/storm/test_storm_gate_1.py",
    "tests/storm/test_storm_gate_2.py",
    "tests/browser/",
    "tests/grading/",
    "solutions/",
    "chapters/",
)


def pytest_addoption(parser):
    """Add what must be known before the tests of one directory are."""
    told = "write the answers in tests/runs/*.txt anew instead of comparing them"
    parser.addoption("--rewrite-runs", action="store_true", help=told)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest; the order within a file stays."""

    def place(item) -> int:
        starts = (n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(starts, len(LONGEST))

    items.sort(key=place)


GARBAGE_AT_ONCE = 10_000  # new objects before Python looks for cycles; its default is 700


def pytest_collection_finish():
    """Leave half a million objects of collected tests out of each search for garbage.

    They stay to the end anyway; with them a fifth of the time of a long run of a lab was search.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT_ONCE, 10, 10)


# What is started or built once for several files: a real broker, the book.
TOGETHER = ("tests/real/", "tests/browser/test_book")


def pytest_xdist_make_scheduler(config, log):
    """Spread tests by file, but keep together what shares something that takes long."""

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            shared = (start for start in TOGETHER if nodeid.startswith(start))
            return next(shared, super()._split_scope(nodeid))

    return ByFile(config, log)
