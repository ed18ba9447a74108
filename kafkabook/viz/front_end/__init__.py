"""The front end: small ES modules, joined into the one that a page and a notebook are given.

A reader needs no tool for it. `main.js` says where to begin; each module imports only from those
that stand before it in `MODULES`.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

from rjsmin import jsmin

from kafkabook.viz.theme import COLOURS, MONO, SANS, style_of

MODULES = (
    *("scene.js", "page.js", "film.js", "words.js", "axis.js", "stage.js", "lane.js", "menu.js"),
    *("guess.js", "code.js", "figure.js", "player.js"),
    *("knobs.js", "pane.js", "grid.js", "explorer.js", "main.js"),
)
STYLE = "style.css"
_IMPORT = re.compile(r'^import (?P<what>[^;]+?) from "\./(?P<name>[^"]+)";\n', re.MULTILINE)
_NESTED = re.compile(r"\$\{[^{}`]*`")
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class) )", re.MULTILINE)
_DECLARED = re.compile(
    r"^(?P<export>export )?(?:async )?(?:const|let|function|class) (?P<name>\w+)", re.MULTILINE
)
_GLOW = "#f5b800"  # behind what a word points at, on light and on dark paper


@cache
def source() -> str:
    """Return the whole front end as the text of one ES module."""
    return joined(MODULES, _text)


def page_script() -> str:
    """Return the element to put once into a page with figures; it works from `file://`."""
    return f'<script type="module">\n{source()}</script>'


def joined(modules: Sequence[str], text_of: Callable[[str], str]) -> str:
    """Return modules as one; what they import from each other is declared further up.

    Args:
        modules: names of files, each after those that it imports from.
        text_of: gives the text of a file by its name.

    Raises:
        ValueError: a module imports what is not listed before it, or what is not exported there,
            two modules declare the same name, or a template stands in a template, whose blanks
            `jsmin` takes for code's.
    """
    exported: dict[str, set[str]] = {STYLE: set()}
    owners: dict[str, str] = {}
    parts = []
    for module in modules:
        text = text_of(module)
        _check_imports(module, text, exported)
        if found := _NESTED.search(text):
            raise ValueError(f"{module} has a template in a template: {found[0]}")
        exported[module] = _declare(module, text, owners)
        parts.append(_IMPORT.sub(_inlined(text_of), _EXPORT.sub("", text)))
    # Types and reasons are for who reads the modules; a page carries the code alone.
    return str(jsmin("".join(parts)))


def style() -> str:
    """Return the style of the front end; its colours are those of the theme, light and dark."""
    painted = " ".join(f'fill="{it.light}" stroke="{it.light}"' for it in COLOURS.values())
    colours = "".join(f"--c-{name}:var(--kb-{name},{it.light});" for name, it in COLOURS.items())
    fonts = f"--kb-sans:{SANS};--kb-mono:{MONO};"
    return (
        f".kb-film,.kb-prose{{{colours}{fonts}--kb-glow:{_GLOW}}}{style_of(painted)}{_file(STYLE)}"
    )


def _check_imports(module: str, text: str, exported: dict[str, set[str]]) -> None:
    for found in _IMPORT.finditer(text):
        name = found["name"]
        if name not in exported:
            raise ValueError(f"{module} imports {name}, which is not listed before it")
        wanted = set(re.findall(r"\w+", found["what"])) if name != STYLE else set()
        if missing := sorted(wanted - exported[name]):
            raise ValueError(f"{module} imports {', '.join(missing)}, not exported by {name}")


def _declare(module: str, text: str, owners: dict[str, str]) -> set[str]:
    """Note the names that a module declares, and return those that it exports."""
    exported = set()
    for found in _DECLARED.finditer(text):
        name = found["name"]
        if name in owners:
            raise ValueError(f"{module} declares {name}, as {owners[name]} does")
        owners[name] = module
        if found["export"]:
            exported.add(name)
    return exported


def _inlined(text_of: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    """Return what stands in place of an import: nothing, or the style as a string."""

    def inlined(found: re.Match[str]) -> str:
        if found["name"] != STYLE:
            return ""
        return f"const {found['what']} = {json.dumps(text_of(STYLE), ensure_ascii=False)};\n"

    return inlined


def _text(name: str) -> str:
    return style() if name == STYLE else _file(name)


def _file(name: str) -> str:
    return files("kafkabook.viz.front_end").joinpath(name).read_text(encoding="utf-8")
