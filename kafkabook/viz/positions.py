"""How much of a sheet is left for a drawing that shares its height between rows."""

from kafkabook.viz.figure import WIDTH_PX, most_height_px
from kafkabook.viz.sheet import Sheet

_MOST_FOOT = 0.45  # of a narrow sheet's height; what is beyond it is left to the text


def room_px(sheet: Sheet, sentence: str, caption: str) -> float:
    """Return the height in px between what a sheet holds and the words that will close it.

    >>> room_px(Sheet("Who?"), "One line.", "") - room_px(Sheet("Who?"), "One line.", "Source.")
    21.0
    """
    most_px = most_height_px(sheet.width_px)
    foot_px = sheet.foot_px(sentence, caption)
    if sheet.width_px < WIDTH_PX:
        foot_px = min(foot_px, _MOST_FOOT * most_px)
    return most_px - 8 - sheet.take(0) - foot_px
