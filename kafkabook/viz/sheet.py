"""The sheet of paper that every figure is drawn on: question, drawing, one sentence, source.

Drawing functions ask for the next free band (`take`), put marks there (`add`), and finish with
`figure`. What is above and below the drawing is then the same in all of them.
"""

from collections.abc import Sequence

from kafkabook.viz.figure import WIDTH_PX, Figure
from kafkabook.viz.letters import TEXT_PX, wrapped
from kafkabook.viz.plain import plain
from kafkabook.viz.scene import Scene, Shape, rect, words
from kafkabook.viz.table import text_table
from kafkabook.viz.theme import INK, LEADER, MUTED, PANEL, PAPER

LEFT_PX = 14
MOST_TOLD_LETTERS = 800  # of a sentence, of a caption


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
        self._sentence(sentence)
        self._caption(caption)
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

    def _sentence(self, sentence: str) -> None:
        lines = wrapped(sentence, self.room_px - 24)
        if not lines:
            return
        top_px, high_px = self.take(12 + len(lines) * 18 + 10) + 12, len(lines) * 18 + 8
        self.add(rect(LEFT_PX, top_px, self.room_px, high_px, fill=PANEL, rx=4, key="told"))
        self.add(rect(LEFT_PX, top_px, 3, high_px, fill=LEADER, key="told/edge"))
        for place, text in enumerate(lines):
            self.add(words(LEFT_PX + 13, top_px + 17 + place * 18, text, key=f"told/{place}"))

    def _caption(self, caption: str) -> None:
        lines = wrapped(caption, self.room_px)
        self.take(4 if lines else 0)
        for place, text in enumerate(lines):
            self._line(text, 17, f"caption/{place}", fill=MUTED)

    def _scene(self) -> Scene:
        high_px = round(self._bottom_px + 8)
        ground = rect(0, 0, self.width_px, high_px, fill=PAPER, key="paper")
        return Scene(self.width_px, high_px, (ground, *self._parts))
