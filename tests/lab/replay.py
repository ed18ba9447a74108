"""Replay recorded histories on a lab, and hold every observation against the real one.

    python -m tests.lab.replay

prints each observation that differs, as it stands in the list of those that are known to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.history_stage import HistoryStage
from tests.real.histories import Done, Episode, Seen, read

KNOWN = Path(__file__).parents[1] / "data" / "histories_differing.txt"
ABSENT = "(nothing)"


@dataclass(frozen=True)
class Observation:
    """One answer, or one thing that was seen, on real brokers and in the lab.

    Attributes: `seed` of the episode; `step`: its number there; `name`: what was looked at.
    """

    seed: int
    step: int
    topic: str
    name: str
    real: str
    lab: str

    @property
    def differs(self) -> bool:
        """Whether the lab did something else."""
        return self.real != self.lab

    def __str__(self) -> str:
        return f"{self.seed} {self.step} {self.topic} {self.name}"


def replayed(episode: Episode, how: Mapping[str, Any], **parts: Any) -> Iterator[Observation]:
    """Play an episode and give all its observations in order; `parts` are those of `Rules`."""
    stage = HistoryStage(how, **parts)
    for number, done in enumerate(episode.steps):
        answers = stage.do(done.step)
        is_last_topic = not done.seen and bool(episode.steps[number + 1].seen)
        seen = stage.look() if done.seen or is_last_topic else {}
        pairs = compared(done, answers, seen)
        for (topic, name), (real, lab) in pairs.items():
            yield Observation(episode.seed, number, topic, name, real, lab)


def compared(
    done: Done, answers: Mapping[str, tuple[str, ...]], seen: Mapping[str, Seen]
) -> Mapping[tuple[str, str], tuple[str, str]]:
    """What was recorded beside what came now, by topic and name."""
    real, lab = (
        {(topic, name): text for topic, found in told.items() for name, text in found.items()}
        for told in (by_topic(done.answers, done.seen), by_topic(answers, seen))
    )
    return {key: (text, lab.get(key, ABSENT)) for key, text in real.items()}


def by_topic(
    answers: Mapping[str, tuple[str, ...]], seen: Mapping[str, Seen]
) -> Mapping[str, Mapping[str, str]]:
    """All that is known after a step: numbered answers, and what is seen."""
    told = {t: {f"answer {n}": a for n, a in enumerate(found)} for t, found in answers.items()}
    return {topic: {**told.get(topic, {}), **seen.get(topic, {})} for topic in {**told, **seen}}


def known() -> dict[str, str]:
    """The observations that are known to differ, and the fault which each comes of."""
    lines = KNOWN.read_text(encoding="utf-8").splitlines() if KNOWN.exists() else []
    pairs = (line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    return {observation: fault for fault, observation in pairs}


def story(episode: Episode, differing: Sequence[Observation]) -> str:
    """The shortest history that differs: what befell its topic up to the first difference."""
    first = min(differing, key=lambda observation: observation.step)
    steps = (done.step for done in episode.steps[: first.step + 1])
    lines = [str(step.only(first.topic)) for step in steps if step.concerns(first.topic)]
    return "\n".join(
        (
            f"{len(differing)} observations differ, the first after step {first.step}",
            *(f"    {line}" for line in lines),
            f"{first.topic}, {first.name}: {first.real!r} on real brokers, {first.lab!r} here",
        )
    )


def main() -> None:
    """Print what differs, and how many observations there are."""
    recording, faults = read(), known()
    observations = [o for e in recording.episodes for o in replayed(e, recording.how)]
    differing = [observation for observation in observations if observation.differs]
    for observation in differing:
        print(faults.get(str(observation), "new"), observation)
    print(f"# {len(differing)} of {len(observations)} observations differ")


if __name__ == "__main__":
    main()
