"""A scenario as a figure: its script first, then what each of its ends leaves."""

from kafkabook.scenarios.cluster_end import ClusterOutcome
from kafkabook.scenarios.log_end import LogOutcome
from kafkabook.scenarios.scenario import Outcome, Scenario
from kafkabook.viz.figure import WIDTH_PX, Figure, in_every_width
from kafkabook.viz.letters import wrapped
from kafkabook.viz.replica_lanes import replica_lanes
from kafkabook.viz.scene import Shape, words
from kafkabook.viz.sheet import LEFT_PX, Sheet
from kafkabook.viz.strips import Cell, Strip, offset_strip
from kafkabook.viz.theme import MUTED

_STEP_PX, _CLOSE_PX = 20, 17  # a line of a script; of one with many lines
_MANY_LINES = 14
_GHOSTS = "Dashed: written, and not to be had any more."


@in_every_width
def script_view(scenario: Scenario, *, width_px: int = WIDTH_PX) -> Figure:
    """Draw the question and the numbered script; the ends are for the reader to guess."""
    sheet = Sheet(f"{scenario.id} · {scenario.question}", scenario.title, width_px=width_px)
    lines = [wrapped(step.says, sheet.room_px - 30) for step in scenario.steps]
    line_px = _STEP_PX if sum(map(len, lines)) <= _MANY_LINES else _CLOSE_PX
    for number, texts in enumerate(lines, 1):
        for place, text in enumerate(texts):
            y = sheet.take(line_px) + 14
            key = f"step/{number}/{place}"
            sheet.add(words(LEFT_PX + 26, y, text, key=key))
            if place == 0:
                sheet.add(_number(number, y))
    rows = [(number, step.says) for number, step in enumerate(scenario.steps, 1)]
    told = "What is readable in the end? Guess before you play it."
    return sheet.figure(told, heads=("step", "what"), rows=rows)


def _number(number: int, y: float) -> Shape:
    return words(LEFT_PX + 16, y, f"{number}", fill=MUTED, anchor="end", key=f"step/{number}")


def outcome_view(outcome: Outcome) -> Figure:
    """Draw what is left: of a log what a consumer is given, of a cluster what each broker holds."""
    if isinstance(outcome, ClusterOutcome):
        return _lanes(outcome)
    assert isinstance(outcome, LogOutcome)
    strip = _strip(outcome)
    return offset_strip(
        strip,
        title=f"{outcome.scenario.id} · What can be read in the end?",
        subtitle=outcome.setup,
        sentence=_sentence(outcome),
        caption=_GHOSTS if any(cell.kind == "gone" for cell in strip.cells) else "",
    )


def _lanes(outcome: ClusterOutcome) -> Figure:
    """Draw the replicas as they are left; ghosts are what the steps before saw there."""
    *before, last = outcome.moments
    lost = "".join(f" Acknowledged and {fate}: {values}." for fate, values in outcome.fates())
    return replica_lanes(
        last,
        title=f"{outcome.scenario.id} · What is left in the end?",
        subtitle=outcome.setup,
        sentence=f"{outcome.end.says}{lost}{_given(outcome)}",
        caption=" ".join((*outcome.promises, *outcome.excuses)),
        before=before,
    )


def _given(outcome: ClusterOutcome) -> str:
    return f" A consumer is given: {', '.join(outcome.readable) or 'nothing'}."


def _sentence(outcome: LogOutcome) -> str:
    """Say the end in words: what a reader meets, and what was promised and is broken."""
    broken = "".join(f" {promise}" for promise in outcome.promises)
    errors = [told for told in outcome.readable if not told[0].isdigit()]
    stops = f" A reader meets {errors[0]}." if errors else ""
    return f"{outcome.end.says}{stops}{broken}"


def _strip(outcome: LogOutcome) -> Strip:
    given = {offset: text for offset, text in map(_split, outcome.readable) if offset >= 0}
    gone = {offset: text for offset, text in map(_split, outcome.written) if offset not in given}
    cells = [_cell(offset, text, "record") for offset, text in given.items()]
    cells += [_cell(offset, text, "gone") for offset, text in gone.items()]
    ordered = tuple(sorted(cells, key=lambda cell: cell.offset))
    end = outcome.log_end
    return Strip("orders-0", ordered, outcome.log_start, end, end)


def _cell(offset: int, told: str, kind: str) -> Cell:
    key, equals, value = told.rpartition("=")
    return Cell(offset, key if equals else value, under=value if equals else "", kind=kind)


def _split(told: str) -> tuple[int, str]:
    number, _, text = told.partition(" ")
    return (int(number), text) if number.isdigit() else (-1, told)
