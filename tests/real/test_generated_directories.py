"""Kafka's own classes and ours open the same 300 directories, sound and broken, and agree on all.

Whether it opens, where the log starts and ends, which segments are left, epochs, producers, what is
served, and every file afterwards: when it is open, and when it was closed. A test's name tells the
number from which the directory comes (`generated.generate`), and what was done to it.

In one thing ours says more than Kafka: an index that does not fit its segment counts as empty, also
where Kafka would believe it. Such a directory is compared with what Kafka makes of it when that
index is empty.
"""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .generated import HARMS, Case, generate
from .node import copy_of
from .opened import by_kafka, by_us

pytestmark = pytest.mark.real

NUMBERS = range(300)
INDEXES, ENDS = (".index", ".timeindex"), ("", ".deleted", ".swap")
ASKED = (
    *("opens", "start", "end", "recovery_point", "segments", "epochs"),
    *("producers", "served", "opened", "closed"),
)
Told = dict[str, Any]


class Judged(NamedTuple):
    """What both say of one case."""

    case: Case
    kafka: Told
    ours: Told


@pytest.fixture(scope="module")
def judged(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Judged]:
    """All cases; one JVM opens all of Kafka's copies."""
    root = tmp_path_factory.mktemp("generated")
    cases = {number: generate(root / "ours", number) for number in NUMBERS}
    for case in cases.values():
        copy_of(case.folder, root / "kafka" / case.name)
    ours = {number: by_us(case) for number, case in cases.items()}
    for number, case in cases.items():
        _without_lies(root / "kafka" / case.name, ours[number])
    kafka = by_kafka(root / "kafka")
    return {n: Judged(cases[n], kafka[cases[n].name], ours[n]) for n in NUMBERS}


def _without_lies(folder: Path, ours: Told) -> None:
    """Empty the indexes that ours did not believe."""
    directory = next(path for path in folder.iterdir() if path.is_dir())
    for base in ours.get("doubted", ()):
        names = [f"{base:020d}{suffix}" for suffix in INDEXES]
        swaps = [f"{name}.swap" for name in names if (directory / f"{name}.swap").exists()]
        for name in (*names, *swaps):
            (directory / name).write_bytes(b"")


def _told(said: Told, judged: Judged) -> Told:
    """What is compared: of indexes that were emptied for Kafka, not the content."""
    bases = [f"{base:020d}" for base in judged.ours.get("doubted", ())]
    emptied = {f"{base}{suffix}{end}" for base in bases for suffix in INDEXES for end in ENDS}
    told = {name: said.get(name) for name in ASKED}
    for moment in ("opened", "closed"):
        files = told[moment] or {}
        told[moment] = {name: data for name, data in files.items() if name not in emptied}
    return told


@pytest.mark.parametrize("number", NUMBERS)
def test_kafka_and_ours_agree_on_a_directory(judged: dict[int, Judged], number: int) -> None:
    """Field by field; the message has the harms, and what either said when it refused."""
    it = judged[number]
    why = f"{it.case.harms}, {it.case.checkpointed}: {it.kafka.get('because')}"
    assert _told(it.kafka, it) == _told(it.ours, it), why


def test_the_directories_are_of_all_kinds(judged: dict[int, Judged]) -> None:
    """Every harm was done, and not to the same end: opened whole, cut, and not opened at all."""
    done = Counter(harm for it in judged.values() for harm in it.case.harms)
    assert [] == [harm for harm in HARMS if done[harm] < 4]
    kinds = Counter(_kind(it) for it in judged.values())
    print(f"seeds {NUMBERS.start} to {NUMBERS.stop - 1}: {dict(kinds)}; harms: {dict(done)}")
    assert {"sound", "kept", "cut", "refused"} == set(kinds)
    assert min(kinds.values()) >= 15


def _kind(it: Judged) -> str:
    if not it.kafka["opens"]:
        return "refused"
    if not it.case.harms:
        return "sound"
    return "cut" if it.ours["cut_bytes"] else "kept"
