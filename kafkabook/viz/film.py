"""A film: recordings of one partition, laid out on one time axis, for every width, with a still."""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import zip_longest
from typing import Any, NamedTuple

from kafkabook.base.plain import plain
from kafkabook.lab.code import CodeLine
from kafkabook.viz.figure import WIDTHS_PX
from kafkabook.viz.film_steps import KINDS, FilmStep, listed
from kafkabook.viz.flights import ARRIVED, DROPPED, LONG_MS, REFUSED, Flight, counted
from kafkabook.viz.modes import BOOK, LIVE, mode
from kafkabook.viz.motion import SHOW_S, VERSION, Keyframe, Motion, Passing
from kafkabook.viz.painter import picture
from kafkabook.viz.recording import Recording
from kafkabook.viz.stage import (
    AT_CONTROLLER,
    CROWN_S,
    HOW_TOLD,
    STANDS,
    passing,
    quiet_note,
    stage_scene,
    standing,
)
from kafkabook.viz.stage_places import Box, Places, places
from kafkabook.viz.stage_state import ACKED, StageState
from kafkabook.viz.table import text_table
from kafkabook.viz.things import things
from kafkabook.viz.time_axis import Standstill, TimeAxis, time_axis

_ENDS_S = 0.2  # so long before the end a film says what it comes to
_READ_S = 0.9  # least time for which words are shown
_GONE_S = SHOW_S + 0.1  # so long before a break ends they begin to fade: then a guess is asked
_GHOST_S = 0.6  # after which a lost record has fallen so far that its ghost can be read


class _Flown(NamedTuple):
    """When a message is seen, how far on its way it is (see `motion.FLY`), when it stands still."""

    from_s: float
    to_s: float
    fly: str
    stops_s: float
    goes_s: float


class Head(NamedTuple):
    """What stands above a lane: "bad", "good" or "", a word, and what is set differently."""

    kind: str = ""
    word: str = ""
    note: str = ""


@dataclass(frozen=True)
class FilmGuess:
    """A prediction that a film waits for.

    Attributes: `at` and `until` (the step before which it is asked, and the step that answers it:
    its number, or its kind, which means the first of that kind), `question`, `choices`, `answer`
    (asked of the film, so that the truth cannot grow stale), `why` (one sentence), `lane` (whose
    steps are meant).
    """

    at: int | str
    until: int | str
    question: str
    choices: tuple[str, ...]
    answer: Callable[["Film"], object]
    why: str
    lane: int = 0


