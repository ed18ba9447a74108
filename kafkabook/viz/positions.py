"""How much of a sheet is left for a drawing that shares its height between rows."""

from kafkabook.viz.figure import most_height_px
from kafkabook.viz.letters import wrapped
from kafkabook.viz.plain import plain
from kafkabook.viz.sheet import MOST_TOLD_LETTERS, Sheet


def room_px(sheet: Sheet, sentence: str, caption: str) -> float:
    """Return the height in px between what a sheet holds and the words that will close it.

    >>> room_px(Sheet("Who?"), "One line.", "") - room_px(Sheet("Who?"), "One line.", "Source.")
    21.0
    """
    lines = len(wrapped(plain(sentence, MOST_TOLD_LETTERS), sheet.room_px - 24))
    below_px = lines * 18 + 22 * bool(lines) + 8
    notes = len(wrapped(plain(caption, MOST_TOLD_LETTERS), sheet.room_px))
    return most_height_px(sheet.width_px) - sheet.take(0) - below_px - notes * 17 - 4 * bool(notes)
