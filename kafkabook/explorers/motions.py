"""The pictures of an explorer as motions: those of one point of the grid are one film of steps.

The steps stand one second apart, in every width that all of them have. A knob leads to another
point: what has the same key there is the same thing, and moves to where it is now.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kafkabook.viz.figure import WIDTHS_PX, Figure
from kafkabook.viz.motion import Keyframe, Motion
from kafkabook.viz.scene import Scene

if TYPE_CHECKING:
    from kafkabook.explorers.explorer import Explorer

TURN_S = 0.3  # what a step takes away is gone before what it brings is seen
Places = tuple[int, ...]
Shown = dict[str, Any]  # layouts by width, a text twin a step, a number for each different picture
Row = list[Any]  # of `Motion.data`: kind, key, attributes, tracks, parts


class Motions:
    """What an explorer shows, as the front end takes it; each point of the grid is made once."""

    def __init__(self, explorer: "Explorer") -> None:
        self.explorer = explorer
        self._made: dict[Places, Shown] = {}
        self._numbers: dict[str, int] = {}

    def at(self, places: Places) -> Shown:
        """Return the motion of one point of the grid."""
        if places not in self._made:
            self._made[places] = self._shown(self.explorer.pictures(places))
        return self._made[places]

    def before(self) -> Shown | None:
        """Return what is seen while a guess is owed; None if nothing is."""
        guess = self.explorer.guess
        is_drawn = guess is not None and guess.before is not None
        return self._shown([self.explorer.first()]) if is_drawn else None

    def _shown(self, figures: Sequence[Figure]) -> Shown:
        return {
            "layouts": {str(width): _motion(it).data() for width, it in _scenes(figures).items()},
            "texts": [figure.text for figure in figures],
            "pictures": [self._number(figure.svg) for figure in figures],
        }

    def _number(self, svg: str) -> int:
        return self._numbers.setdefault(svg, len(self._numbers))


def compact(all_shown: Iterable[Shown]) -> dict[str, Any]:
    """Write each text and each layout once, and each row that stands in them more than once.

    In their places stand numbers, which count `texts`, `layouts` and `rows`.
    """
    texts: dict[str, int] = {}
    layouts: dict[str, int] = {}
    shown = [
        it
        | {"texts": [texts.setdefault(text, len(texts)) for text in it["texts"]]}
        | {
            "layouts": {
                width: layouts.setdefault(_json(layout), len(layouts))
                for width, layout in it["layouts"].items()
            }
        }
        for it in all_shown
    ]
    rows = _Rows([json.loads(layout) for layout in layouts])
    return {"shown": shown, "texts": list(texts), "layouts": rows.layouts, "rows": rows.table}


class _Rows:
    """Layouts with a table of the rows that stand in them more than once."""

    def __init__(self, layouts: Sequence[dict[str, Any]]) -> None:
        self.table: list[Row] = []
        self._places: dict[str, int] = {}
        self._count: Counter[str] = Counter()
        for layout in layouts:
            self._note(layout["shapes"])
        self.layouts = [it | {"shapes": [*map(self._row, it["shapes"])]} for it in layouts]

    def _note(self, rows: Iterable[Row]) -> None:
        for row in rows:
            written = _json(row)
            self._count[written] += 1
            if self._count[written] == 1:
                self._note(_parts(row))

    def _row(self, row: Row) -> Row | int:
        written = _json(row)
        if self._count[written] == 1:
            return self._with_parts(row)
        if written not in self._places:
            shared = self._with_parts(row)
            self._places[written] = len(self.table)
            self.table.append(shared)
        return self._places[written]

    def _with_parts(self, row: Row) -> Row:
        return [*row[:4], [self._row(part) for part in _parts(row)]] if _parts(row) else row


def _parts(row: Row) -> list[Row]:
    parts: list[Row] = row[4] if len(row) > 4 else []  # rows leave out what is empty at their end
    return parts


def _scenes(figures: Sequence[Figure]) -> Mapping[int, Sequence[Scene]]:
    """Return the scenes of each width in which every figure has room; the widest has them all."""
    drawn = {width: [it.scene_for(width) for it in figures] for width in WIDTHS_PX}
    whole = {
        width: scenes
        for width, scenes in drawn.items()
        if all(scene.width == width for scene in scenes)
    }
    return whole or {WIDTHS_PX[-1]: [it.scene for it in figures]}


def _motion(scenes: Sequence[Scene]) -> Motion:
    steps = [Keyframe(float(step), scene) for step, scene in enumerate(scenes)]
    return Motion(steps, turn_s=TURN_S)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