@dataclass(frozen=True, eq=False)
class Film:
    """One or two recordings side by side on one time axis.

    Attributes: `title` (a question), `run` (what was set, and the seed), `lanes`, `heads` (above
    the lanes), `verdicts` (what each lane comes to, said at its end), `guess`, `plays` (whether it
    plays once when it is first seen), `is_stage` (whether what can still be done is shown: a
    consumer although nothing was read yet, and time up to now).
    """

    title: str
    run: str
    lanes: tuple[Recording, ...]
    heads: tuple[Head, ...] = ()
    verdicts: tuple[str, ...] = ()
    guess: FilmGuess | None = None
    plays: bool = False
    is_stage: bool = False

    @cached_property
    def axis(self) -> TimeAxis:
        """Virtual time as seconds of this film."""
        spans, stops = list[tuple[int, int]](), list[Standstill]()
        for lane in self.lanes:
            for flight in lane.flights:
                if flight.matters:
                    spans += flight.spans(lane.ends_ms)
            stops += [Standstill(at_ms, _stands_s(lane, at_ms)) for at_ms in lane.step_moments]
            stops += [Standstill(lane.ends_ms, 0.0)] if self.is_stage else []
        began_ms = min(lane.began_ms for lane in self.lanes)
        return time_axis(began_ms - 1, spans, stops)

    def second_of(self, lane: Recording, at_ms: int, entry: int) -> float:
        """Return when an entry is seen: steps of one millisecond come one after the other."""
        return round(self.axis.before(at_ms) + _stands_s(lane, at_ms, before=entry), 2)

    def motion(self, lane: Recording, width_px: int) -> Motion:
        """Return what one lane shows at each second, in one width."""
        place = places(
            width_px,
            lane.brokers,
            records=max(lane.records, 3),
            sent=lane.sent,
            read=lane.read if self.is_stage or any(it.is_read for it in self.lanes) else None,
        )
        frames = [Keyframe(0.0, stage_scene(lane.opening, _in_sight(place, lane.opening)))]
        was, fell = lane.opening, dict[int, float]()
        for second, state in self._changes(lane):
            fell |= dict.fromkeys(sorted(_gone(state) - _gone(was)), second + _GHOST_S)
            frames += _frames(was, state, second, _in_sight(place, state), fell)
            was = state
        passing = self._passing(lane, place)
        return Motion(_in_order(frames), [*passing, *self._quiet(lane, place, passing)])

    def _changes(self, lane: Recording) -> list[tuple[float, Any]]:
        """Return each state with its second; of those of one second the last."""
        changes: dict[float, StageState] = {}
        shown = lane.opening
        for seen in lane.seen:
            second = self.second_of(lane, seen.entry.at_ms, seen.entry.number)
            is_quiet = replace(seen.state, parked=shown.parked) == shown
            if not (
                is_quiet and any(span.from_s < second < span.to_s for span in self.axis.breaks)
            ):
                changes[second] = shown = seen.state
        return list(changes.items())

    def _passing(self, lane: Recording, place: Places) -> list[Passing]:
        shown = [it for it in lane.flights if it.matters]
        found: list[Passing] = []
        stands = list[tuple[float, float, Box]]()
        for flight, following in zip_longest(shown, shown[1:]):
            from_s, to_s, fly, stops_s, goes_s = self._flown(lane, flight)
            near = [box for a, z, box in stands if a < goes_s + SHOW_S and stops_s < z + SHOW_S]
            named = standing(flight, place, near) if goes_s - stops_s >= _READ_S else None
            if named is not None:
                stands.append((stops_s, goes_s, named[1]))
                found.append(Passing(stops_s, goes_s, named[0]))
            used, message, note = passing(flight, fly, place)
            next_s = round(self.axis.after(following.sent_ms), 2) if following else self.axis.end_s
            # one name is gone when another comes
            leaves_s = next_s - SHOW_S if following else next_s
            until_s = round(min(max(to_s + 0.6, from_s + 0.2), leaves_s), 2)
            found.append(Passing(from_s, to_s, used))
            found.append(Passing(from_s, to_s, message))
            if until_s > from_s:  # of those that are sent together the last one is named
                found.append(Passing(from_s, until_s, note))
        return found

    def _quiet(
        self, lane: Recording, place: Places, passing: Sequence[Passing]
    ) -> Iterator[Passing]:
        """Count what is sent in a break of the axis, once no message is named there any more."""
        named_s = [it.to_s for it in passing]
        for number, it in enumerate(self.axis.breaks):
            began = [until_s for until_s in named_s if it.from_s <= until_s < it.to_s]
            from_s = round(max([it.from_s, *began]) + SHOW_S, 2)
            is_free = not any(on.from_s <= it.from_s and on.to_s >= it.to_s for on in passing)
            if is_free and it.to_s - from_s >= _READ_S:
                requests = counted(lane.flights, it.from_ms, it.to_ms)
                note = quiet_note(it.says, requests, number, place)
                yield Passing(from_s, round(it.to_s - _GONE_S, 2), note)

    def _flown(self, lane: Recording, flight: Flight) -> "_Flown":
        from_s = round(self.axis.after(flight.sent_ms), 2)
        end_ms = lane.ends_ms if flight.end_ms is None else flight.end_ms
        to_s = round(max(self.axis.before(end_ms), from_s + 0.1), 2)
        far = 1.0 if flight.fate == ARRIVED else 0.6 if flight.fate == DROPPED else 0.45
        if flight.fate == REFUSED:
            middle = round((from_s + to_s) / 2, 2)
            return _Flown(from_s, to_s, f"{from_s} 0 {middle} 0.95 {to_s} 0.1", to_s, to_s)
        if flight.end_ms is None or flight.end_ms - flight.sent_ms > LONG_MS:
            stops_s = round(min(from_s + 0.8, to_s), 2)
            goes_s = round(max(to_s - 0.8, stops_s), 2)
            fly = f"{from_s} 0 {stops_s} {STANDS} {goes_s + 0.01} {STANDS} {to_s} {far}"
            return _Flown(from_s, to_s, fly, stops_s, goes_s)
        return _Flown(from_s, to_s, f"{from_s} 0 {to_s} {far}", to_s, to_s)

    # --- as data, as text, as a picture ----------------------------------------------------------

    def __repr__(self) -> str:
        """Tell the story up to where the reader is asked, step by step."""
        lines = [self.title, self.run]
        for number, lane in enumerate(self.lanes):
            lines += [f"{self.heads[number].word}: {self.heads[number].note}"] if self.heads else []
            lines += [f"{it.at_ms / 1000:>9.3f} s  {unmarked(it.says)}" for it in self._told(lane)]
            lines += [unmarked(it) for it in self._verdict(number)] if self.guess is None else []
        if self.guess is not None:
            lines.append(f"Guess: {self.guess.question}")
        elif len(self.lanes) > 1 and self.parts_at is None:
            lines.append("No difference here.")
        return "\n".join(lines)

    def _verdict(self, number: int) -> tuple[str, ...]:
        """Return what a lane comes to; a stage goes on, and comes to nothing yet."""
        if self.is_stage:
            return ()
        return self.verdicts[number : number + 1] or (verdict(self.lanes[number]),)

    def _told(self, lane: Recording) -> Sequence[FilmStep]:
        if self.guess is None:
            return lane.steps
        own = self.lanes[self.guess.lane]
        asked = own.steps[own.step_number(self.guess.at)]
        before = (asked.at_ms, asked.entry if lane is own else 0)
        return [step for step in lane.steps if (step.at_ms, step.entry) < before]

    @cached_property
    def still(self) -> str:
        """The picture where nothing moves: as it is before the guess, or else in the end."""
        asked = self._guess()
        second = self.axis.end_s if asked is None else asked["at"]
        scene = self.motion(self.lanes[0], max(WIDTHS_PX)).at(second)
        told = self._told(self.lanes[0])
        says = told[-1].says if told else opening(self.lanes[0])
        return picture(scene, self.title, unmarked(says))

    def html(self) -> str:
        """Return the film for a page: it moves with a script, and is a still without one."""
        data = json.dumps(self.data(), ensure_ascii=False, separators=(",", ":")).encode()
        block = b64encode(gzip.compress(data, 9, mtime=0)).decode()
        return (
            f'<div class="kb kb-film" data-kb-film aria-label="{escape(self.title)}">'
            f"{self.still}<details><summary>In words</summary><pre>{escape(repr(self))}</pre>"
            f'</details><script type="application/gzip;base64">{block}</script></div>'
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        bundle = {"text/plain": repr(self), "image/svg+xml": self.still}
        where = mode()
        if where == BOOK:
            bundle["text/html"] = self.html()
        if where == LIVE:
            from kafkabook.viz.film_view import film_view

            bundle |= film_view(self)
        return bundle

    def data(self, widths_px: Sequence[int] = WIDTHS_PX) -> dict[str, Any]:
        """Return the film as the front end takes it; widths that are not asked for stay empty."""
        steps = [
            [self.second_of(lane, step.at_ms, step.entry), step.at_ms, step.kind, number]
            for number, lane in enumerate(self.lanes)
            for step in lane.steps
        ]
        return {
            "v": VERSION,
            "title": self.title,
            "run": self.run,
            "end": round(self.axis.end_s, 2),
            "lanes": [self._lane(number, widths_px) for number in range(len(self.lanes))],
            "axis": {
                **self.axis.data(),
                "steps": sorted(steps),
                "parts_at": self.parts_at,
            },
            "guess": self._guess(),
            "plays": self.plays,
        }

    def laid_out(self, width_px: int) -> list[dict[str, Any]]:
        """Return what each lane shows in one width, as the front end takes it."""
        return [self.motion(lane, width_px).data() for lane in self.lanes]

    def _lane(self, number: int, widths_px: Sequence[int]) -> dict[str, Any]:
        lane = self.lanes[number]
        head = self.heads[number] if self.heads else None
        return {
            "head": list(head) if head else None,
            "layouts": {
                str(px): self.motion(lane, px).data() if px in widths_px else None
                for px in WIDTHS_PX
            },
            "says": [
                [0, opening(lane)],
                *([self.second_of(lane, it.at_ms, it.entry), it.says] for it in lane.steps),
                *([round(self.axis.end_s - _ENDS_S, 2), it] for it in self._verdict(number)),
            ],
            "twin": [
                [0, twin(lane.opening, lane.partition)],
                *([second, twin(state, lane.partition)] for second, state in self._at_steps(lane)),
            ],
            "things": things(lane, [(0.0, lane.opening), *self._changes(lane)], self.axis),
            "code": [[self._second_done(lane, it), *_line(it)] for it in lane.lines],
        }

    def _second_done(self, lane: Recording, line: CodeLine) -> float:
        """Return when a line was done; what was done before the film began stands at 0 s."""
        is_before = line.at_ms < lane.began_ms
        return 0.0 if is_before else self.second_of(lane, line.at_ms, line.entries)

    def _at_steps(self, lane: Recording) -> list[tuple[float, StageState]]:
        return [
            (self.second_of(lane, step.at_ms, step.entry), _state_behind(lane, step))
            for step in lane.steps
        ]

    @property
    def parts_at(self) -> float | None:
        """The second from which on two lanes differ; None where they never do, or for one lane.

        Two clusters of different sizes differ from the start: there the stories are compared.
        """
        if len(self.lanes) < 2:
            return None
        told = self._pictures
        if self.lanes[0].opening.brokers != self.lanes[1].opening.brokers:
            told = self._story
        for mine, its in zip_longest(*map(told, self.lanes)):
            if mine is None or its is None or mine[1] != its[1]:
                return min(change[0] for change in (mine, its) if change is not None)
        return None

    def _pictures(self, lane: Recording) -> list[tuple[float, Any]]:
        """Return what is seen from which second on, each once."""
        told: list[tuple[float, Any]] = []
        for second, state in self._changes(lane):
            if not told or told[-1][1] != state.seen:
                told.append((second, state.seen))
        return told

    def _story(self, lane: Recording) -> list[tuple[float, Any]]:
        """Return what becomes of a cluster, whoever does what in it."""
        ends = ("elected", "read", "refused")
        return [
            (self.second_of(lane, it.at_ms, it.entry), (it.kind, it.says))
            for it in lane.steps
            if it.kind in ends
        ]

    def _guess(self) -> dict[str, Any] | None:
        if self.guess is None:
            return None
        lane = self.lanes[self.guess.lane]
        seconds = [self.second_of(lane, it.at_ms, it.entry) for it in lane.steps]
        return {
            "at": round(seconds[lane.step_number(self.guess.at)] - 0.05, 2),
            "until": round(seconds[lane.step_number(self.guess.until)] + 0.3, 2),
            "lane": self.guess.lane,
            "question": self.guess.question,
            "choices": list(self.guess.choices),
            "answer": str(self.guess.answer(self)),
            "why": self.guess.why,
        }


def _line(line: CodeLine) -> tuple[int | str, ...]:
    """Return a line with its time, and the time behind it where that is another one."""
    behind = (line.ended_ms,) if line.ended_ms > line.at_ms else ()
    return (line.at_ms, line.text, *behind)


def _stands_s(lane: Recording, at_ms: int, *, before: int | None = None) -> float:
    """Return how long a film stands still at a millisecond; `before` an entry, if it is given."""
    return sum(
        KINDS[step.kind].stands_s
        for step in lane.steps
        if step.at_ms == at_ms and (before is None or step.entry < before)
    )


def opening(lane: Recording) -> str:
    """Say who is who, before anything happens."""
    leader = lane.opening.leader
    if leader is None:
        return "Nobody leads yet. The {producer} is about to send."
    takes = f"{{leader:Broker {leader}}} leads, and takes what the {{producer}} sends"
    return f"{takes}; the others copy it." if len(lane.brokers) > 1 else f"{takes}."


def verdict(lane: Recording) -> str:
    """Say what a run comes to for whoever sent records: what was acknowledged, and is lost."""
    sends, lost = [it.how for it in lane.last.sends], lane.last.lost
    if lost:
        return f"Lost, though {{acknowledged}}: {listed(lost)}."
    return "No {acknowledged} record is lost." if ACKED in sends else "No record is {acknowledged}."


def unmarked(says: str) -> str:
    """Return a sentence without its marks.

    >>> unmarked("{leader:Broker 1} leads; the {producer} waits.")
    'Broker 1 leads; the producer waits.'
    """
    return _MARKED.sub(lambda found: found[2] or found[1], says)


_MARKED = re.compile(r"\{(\w+)(?::([^}]*))?\}")


def twin(state: StageState, partition: str) -> str:
    """Say in words what a stage shows: one sentence and a table."""
    members = ", ".join(map(str, sorted(state.isr))) or "nobody"
    leads = "Nobody leads" if state.leader is None else f"Broker {state.leader} leads"
    sentence = (
        f"{leads} {partition} in epoch {state.leader_epoch}; in sync: {members};"
        f" high watermark {state.high_watermark}."
    )
    sent = ", ".join(f"{plain(it.value, 24)} ({HOW_TOLD[it.how]})" for it in state.sends)
    read = "" if state.read is None else ", ".join(plain(v, 24) for v in state.read) or "nothing"
    told = [sentence, *([f"Sent: {sent}."] if sent else []), *([f"Read: {read}."] if read else [])]
    rows = [
        (
            it.id,
            it.role if it.is_up else it.cause,
            it.log_end,
            it.high_watermark,
            "yes" if it.id in state.isr else "no",
            " ".join(plain(cell.value, 12) for cell in it.cells),
        )
        for it in state.brokers
    ]
    heads = ("broker", "is", "log end", "high watermark", "in sync", "records")
    return "\n".join((*told, *text_table(heads, rows).split("\n")))


def _gone(state: StageState) -> set[int]:
    """Return the births of the records that are lost, and whose place nobody has taken."""
    return {cell.birth for it in state.brokers for cell in it.gone}


def _in_sight(place: Places, state: StageState) -> Places:
    """Move logs on that have more records than there is room for."""
    return place.showing(state.last_offset + 1)


def _frames(
    was: StageState, now: StageState, second: float, place: Places, fell: Mapping[int, float]
) -> list[Keyframe]:
    """Return the keyframes of a change: the crown comes by way of the controller.

    Args:
        fell: lost records by their births, and the second from which on each has a ghost.
    """
    flies = was.leader != now.leader and now.leader is not None
    lands_s = second + CROWN_S if flies else second
    later = {lands_s, *fell.values()}
    return [
        Keyframe(
            at_s,
            stage_scene(
                now,
                place,
                crown=AT_CONTROLLER if at_s < lands_s else None,
                falling=[birth for birth, ends_s in fell.items() if at_s < ends_s],
            ),
        )
        for at_s in sorted({second, *(it for it in later if it > second)})
    ]


def _in_order(frames: Sequence[Keyframe]) -> list[Keyframe]:
    """Order keyframes; one that comes while the crown still flies shows what is newer."""
    ordered: list[Keyframe] = []
    for frame in frames:
        while ordered and ordered[-1].second > frame.second:
            ordered.pop()
        ordered.append(frame)
    return ordered


def _state_behind(lane: Recording, step: FilmStep) -> StageState:
    behind = [seen.state for seen in lane.seen if seen.entry.number <= step.entry]
    return behind[-1] if behind else lane.opening
