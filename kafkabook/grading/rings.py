"""The rings of a grade, one inside the other; the first that breaks ends it with its evidence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kafkabook.grading.exercise import RING_POINTS, Example, Exercise
from kafkabook.grading.laws.law import Law, LawBroken, Part
from kafkabook.grading.mark import Failure, Ring, RingState, shown
from kafkabook.grading.process import Parameters, PartImpure, PartRaised, PartStopped
from kafkabook.grading.search import Enough, search

_ONE_CELL = (
    "Only the cell that defines the part and the imports of the notebook are run:"
    " put what it needs into the same cell."
)
STOPPED = "an answer every time"  # the law that a part breaks whose process has ended
_ANSWERS = "a part answers every call that Kafka makes, in time, and does nothing else."


class NotWritten(Exception):
    """The part raises NotImplementedError, as the stub does."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the rings ended."""

    rings: tuple[Ring, ...]
    failure: Failure | None = None


class Heard:
    """A part that remembers what it was last asked, and that raises in one way only."""

    def __init__(self, part: Part, normal: Callable[[object], object]) -> None:
        self._part, self._normal = part, normal
        self.asked: tuple[Any, ...] = ()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Ask the part; lists are handed over as copies that must come back as they were."""
        self.asked = (*arguments, *named.values())
        handed = [_copied(each) for each in arguments]
        try:
            answer = self._part(*handed, **named)
        except (PartRaised, PartImpure):
            raise
        except Exception as error:  # a part in this process: the zoo, and our own
            raise PartRaised(type(error).__name__, str(error)) from error
        if handed != [_copied(each) for each in arguments]:
            raise PartImpure("changes the arguments that it is given")
        return self._normal(answer)


def _copied(argument: Any) -> Any:
    """Copy a list, and make one of a sequence that reads its items from a file."""
    plain = isinstance(argument, tuple | bytes | str) or not isinstance(argument, Sequence)
    return argument if plain else list(argument)


def unreached(exercise: Exercise) -> tuple[Ring, ...]:
    """Return the rings of an exercise before anything ran."""
    laws = [law.count for law in exercise.laws if law.ring == "R2"]
    asks = {
        "R0": "signature and purity",
        "R1": f"{len(exercise.examples)} printed examples",
        "R2": f"{len(laws)} laws, {sum(laws)} fresh inputs",
        "R3": f"your part in {exercise.runs_in}",
    }
    return tuple(Ring(name, asks[name], points) for name, points in RING_POINTS.items())


def judge(
    exercise: Exercise,
    part: Part,
    parameters: Parameters,
    *,
    seed: int,
    renew: Callable[[], None] = lambda: None,
) -> Verdict:
    """Try the rings in order and stop at the first that breaks.

    Args:
        part: the learner's part, here or in a process of its own.
        parameters: what it says it takes.
        seed: decides every input of R2 and R3.
        renew: called before each ring, gives a part in a process its time anew.

    Raises:
        NotWritten: the part is still a stub.
    """
    heard, done = Heard(part, exercise.normal), []
    checks = (
        lambda: _signature(exercise, parameters) or _purity(exercise, heard),
        lambda: _first(_example(exercise, heard, n) for n in range(len(exercise.examples))),
        lambda: _first(_law(law, heard, seed) for law in exercise.laws if law.ring == "R2"),
        lambda: _first(_law(law, heard, seed) for law in exercise.laws if law.ring == "R3"),
    )
    rings = unreached(exercise)
    for ring, check in zip(rings, checks, strict=True):
        renew()
        failure = _held(exercise, heard, check)
        done.append(replace(ring, state=RingState.FAILED if failure else RingState.PASSED))
        if failure:
            return Verdict((*done, *rings[len(done) :]), replace(failure, ring=ring.name))
    return Verdict(tuple(done))


def _first(failures: Iterable[Failure | None]) -> Failure | None:
    return next((failure for failure in failures if failure is not None), None)


def _held(exercise: Exercise, heard: Heard, check: Callable[[], Failure | None]) -> Failure | None:
    """Run one ring; a part that stops or spoils its process breaks whichever ring it is in."""
    try:
        return check()
    except PartStopped as stopped:
        told = _asked(exercise, heard)
        return Failure("", STOPPED, _ANSWERS, told, f"your part {stopped}")
    except PartImpure as impure:
        told = _asked(exercise, heard)
        return Failure("", "purity", _ANSWERS, told, f"your part {impure}")


def _asked(exercise: Exercise, heard: Heard) -> tuple[str, ...]:
    """Show the call in question, if it came so far."""
    return exercise.told(*heard.asked) if heard.asked else ()


def _signature(exercise: Exercise, parameters: Parameters) -> Failure | None:
    names = tuple(name for name, _, _ in parameters)
    if names == exercise.parameters:
        return None
    said = "a part takes what Kafka hands it, under the names of the stub."
    yours, should_be = (f"({', '.join(each)})" for each in (names, exercise.parameters))
    return Failure("", "signature", said, (), yours, should_be)


def _purity(exercise: Exercise, heard: Heard) -> Failure | None:
    first, *others = [example.arguments for example in exercise.examples]
    before = _outcome(heard, first)
    for arguments in others:
        _outcome(heard, arguments)
    after = _outcome(heard, first)
    said = "the same question has the same answer, whatever was asked in between."
    if type(before) is type(after) and before == after:
        return _kind(exercise, before)
    told = exercise.told(*first)
    return Failure("", "purity", said, told, f"{shown(before)}, then {shown(after)}")


def _kind(exercise: Exercise, answer: object) -> Failure | None:
    if isinstance(answer, _Raised) or type(answer) in exercise.kinds:
        return None
    should_be = " or ".join(kind.__name__.replace("NoneType", "None") for kind in exercise.kinds)
    said = "a part answers with the type that its signature promises."
    return Failure("", "signature", said, (), shown(answer), should_be)


def _example(exercise: Exercise, heard: Heard, number: int) -> Failure | None:
    example = exercise.examples[number]
    yours, right = _outcome(heard, example.arguments), _right(example)
    if type(yours) is type(right) and yours == right:
        return None
    told, name = exercise.told(*example.arguments), f"example {number + 1}"
    return Failure("", name, example.told, told, shown(yours), shown(right), _hint(yours))


def _right(example: Example) -> object:
    return _Raised(example.raises) if example.raises else example.answer


@dataclass(frozen=True, slots=True)
class _Raised:
    """An error as an outcome; only its kind is compared."""

    kind: str
    text: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Raised) and self.kind == other.kind

    def __hash__(self) -> int:
        return hash(self.kind)

    def __repr__(self) -> str:
        return self.text or f"raises {self.kind}"


def _outcome(heard: Heard, arguments: tuple[Any, ...]) -> object:
    try:
        return heard(*arguments)
    except PartRaised as raised:
        if raised.kind == "NotImplementedError":
            raise NotWritten from raised
        return _Raised(raised.kind, str(raised))


def _hint(outcome: object) -> str:
    return _ONE_CELL if isinstance(outcome, _Raised) and outcome.kind == "NameError" else ""


def _law(law: Law, heard: Heard, seed: int) -> Failure | None:
    """Search for a small input that breaks the law."""
    broken = False

    def breaks(inputs: tuple[Any, ...]) -> LawBroken | PartRaised | PartImpure | None:
        nonlocal broken
        try:
            law.check(heard, *inputs)
        except (LawBroken, PartRaised, PartImpure) as error:
            broken = True
            return error
        except PartStopped as stopped:
            if broken:  # while it was made smaller
                raise Enough from stopped
            raise
        return None

    found = search(law.inputs, breaks, count=law.count, tries=law.tries, seed=seed)
    return None if found is None else _broken(law, heard, *found)


def _broken(law: Law, heard: Heard, inputs: tuple[Any, ...], error: Exception) -> Failure:
    if isinstance(error, PartImpure):
        law.check(heard, *inputs)  # the call that is told is the last one that was heard
        raise error
    told = law.told(*inputs)
    found = Failure("", law.name, law.statement, told, f"your part {error}", tried=law.count)
    if isinstance(error, PartRaised):
        return replace(found, because=_ONE_CELL if error.kind == "NameError" else "")
    assert isinstance(error, LawBroken)
    yours, should_be = shown(error.yours), shown(error.should_be)
    told = (*found.shown, *error.seen)
    return replace(found, shown=told, yours=yours, should_be=should_be, because=error.because)
