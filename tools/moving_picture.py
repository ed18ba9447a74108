"""Make the README's moving picture: the film of a lab, with its sentences, as one SVG.

    python -m tools.moving_picture > docs/pictures/a_leader_dies.svg

A test fails when the committed picture is not what this prints.
"""

import sys
from collections.abc import Sequence
from itertools import chain
from math import inf
from typing import NamedTuple

from kafkabook.lab import Lab
from kafkabook.viz.film import Film, opening, unmarked, verdict
from kafkabook.viz.letters import wrapped
from kafkabook.viz.motion import Keyframe, Motion
from kafkabook.viz.painter import RAW, picture
from kafkabook.viz.scene import Scene, Shape, group, rect, words
from kafkabook.viz.theme import MUTED, PAPER
from tools.css_painter import CssPainter

STAGE_PX, MARGIN_PX = 796, 12
SAYS_PX, LINE_PX, TIME_PX = 17, 24, 84
REST_S = 1.0  # until all that was about to fade has faded
QUICK_S = 0.6  # a sentence that follows sooner is joined with the one before


class Said(NamedTuple):
    """A sentence: from which second of the film on it stands, and when that was in the cluster."""

    second: float
    time: str
    sentence: str


def a_leader_dies() -> Film:
    """Return the film: two records, three copies, a crash, an election, and all can be read."""
    lab = Lab(seed=1)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.send_batch(["tea", "milk"])
    lab.run_for(600)  # by then the followers know what is committed
    lab.crash(1)
    lab.run_until(lambda: lab.leader("orders") == 2)
    lab.run_for(30)
    lab.read()
    film: Film = lab.film(title="The leader of three brokers dies, and nothing is lost")
    return film


def moving_picture(film: Film) -> str:
    """Return a film's only lane, with its sentences below it, as one SVG."""
    stage, told = film.motion(film.lanes[0], STAGE_PX), said(film)
    below, painter = captions(told, stage.height), CssPainter(film.axis.end_s + REST_S)
    moved = chain.from_iterable(map(painter.drawn, (*stage.shapes, *below.shapes)))
    inner = group(*moved, transform=f"translate({MARGIN_PX} {MARGIN_PX})")
    wide, high = STAGE_PX + 2 * MARGIN_PX, below.height + 2 * MARGIN_PX
    style = Shape("style", {}, (Shape(RAW, {}, (painter.css(),)),))
    scene = Scene(wide, high, (style, rect(0, 0, wide, high, rx=12, fill=PAPER), inner))
    return picture(scene, film.title, " ".join(it.sentence for it in told)) + "\n"


def said(film: Film) -> list[Said]:
    """Return the sentences of a film in order; one that follows too soon joins the one before."""
    lane, last_s = film.lanes[0], -inf
    told = [Said(0.0, "", unmarked(opening(lane)))]
    for step in lane.steps:
        second, sentence = film.second_of(lane, step.at_ms, step.entry), unmarked(step.says)
        if second - last_s > QUICK_S:
            told.append(Said(second, f"{step.at_ms / 1000:.3f} s", sentence))
        else:
            told[-1] = told[-1]._replace(sentence=f"{told[-1].sentence} {sentence}")
        last_s = second
    return [*told, Said(film.axis.end_s, "", unmarked(verdict(lane)))]


def captions(told: Sequence[Said], top: float) -> Motion:
    """Return sentences as a motion of their own, below the stage."""
    lines = [wrapped(it.sentence, STAGE_PX - TIME_PX, SAYS_PX) for it in told]
    most = max(map(len, lines))
    return Motion(
        [
            Keyframe(it.second, _caption(it.time, [*texts, *[""] * (most - len(texts))], top))
            for it, texts in zip(told, lines, strict=True)
        ]
    )


def _caption(time: str, lines: Sequence[str], top: float) -> Scene:
    first = top + LINE_PX
    when = words(4, first, time, size=15, fill=MUTED, key="says/time")
    texts = [
        words(TIME_PX, first + n * LINE_PX, text, size=SAYS_PX, key=f"says/{n}")
        for n, text in enumerate(lines)
    ]
    return Scene(STAGE_PX, top + len(lines) * LINE_PX + 6, (when, *texts))


if __name__ == "__main__":
    sys.stdout.write(moving_picture(a_leader_dies()))
