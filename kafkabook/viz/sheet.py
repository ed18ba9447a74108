"""The sheet of paper that every figure is drawn on: question, drawing, one sentence, source.

Drawing functions ask for the next free band (`take`), put marks there (`add`), and finish with
`figure`. What is above and below the drawing is then the same in all of them.
"""

from collections.abc import Sequence

from kafkabook.viz.figure import WIDTH_PX, Figure
from kafkabook.viz.letters import wrapped
from kafkabook.viz.plain import plain
from kafkabook.viz.scene import Scene, Shape, rect, words
from kafkabook.viz.table import text_table
from kafkabook.viz.theme import INK, LEADER, MUTED, PANEL, PAPER

LEFT_PX = 18
RIGHT_PX = WIDTH_PX - LEFT_PX
ROOM_PX = RIGHT_PX - LEFT_PX
MOST_TOLD_LETTERS = 800  # of a sentence, of a caption


class Sheet:
    """A page of 720 px that grows downwards.

    Args:
        title: the question, ending in "?".
        subtitle: what was set and how it came about: settings, event, seed.

    >>> sheet = Sheet("How long is the log?")
    >>> sheet.add(words(LEFT_PX, sheet.take(20), "six records"))
    >>> sheet.figure("The log ends at 6.").text
    'How long is the log?\\nThe log ends at 6.'
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self.title, self.subtitle = plain(title), plain(subtitle)
        self._parts: list[Shape] = []
        self._bottom_px = 14.0
        for text in wrapped(self.title, ROOM_PX, 17, bold=True):
            self._line(text, 21, size=17, bold=True)
        for text in wrapped(self.subtitle, ROOM_PX, 12):
            self._line(text, 18, fill=MUTED)
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

    def _line(self, text: str, height_px: float, size: float = 12, **look: str | bool) -> None:
        base_px = self.take(height_px) + height_px - 5
        bold, fill = bool(look.get("bold")), str(look.get("fill", INK))
        self.add(words(LEFT_PX, base_px, text, size=size, bold=bold, fill=fill))

    def _sentence(self, sentence: str) -> None:
        lines = wrapped(sentence, ROOM_PX - 24, 13)
        if not lines:
            return
        top_px = self.take(12 + len(lines) * 18 + 10) + 12
        self.add(rect(LEFT_PX, top_px, ROOM_PX, len(lines) * 18 + 8, fill=PANEL, rx=4))
        self.add(rect(LEFT_PX, top_px, 3, len(lines) * 18 + 8, fill=LEADER))
        for place, text in enumerate(lines):
            self.add(words(LEFT_PX + 13, top_px + 17 + place * 18, text, size=13))

    def _caption(self, caption: str) -> None:
        lines = wrapped(caption, ROOM_PX, 12)
        self.take(4 if lines else 0)
        for text in lines:
            self._line(text, 16, fill=MUTED)

    def _scene(self) -> Scene:
        high_px = round(self._bottom_px + 8)
        ground = rect(0, 0, WIDTH_PX, high_px, fill=PAPER)
        return Scene(WIDTH_PX, high_px, (ground, *self._parts))
