"""A failure as a film: the shortest run in which a reader's part loses something, beside Kafka's.

After a ring has broken, the part still runs: in a cluster, or in a log where it is a log's. What it
does there is asked of the part's own process, within its limits, as in the rings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from kafkabook.grading.draws import fresh
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.laws.law import Law, LawBroken, Part
from kafkabook.grading.mark import Failure, Loss, shown
from kafkabook.grading.parting import Lines, Parting, Worst, run_beside
from kafkabook.grading.process import PartImpure, PartRaised, PartStopped
from kafkabook.grading.search import Enough, search
from kafkabook.grading.short_runs import ended, short_runs
from kafkabook.lab.lab import Lab
from kafkabook.sim.faults import Fault, parse, show
from kafkabook.storm.played import HEADS, PART, SEED, begun, go_on
from kafkabook.storm.setup import SET
from kafkabook.storm.shrink import smallest

SHRINKING_RUNS = 40
DRAWN_RUNS = 4
_READY_MS = 60
_SEED = 11  # the same film for the same part
_KINDS = "a cluster calls a part by the names of its parameters, and takes one kind of answer."


def loss_of(exercise: Exercise, part: Part, failure: Failure, name: str) -> Loss:
    """Look for what a part loses.

    Args:
        part: as the rings ask it. failure: of ring R1, R2 or R3. name: what the reader calls it.

    Cost: a second or two; at most ten seconds of the part's own time.
    """
    if failure.ring == "R0":
        return Loss("", why_not=f"A run cannot show it: {_KINDS}")
    try:
        if any(law.name.startswith("a cluster") for law in exercise.laws):
            return _ClusterSearch(exercise, part, name).loss(failure)
        return _in_a_log(exercise, part)
    except PartStopped as stopped:
        return Loss("", why_not=f"There is no film, because in a run your part {stopped}")


class _Beside:
    """A part whose answers are held beside Kafka's; it counts, and changes none of them."""

    def __init__(self, exercise: Exercise, part: Part) -> None:
        self._part, self._exercise = part, exercise
        self.asked = self.differs = 0

    def __call__(self, *arguments: Any) -> Any:
        """Ask the part, and count."""
        answer = self._part(*arguments)
        usual = self._exercise.normal(self._exercise.reference(*arguments))
        self.asked += 1
        self.differs += type(answer) is not type(usual) or answer != usual
        return answer


