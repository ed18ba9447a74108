"""What a film of a scenario asks on the way, by scenario and end; "" is both side by side."""

from collections.abc import Callable

from kafkabook.viz.film import Film, FilmGuess


def _given(lane: int) -> Callable[[Film], int]:
    """Count what the consumer of a lane was given in the end."""
    return lambda film: film.lanes[lane].last_read


_COUNTS = ("3", "2", "1", "0")
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
        question="How many records does the consumer on the right read?",
        choices=_COUNTS,
        answer=_given(1),
        why="Brokers 2 and 3 had copies, and broker 2 became the leader.",
        lane=1,
    ),
}
