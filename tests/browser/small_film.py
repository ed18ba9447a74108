"""A film small enough to be written by hand: two brokers, a record, a message, a line that slides.

It has everything that the player knows: widths, sentences with words, things to touch, lines of
code, a break, a guess.
"""

import gzip
import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

from kafkabook.viz.front_end import source
from kafkabook.viz.motion import FLY, VERSION, WAY, Keyframe, Motion
from kafkabook.viz.scene import Scene, Shape, group, line, path, rect, tag, words
from kafkabook.viz.theme import CELL, CONSUMER, ERROR, FOLLOWER, INK, LEADER, MUTED, PAPER, PRODUCER

WIDTHS = (400, 520, 820)
END = 12.0


class Moment(NamedTuple):
    """What holds from a second on: the records of both logs, the high watermark, who is up."""

    second: float
    logs: tuple[str, str] = ("", "")
    high_watermark: int = 0
    is_dead: bool = False
    is_sending: bool = False


MOMENTS = (
    Moment(0),
    Moment(1, is_sending=True),
    Moment(2, ("a", "")),
    Moment(4, ("a", "a")),
    Moment(5, ("a", "a"), 1),
    Moment(9, ("a", "a"), 1, is_dead=True),
)
LOST = (*MOMENTS[:3], Moment(9, ("a", ""), is_dead=True))
SAYS = [
    [0.0, "{leader:Broker 1} leads. The {producer} is about to send."],
    [2.0, "{leader:Broker 1} appends a. It is not {committed} yet."],
    [4.0, "{follower:Broker 2} has fetched a."],
    [5.0, "The {hw} slides to 1: a is {committed}, and {acknowledged}."],
    [9.0, "{dead:Broker 1} is killed. {isr:In sync} is broker 2 alone."],
]
KILL = [["✕", "Kill", "lab.crash(1)"], ["❙❙", "Pause", "lab.pause(1)"]]
GUESS = {
    "at": 4.8,
    "until": 9.5,
    "lane": 0,
    "question": "Broker 1 will die. How many records are lost?",
    "choices": ["3", "2", "1", "0"],
    "answer": "0",
    "why": "Broker 2 has every committed record.",
}


def motion(width: int, moments: tuple[Moment, ...] = MOMENTS) -> Motion:
    """Return the film's picture in one width."""
    return Motion([Keyframe(moment.second, scene(width, moment)) for moment in moments])


def scene(width: int, moment: Moment) -> Scene:
    """Draw one moment: the network on the left, the logs on the right."""
    left = 64 if width < 500 else round(width * 0.44)
    shapes = (
        tag("defs", _hatch()),
        rect(0, 0, width, 340, fill=PAPER),
        _producer(),
        *(_broker(n, left, width - left - 48, moment) for n in (1, 2)),
        *_message(left, moment),
        _high_watermark(left, moment),
        _bracket(width, moment),
    )
    return Scene(width, 340, shapes)