class _ClusterSearch:
    """Runs of a cluster with one part, the short ones first."""

    def __init__(self, exercise: Exercise, part: Part, name: str) -> None:
        self._exercise, self._name = exercise, name
        self._beside = _Beside(exercise, part)
        self._part = exercise.slotted(self._beside)
        self._runs = 0

    def loss(self, failure: Failure) -> Loss:
        """Return the film of the worst that was found, or why there is none."""
        try:
            worst, lines = self._worst(failure)
        except (PartRaised, PartImpure) as error:
            told = (
                f"In a cluster your part {error}. The broker that asks it cannot go on, so there is"
                " no film."
            )
            return Loss("", why_not=told)
        if not worst.worst:
            return Loss("", why_not=self._why_not())
        return self._film(worst, lines)

    def _worst(self, failure: Failure) -> tuple[Parting, Lines]:
        """Look at one run after the other: first at the short ones, then at some by chance."""
        found, best = Parting(), Lines()
        for candidates, enough in (
            (short_runs(), Worst.A_RECORD),
            (self._drawn(failure), Worst.A_SEND),
        ):
            for lines in candidates if found.worst < enough else ():
                try:
                    parting = self._tried(lines)
                except (PartRaised, PartImpure, PartStopped):
                    if not best:
                        raise
                    return found, best  # what was found before has to do
                if parting.worst > found.worst:
                    found, best = parting, lines
                if found.worst >= enough:
                    break
        return self._smallest(found, best) if best else (found, best)

    def _drawn(self, failure: Failure) -> Iterator[Lines]:
        broke = [line for line in failure.shown if line.startswith("t=")]
        if broke:  # in ring R3
            yield _healed(parse("\n".join(broke)))
        for law in self._exercise.laws:
            if law.ring == "R3":
                yield from (_healed(v[0]) for _, v in fresh(law.inputs, DRAWN_RUNS, _SEED))

    def _tried(self, lines: Lines) -> Parting:
        self._runs += 1
        return run_beside(lines, self._exercise.slot, self._part)

    def _smallest(self, found: Parting, lines: Lines) -> tuple[Parting, Lines]:
        """Make the run shorter for as long as the same is lost."""
        left, seen = SHRINKING_RUNS, {lines: found}

        def is_lost(fewer: Lines) -> bool:
            nonlocal left
            left -= 1
            if left < 0 or _is_early(fewer):
                return False
            try:
                seen[fewer] = self._tried(fewer)
            except (PartStopped, PartRaised, PartImpure):
                return False
            return (found.worst, found.name) == (seen[fewer].worst, seen[fewer].name)

        small = smallest(lines, is_lost)
        return seen[small], small

    def _why_not(self) -> str:
        told = f"A run does not show it. In {self._runs} runs of a cluster"
        if not self._beside.differs:
            asked = f"your part was asked {self._beside.asked:,} times"
            return (
                f"{told} {asked}, and always answered as Kafka's does: the runs"
                " did not contain the case above."
            )
        return (
            f"{told} some answers of your part were other ones than Kafka's."
            " No client and no other broker saw the difference, because later answers corrected it."
        )

    def _film(self, found: Parting, lines: Lines) -> Loss:
        from kafkabook.viz.film import Film, Head
        from kafkabook.viz.recording import record

        lanes = []
        for parts in ({self._exercise.slot: self._part}, {}):
            lab, began = _lived(lines, parts)
            names = list(map(str, lab.view.partitions))
            meant = next((name for name in names if name in found.says), names[0])
            lanes.append(record(lab, partition=meant, since=began))
        heads = (Head("bad", "YOURS", self._name), Head("good", "KAFKA'S", "the reference"))
        comes_to = f"{_begun(found.says.partition('. With')[0].rstrip('.'))}."
        film = Film(
            f"What does {self._name} lose?",
            f"{lanes[0].partition} · seed {SEED}",
            tuple(lanes),
            heads=heads,
            verdicts=(comes_to,),
        )
        if film.parts_at is None:  # what differs is nothing that a film draws
            film = replace(film, lanes=film.lanes[:1], heads=())
        promise = f"{found.promise} ({found.name})" if found.name else ""
        return Loss(found.says, promise, text=self._text(lines), film=film)

    def _text(self, lines: Lines) -> str:
        """Return the text that `replay` reads: whose part decides, and what is done."""
        return show((Fault(0, PART, (self._exercise.slot, self._name)), *lines))


def _lived(lines: Lines, parts: dict[str, Part]) -> tuple[Lab, int]:
    """Play lines; return the lab, and the entry of its trace at which the first is done."""
    lab, refused = begun(lines, parts=parts), list[str]()
    began = len(lab.trace)
    for line in lines:
        if line.verb not in HEADS:
            go_on(lab, line, refused)
    return lab, began


def _begun(says: str) -> str:
    """Begin a sentence with a capital, and leave the other letters as they are."""
    return says[:1].upper() + says[1:]


def _is_early(lines: Lines) -> bool:
    """Say whether nothing is done at all, or something before the cluster is there."""
    return not lines or any(line.verb != SET and line.at_ms < _READY_MS for line in lines)


def _healed(lines: Lines) -> Lines:
    last_ms = lines[-1].at_ms + 5
    return ended((*lines, Fault(last_ms, "restart_everything")))


def _in_a_log(exercise: Exercise, part: Part) -> Loss:
    """Look for a history of a log after which it is another one with this part."""
    laws = [law for law in exercise.laws if law.ring == "R3"]
    for law, error, inputs in _broken(laws, part):
        if isinstance(error, LawBroken):
            told = tuple(law.told(*inputs))
            says = f"yours {shown(error.yours)}; Kafka's {shown(error.should_be)}"
            return Loss(f"{says}. {error.because}", lines=told)
        return Loss("", why_not=f"In a log your part {error}. A log that asks it cannot go on.")
    histories = sum(law.count for law in laws)
    return Loss(
        "",
        why_not=f"A run does not show it: after {histories} histories of a log with your part,"
        " crashes among them, the log held what it holds with ours.",
    )


def _broken(laws: Iterable[Law], part: Part) -> Iterator[tuple[Law, Exception, Any]]:
    for law in laws:

        def breaks(inputs: tuple[Any, ...], law: Law = law) -> Exception | None:
            try:
                law.check(part, *inputs)
            except (LawBroken, PartRaised, PartImpure) as error:
                return error
            except PartStopped as stopped:
                raise Enough from stopped
            return None

        try:
            found = search(law.inputs, breaks, count=law.count, tries=100, seed=_SEED)
        except Enough:
            return
        if found is not None:
            yield law, found[1], found[0]
