"""A mark: points, the rings as far as they held, and for the first broken one the evidence."""

from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from html import escape
from typing import Any

from kafkabook.cluster.election import Elected
from kafkabook.log.facts import Appended
from kafkabook.records.record import Record

FULL_POINTS = 10.0


class RingState(StrEnum):
    """How far a ring came."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


_SIGNS = {RingState.PASSED: "✓", RingState.FAILED: "✗", RingState.NOT_REACHED: "not reached"}


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring of a grade: its short name, what it asks, what it is worth, how it ended."""

    name: str
    asks: str
    points: float
    state: RingState = RingState.NOT_REACHED

    @property
    def sign(self) -> str:
        """The state as a table shows it."""
        return _SIGNS[self.state]


@dataclass(frozen=True, slots=True)
class Loss:
    """What a part loses in a run of a cluster or a log, or why no run shows it.

    Attributes: `says` (the worst that differs, yours beside Kafka's), `promise` (what is
    promised and breaks; empty if all holds), `text` (the run, as `replay` reads it), `film` (both
    runs in step), `lines` (the history of a log), `why_not` (one sentence, where there is no run).
    """

    says: str
    promise: str = ""
    text: str = ""
    lines: tuple[str, ...] = ()
    why_not: str = ""
    film: Any = field(default=None, compare=False, repr=False)

    @property
    def told(self) -> tuple[str, ...]:
        """The loss as lines of text."""
        if self.why_not:
            return (self.why_not,)
        if self.lines:
            return (f"What it loses in a log: {self.says}", *(f"    {it}" for it in self.lines))
        kept = (f"Kafka's promise: {self.promise}.",) if self.promise else ()
        return (
            f"What it loses in a cluster: {self.says.rstrip('.')}.",
            *kept,
            "Open this run, step and fork it; the mark's `film` plays it beside Kafka's part:",
            *(f"    {line}" for line in self.opens),
        )

    @property
    def opens(self) -> tuple[str, ...]:
        """The line of code that opens the run, over as many lines as the run has."""
        return ('lab = replay("""', *self.text.splitlines(), '""")')


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a ring broke: the law in words, the smallest input that shows it, both answers.

    `tried` counts the inputs among which it was found; 0 where nothing was drawn by chance, and
    then no seed is needed to see it again. `loss` is what the part loses in a run.
    """

    ring: str
    law: str
    statement: str
    shown: tuple[str, ...] = ()
    yours: str = ""
    should_be: str = ""
    because: str = ""
    tried: int = 0
    loss: Loss | None = None

    @property
    def headline(self) -> str:
        """The failure in one sentence."""
        if self.ring == "R1":
            return f"{self.law.capitalize()} fails: {self.statement}"
        said = self.statement[:1].lower() + self.statement[1:]
        return f"The law “{self.law}” fails: {said}"

    @property
    def evidence(self) -> str:
        """What the lines of `shown` are: found by search, or one fixed call."""
        return "Smallest counter-example" if self.tried else "The call"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a grade found; a cell that ends in one shows it as a table with a picture.

    Attributes: `rings` in order, `failure` (None if all held), `hint` (for a part that is not
    written yet), `flags` (what a teacher should look at), `badge` (what the reader's own test
    killed), `debrief` (sentences after full marks), `seed` and `reproduce` (how to see the same
    inputs again; shown only with a failure).
    """

    exercise: str
    title: str
    stars: str
    rings: tuple[Ring, ...]
    failure: Failure | None = None
    hint: str = ""
    flags: tuple[str, ...] = ()
    badge: str = ""
    debrief: tuple[str, ...] = ()
    seed: int = 0
    reproduce: str = field(default="", repr=False)

    @property
    def points(self) -> float:
        """Points out of ten: those of the rings that held."""
        return float(sum(ring.points for ring in self.rings if ring.state is RingState.PASSED))

    @property
    def passed(self) -> bool:
        """True if no ring broke and all were reached."""
        return all(ring.state is RingState.PASSED for ring in self.rings)

    @property
    def verdict(self) -> str:
        """The mark in a few words."""
        if self.failure:
            return f"{self.failure.ring}, {self.failure.law}"
        return "all rings hold" if self.passed else self.hint.partition(":")[0]

    @property
    def not_checked(self) -> str:
        """The rings that were not reached, in words."""
        left = [f"{r.name} {r.asks}" for r in self.rings if r.state is RingState.NOT_REACHED]
        return ", ".join(left)

    @property
    def film(self) -> Any:
        """What a broken part loses, beside Kafka's; None where no run of a cluster shows it."""
        loss = self.failure.loss if self.failure else None
        return loss.film if loss else None

    def with_badge(self, badge: str) -> "Mark":
        """Return the same mark with what the reader's own test killed."""
        return replace(self, badge=badge)

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        from kafkabook.viz.grade_card import grade_card

        bundle = grade_card(self).shown(str(self))
        if self.film is None:
            return bundle
        page = f"{bundle['image/svg+xml']}{self.film.still}<pre>{escape(self._opens())}</pre>"
        return bundle | {"text/html": page}

    def _opens(self) -> str:
        loss = self.failure.loss if self.failure else None
        return "\n".join(loss.opens) if loss else ""


