"""Record random histories on one real controller and three real brokers.

    python -m tests.real.random_histories OUT FIRST_SEED EPISODES [calm|stormy]

An episode has nine topics at first, nine random steps, and then the return of all brokers; what
happened without a step that explains it, or did not come to rest, throws the whole episode away.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .distribution import VERSION
from .histories import Done, Episode, Recording, Step, read, write
from .kafka import RealKafka
from .random_author import Author
from .random_stage import PRODUCE_LIMIT_MS, SETTINGS, RandomStage

TOPICS, STEPS = 9, 9
EPISODES_A_CLUSTER = 3
"""Topics are never deleted, so clusters are not used for long.

Kafka 4.3.1's controller cannot register a broker again that was eligible for a topic whose minimum
was altered and that was deleted.
"""


def record(out: Path, seeds: Sequence[int], mood: str) -> None:
    """Record an episode of each seed, behind those that the file holds already."""
    recording = read(out) if out.exists() else Recording(circumstances(), [])
    left = list(seeds)
    while left:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
            RealKafka.cluster(Path(folder), settings=SETTINGS) as kafka,
        ):
            stage = RandomStage(kafka)
            for seed in left[:EPISODES_A_CLUSTER]:
                left.remove(seed)
                if not keep(recording, stage, seed, mood):
                    break  # a cluster that may not be sound any more
        write(recording, out)


def circumstances() -> dict[str, Any]:
    """How a recording comes about, for whoever reads its file."""
    return {
        "kafka": VERSION,
        "nodes": "one controller, three brokers",
        "recorded by": "python -m tests.real.random_histories",
        "settings": dict(SETTINGS),
        "produce limit ms": PRODUCE_LIMIT_MS,
        "thrown away": {},
    }


def keep(recording: Recording, stage: RandomStage, seed: int, mood: str) -> bool:
    """Play an episode and keep it, or its seed and the reason why not; whether it was kept."""
    try:
        steps = tuple(episode(stage, seed, mood))
        reasons = stage.surprises()
    except (AssertionError, OSError) as reason:
        reasons = [f"{type(reason).__name__}: {str(reason)[:200]}"]
    if reasons:
        recording.how["thrown away"][str(seed)] = reasons
        print(f"{seed} thrown away: {reasons}", flush=True)
    else:
        recording.episodes.append(Episode(seed, mood, steps))
    return not reasons


def episode(stage: RandomStage, seed: int, mood: str) -> Iterator[Done]:
    """Play an episode: topics and records, chance, and at last all brokers at work."""
    author = Author(seed, mood, stage)
    stage.begin(f"-{seed}")
    for _ in range(TOPICS):
        step = author.create()
        yield Done(step, stage.do(step), {})
    stage.look()  # else a leader may not know yet that it leads
    yield done(stage, author.send())
    for _ in range(STEPS):
        yield done(stage, author.next())
    if stage.paused:
        yield done(stage, author.next())
    for step in author.returns():
        yield done(stage, step)
    yield done(stage, author.elect(share=1.0))
    yield done(stage, author.send_to_all())


def done(stage: RandomStage, step: Step) -> Done:
    """Do a step and look."""
    print(step, flush=True)
    answers, seen = stage.do(step), stage.look()
    return Done(stage.outcome(step), answers, seen)


if __name__ == "__main__":
    out, first, count, *mood = sys.argv[1:]
    record(Path(out), range(int(first), int(first) + int(count)), *(mood or ["calm"]))
