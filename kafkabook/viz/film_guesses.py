"""What a film of a scenario asks on the way: a question of its own, or how many can be read."""

from collections.abc import Callable

from kafkabook.viz.film import Film, FilmGuess
from kafkabook.viz.recording import Recording


def _given(lane: int) -> Callable[[Film], int]:
    """Count what the consumer of a lane was given in the end."""
    return lambda film: film.lanes[lane].last_read


def _leader(lane: int) -> Callable[[Film], str]:
    """Name who leads in the end of a lane."""

    def named(film: Film) -> str:
        leader = film.lanes[lane].last.leader
        return "nobody" if leader is None else f"broker {leader}"

    return named


_COUNTS = ("3", "2", "1", "0")
_TURNS = ("killed", "cut", "asked", "isr")  # before the first of these a film may ask
_MOST_CHOICES = 5


def guess_of(scenario: str, end: str, lane: Recording, why: str) -> FilmGuess | None:
    """Return what a film of a scenario asks; None where nothing turns, or nobody reads.

    Args:
        end: "bad", "good", or "" for both side by side, of which the first is asked about.
        lane: the run that is asked about. why: what it comes to, in one or two sentences.
    """
    if (own := GUESSES.get((scenario, end))) is not None:
        return own
    kinds = [step.kind for step in lane.steps]
    turn = next((kind for kind in _TURNS if kind in kinds), None)
    if turn is None or kinds[-1] not in ("read", "refused"):
        return None
    counts = tuple(str(n) for n in range(len(lane.sent), -1, -1))
    return FilmGuess(
        at=turn,
        until=-1,
        question=f"How many records does the consumer {'' if end else 'of BAD '}read in the end?",
        choices=counts if len(counts) <= _MOST_CHOICES else (),
        answer=_given(0),
        why=why,
    )


# By scenario and end; "" is both side by side.
GUESSES = {
    ("S1", "bad"): FilmGuess(
        at="lost",
        until="read",
        question="Broker 1 starts again. How many of the three records does the consumer read?",
        choices=_COUNTS,
        answer=_given(0),
        why="Broker 1 had the records in memory, not on its disk.",
    ),
    ("S1", ""): FilmGuess(
        at="elected",
        until="read",
        question="How many records does the consumer of GOOD read?",
        choices=_COUNTS,
        answer=_given(1),
        why="Brokers 2 and 3 had copies, and broker 2 became the leader.",
        lane=1,
    ),
    ("S2", "bad"): FilmGuess(
        at="started",
        until="read",
        question="The producer has two check marks. What does the consumer read?",
        choices=("m1 and m2", "m1", "nothing"),
        answer=lambda film: ("nothing", "m1", "m1 and m2")[film.lanes[0].last_read],
        why="m2 was only on broker 1. Brokers 2 and 3 deleted m1, because their leader does not"
        " have it.",
    ),
    ("S2", ""): FilmGuess(
        at="killed",
        until="read",
        question="How many records does the consumer of GOOD read in the end?",
        choices=_COUNTS[1:],
        answer=_given(1),
        why="The leader of GOOD never acknowledged m2. Broker 2 had m1, and became the leader.",
        lane=1,
    ),
    ("A9", "good"): FilmGuess(
        at="killed",
        until="elected",
        question="Brokers 2 and 3 are not in sync. Who leads when broker 1 is gone?",
        choices=("broker 2", "broker 3", "nobody"),
        answer=_leader(0),
        why="From one member on, nothing could be committed: broker 2 has all that was.",
    ),
}