def shown(value: object) -> str:
    """Write an answer the way a reader would type it, cut where it gets long."""
    text = _typed(value)
    return text if len(text) <= 300 else text[:299] + "…"


def _typed(value: Any) -> str:
    kind = type(value)
    if isinstance(value, Enum):
        return f"{kind.__name__}.{value.name}"
    if kind is Record:
        fields = zip(Record._fields, value, Record(), strict=True)
        said = (f"{name}={field!r}" for name, field, usual in fields if field != usual)
        return f"Record({', '.join(said)})"
    if kind is Appended:
        placed = (value.base_offset, tuple(value.records), value.log_end)
        return f"Appended({', '.join(map(_typed, placed))})"
    if kind in (frozenset, set):
        return f"{{{', '.join(map(_typed, sorted(value, key=repr)))}}}" if value else "set()"
    if kind is Elected:
        flag, isr = f"is_unclean={value.is_unclean}", f"isr={_typed(value.isr)}"
        return f"Elected({_typed(value.leader)}, {flag}, {isr}, …)"
    if kind in (tuple, list):
        inner = ", ".join(map(_typed, value)) + "," * (kind is tuple and len(value) == 1)
        return f"({inner})" if kind is tuple else f"[{inner}]"
    return repr(value)


def _lines(mark: Mark) -> list[str]:
    lines = [f"{mark.exercise} {mark.title} {mark.stars} — {mark.points:g} of 10 points", ""]
    lines += [f"{ring.name}  {ring.asks:<44} {ring.sign}" for ring in mark.rings]
    lines += ["", mark.hint] if mark.hint else []
    lines += _failure_lines(mark, mark.failure) if mark.failure else []
    lines += ["", *mark.debrief] if mark.debrief else []
    lines += [f"Flag: the part {flag}." for flag in mark.flags]
    lines += [mark.badge] if mark.badge else []
    return lines


def _failure_lines(mark: Mark, failure: Failure) -> list[str]:
    found = f", found among {failure.tried}, seed {mark.seed}" if failure.tried else ""
    lines = ["", failure.headline]
    lines += [f"{failure.evidence}{found}:"] if failure.shown else []
    lines += [f"    {line}" for line in failure.shown]
    lines += [f"yours:     {failure.yours}"] if failure.yours else []
    lines += [f"should be: {failure.should_be}"] if failure.should_be else []
    lines += [failure.because] if failure.because else []
    lines += ["", *failure.loss.told, ""] if failure.loss else []
    unchecked = f" Not checked yet: {mark.not_checked}." if mark.not_checked else ""
    return [*lines, f"Reproduce: {mark.reproduce}.{unchecked}"]
