"""The type family that travels with the figures and the book: Arimo, which is as wide as Arial.

A picture is laid out before anybody draws it (`viz/letters.py`), so it must be drawn in the widths
that were reckoned with. All digits are 0.556 of the font size wide, regular and bold, so numbers
stand below each other. The files are Arimo 1.341, regular and bold, the Latin letters alone, as
Fontsource 5.3.0 packs them; `OFL.txt` is their licence. Arrows, check marks and Korean letters are
not in them: the reader's own fonts have those.
"""

from base64 import b64encode
from functools import cache
from importlib.resources import files

from kafkabook.viz.theme import FAMILY

LICENCE = "OFL.txt"
_FILES = {400: "arimo-latin-400-normal.woff2", 700: "arimo-latin-700-normal.woff2"}


@cache
def faces_css() -> str:
    """Return the style that brings the family into a page; its letters are in it, as data.

    What asks for a weight between the two, or above them, is given the bold letters.
    """
    owner = licence().partition("\n")[0]
    faces = "".join(_face(weight, name) for weight, name in _FILES.items())
    return f"/* {owner}; SIL Open Font License 1.1 */\n{faces}"


def licence() -> str:
    """Return the licence of the family; its first line names the owner."""
    return _read(LICENCE).decode()


def _face(weight: int, name: str) -> str:
    data = f"data:font/woff2;base64,{b64encode(_read(name)).decode()}"
    named = f"font-family:{FAMILY};font-style:normal;font-weight:{weight};font-display:swap"
    return f'@font-face{{{named};src:url({data}) format("woff2")}}\n'


def _read(name: str) -> bytes:
    return files("kafkabook.viz.fonts").joinpath(name).read_bytes()
