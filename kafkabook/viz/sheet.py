"""The sheet of paper that every figure is drawn on: question, drawing, one sentence, source.

Drawing functions ask for the next free band (`take`), put marks there (`add`), and finish with
`figure`. What is above and below the drawing is then the same in all of them.
"""

from collections.abc import Sequence
from math import ceil

from kafkabook.base.plain import plain
from kafkabook.viz.figure import WIDTH_PX, Figure, most_height_px
from kafkabook.viz.letters import TEXT_PX, wrapped
from kafkabook.viz.scene import Scene, Shape, rect, words
from kafkabook.viz.table import text_table
from kafkabook.viz.theme import INK, LEADER, MUTED, PANEL, PAPER

LEFT_PX = 14
MOST_TOLD_LETTERS = 800  # of a sentence, of a caption
_LEAST_LINES = 3


class Sheet:
    """A page that grows downwards. Its room is `room_px` wide, from `LEFT_PX` to `right_px`.

    Args:
        title: the question, ending in "?".
        subtitle: what was set and how it came about: settings, event, seed.
        width_px: how wide the page is.

    >>> sheet = Sheet("How long is the log?")
    >>> sheet.add(words(LEFT_PX, sheet.take(20), "six records"))
    >>> sheet.figure("The log ends at 6.").text
    'How long is the log?\\nThe log ends at 6.'
    """

    def __init__(self, title: str, subtitle: str = "", *, width_px: float = WIDTH_PX) -> None:
        self.title, self.subtitle = plain(title), plain(subtitle)
        self.width_px, self.right_px = width_px, width_px - LEFT_PX
        self.room_px = self.right_px - LEFT_PX
        self._parts: list[Shape] = []
        self._bottom_px = 14.0
        for place, text in enumerate(wrapped(self.title, self.room_px, 17, bold=True)):
            self._line(text, 21, f"title/{place}", size=17, bold=True)
        for place, text in enumerate(wrapped(self.subtitle, self.room_px)):
            self._line(text, 18, f"subtitle/{place}", fill=MUTED)
        self.take(12)

    def add(self, *parts: Shape) -> None:
        """Put marks on the sheet, later ones on top."""
        self._parts += parts

    def take(self, height_px: float) -> float:
        """Claim a band across the sheet; return its upper edge in px."""
        self._bottom_px += height_px
        return self._bottom_px - height_px

    def figure(
        self,
        sentence: str,
        *,
        heads: Sequence[str] = (),
        rows: Sequence[Sequence[object]] = (),
        caption: str = "",
    ) -> Figure:
        """Close the sheet: `sentence` says what is to be seen, `heads` and `rows` are its table."""
        sentence, caption = plain(sentence, MOST_TOLD_LETTERS), plain(caption, MOST_TOLD_LETTERS)
        told, notes = self._foot(sentence, caption)
        self._sentence(told)
        self._caption(notes)
        table = (text_table(heads, rows),) if heads else ()
        text = "\n".join((self.title, *filter(None, (self.subtitle, sentence)), *table))
        return Figure(self.title, self._scene(), text, caption, sentence)

    def _line(
        self,
        text: str,
        height_px: float,
        key: str,
        *,
        size: float = TEXT_PX,
        bold: bool = False,
        fill: str = INK,
    ) -> None:
        base_px = self.take(height_px) + height_px - 5
        self.add(words(LEFT_PX, base_px, text, size=size, bold=bold, fill=fill, key=key))

    def foot_px(self, sentence: str, caption: str) -> float:
        """Return how high the words will be that close the sheet, all of them."""
        return _high_px(self._told_lines(sentence), self._note_lines(caption))

    def _told_lines(self, sentence: str) -> list[str]:
        return wrapped(plain(sentence, MOST_TOLD_LETTERS), self.room_px - 24)

    def _note_lines(self, caption: str) -> list[str]:
        return wrapped(plain(caption, MOST_TOLD_LETTERS), self.room_px)

    def _foot(self, sentence: str, caption: str) -> tuple[list[str], list[str]]:
        """Return the lines that close the sheet; on a narrow one only as many as fit."""
        told, notes = self._told_lines(sentence), self._note_lines(caption)
        left_over_px = most_height_px(self.width_px) - self._bottom_px - 8
        if self.width_px < WIDTH_PX:
            notes = _shorter(notes, _high_px(told, notes) - left_over_px, 17)
            told = _shorter(told, _high_px(told, notes) - left_over_px, 18)
        return told, notes

    def _sentence(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        top_px, high_px = self.take(12 + len(lines) * 18 + 10) + 12, len(lines) * 18 + 8
        self.add(rect(LEFT_PX, top_px, self.room_px, high_px, fill=PANEL, rx=4, key="told"))
        self.add(rect(LEFT_PX, top_px, 3, high_px, fill=LEADER, key="told/edge"))
        for place, text in enumerate(lines):
            self.add(words(LEFT_PX + 13, top_px + 17 + place * 18, text, key=f"told/{place}"))

    def _caption(self, lines: Sequence[str]) -> None:
        self.take(4 if lines else 0)
        for place, text in enumerate(lines):
            self._line(text, 17, f"caption/{place}", fill=MUTED)

    def _scene(self) -> Scene:
        high_px = round(self._bottom_px + 8)
        ground = rect(0, 0, self.width_px, high_px, fill=PAPER, key="paper")
        return Scene(self.width_px, high_px, (ground, *self._parts))


def _high_px(told: Sequence[str], notes: Sequence[str]) -> float:
    return len(told) * 18 + 22 * bool(told) + len(notes) * 17 + 4 * bool(notes)


def _shorter(lines: list[str], over_px: float, line_px: float) -> list[str]:
    """Leave out as many lines as are too high, but keep the first ones."""
    over = ceil(max(over_px, 0) / line_px)
    return first_lines(lines, max(len(lines) - over, min(len(lines), _LEAST_LINES)))


def first_lines(lines: list[str], most: int) -> list[str]:
    """Return at most so many lines, the last of which counts those that are left out.

    >>> first_lines(["a", "b", "c"], 2)
    ['a', '…and 2 more lines in the text']
    """
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"…and {len(lines) - most + 1} more lines in the text"]