def film(
    lanes: tuple[tuple[Moment, ...], ...] = (MOMENTS,),
    *,
    guess: dict[str, Any] | None = None,
    plays: bool = False,
    is_live: bool = False,
    text: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Return the data of a film; `text` may change each sentence; `is_live`: a kernel answers."""
    heads = [["bad", "BAD", "min.insync.replicas = 1"], ["good", "GOOD", "min.insync.replicas = 2"]]
    kinds = [(2.0, 1017, "stored"), (4.0, 1019, "copied"), (5.0, 1020, "committed")]
    return {
        "v": VERSION,
        "title": text("The leader dies. Is anything lost?"),
        "run": text("orders-0 · two copies · seed 7"),
        "end": END,
        "lanes": [
            _lane(it, heads[n] if len(lanes) > 1 else None, text) for n, it in enumerate(lanes)
        ],
        "axis": {
            "knots": [[1009, 0.0], [1009, 1.0], [1021, 6.0], [8021, 8.0], [8022, END]],
            "breaks": [[6.0, 8.0, "7.0 s"]],
            "steps": [
                [*step, lane]
                for lane in range(len(lanes))
                for step in ((1.0, 1009, "sent"), *kinds, (9.0, 8021, "killed"))
            ],
            "parts_at": 4.0 if len(lanes) > 1 else None,
        },
        "guess": guess,
        "plays": plays,
        "is_live": is_live,
    }


def page_html(*films: dict[str, Any]) -> str:
    """Return a page that holds films, packed as the book packs them."""
    figures = "".join(
        f'<div data-kb-film><script type="application/gzip;base64">{packed(it)}</script></div>'
        for it in films
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A film</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<body style="margin:0"><main><h1>A page</h1>{figures}</main>'
        f'<script type="module">{source()}</script>'
    )


def packed(data: dict[str, Any]) -> str:
    """Return a film as `boot` unpacks it."""
    plain = json.dumps(data, ensure_ascii=False).encode()
    return b64encode(gzip.compress(plain, mtime=0)).decode()


def _lane(
    moments: tuple[Moment, ...], head: list[str] | None, text: Callable[[str], str]
) -> dict[str, Any]:
    return {
        "head": head,
        "layouts": {str(width): motion(width, moments).data() for width in WIDTHS},
        "says": [[second, text(sentence)] for second, sentence in SAYS],
        "twin": [[it.second, text(f"Broker 1 has {it.logs[0] or 'nothing'}.")] for it in moments],
        "things": {
            "broker-1": {
                "name": text("Broker 1"),
                "does": [[0.0, KILL], [9.0, [["▶", text("Start again"), text("lab.restart(1)")]]]],
            },
            "broker-2": {"name": "Broker 2", "does": [[3.0, [["✕", "Kill", "lab.crash(2)"]]]]},
        },
        "code": [[1.0, 1009, text('lab.send("a")')], [9.0, 8021, text("lab.crash(1)")]],
    }


def _hatch() -> Shape:
    stroke = line(0, 0, 0, 6, stroke=MUTED, stroke_width=1.6)
    return tag("pattern", stroke, id="hatch", width=6, height=6, patternUnits="userSpaceOnUse")


def _producer() -> Shape:
    box = rect(2, 6, 150, 60, rx=14, fill=PAPER, stroke=PRODUCER, stroke_width=2)
    return group(box, words(16, 28, "producer", size=13), key="producer-1")


def _broker(number: int, left: float, wide: float, moment: Moment) -> Shape:
    top = 100 + 120 * (number - 1)
    is_dead = moment.is_dead and number == 1
    frame = LEADER if number == 1 else FOLLOWER
    says = "✕ killed" if is_dead else ("leads" if number == 1 else "follows")
    return group(
        rect(left, top, wide, 100, rx=12, fill=PAPER, stroke=ERROR if is_dead else frame),
        words(left + 40, top + 24, f"Broker {number}", size=15, bold=True),
        words(left + 116, top + 24, says, size=13, fill=MUTED),
        *(
            _record(number, offset, value, left + 40 + 48 * offset, top + 40, moment)
            for offset, value in enumerate(moment.logs[number - 1])
        ),
        key=f"broker-{number}",
    )


def _record(number: int, offset: int, value: str, x: float, y: float, moment: Moment) -> Shape:
    fill = CELL if offset < moment.high_watermark else "url(#hatch)"
    cell = rect(x, y, 40, 40, rx=6, fill=fill, stroke=FOLLOWER, stroke_width=1.5)
    return group(
        cell,
        words(x + 20, y + 26, value, size=17, bold=True, anchor="middle"),
        key=f"broker-{number}/{offset}",
        **{"~leave": 1.2},
    )


def _message(left: float, moment: Moment) -> tuple[Shape, ...]:
    if not moment.is_sending:
        return ()
    flies = {FLY: "1 0 1.9 1", WAY: f"152 36 {left - 20} 40 {left} 150"}
    tile = rect(-13, -13, 26, 26, rx=5, fill=PAPER, stroke=PRODUCER, stroke_width=2)
    text = words(0, 5, "a", size=13, anchor="middle")
    return (group(tile, text, key="message-1", **flies),)


def _high_watermark(left: float, moment: Moment) -> Shape:
    x = left + 36 + 48 * moment.high_watermark
    said = f"high watermark {moment.high_watermark}"
    mark = line(x, 92, x, 330, stroke=INK, stroke_width=2.5, **{"~ease": 0.7})
    return group(mark, words(left + 60, 86, said, size=13, bold=True), key="hw")


def _bracket(width: float, moment: Moment) -> Shape:
    top = 228 if moment.is_dead else 108
    x = width - 30
    return path(
        f"M{x - 8} {top}H{x}V312H{x - 8}",
        stroke=CONSUMER,
        stroke_width=4,
        key="isr",
        **{"~ease": 0.8},
    )
