"""How Sphinx is told to make the site: furo, offline, our font, our script where it is needed.

The settings are data here instead of a `conf.py`, so that the book can be built from a wheel.
"""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kafkabook import __version__
from kafkabook.book.search_index import write_sections
from kafkabook.viz import front_end
from kafkabook.viz.fonts import LICENCE, faces_css, licence
from kafkabook.viz.theme import SANS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STATIC, TEMPLATES = (
    str(files("kafkabook.book").joinpath(name)) for name in ("static", "templates")
)
FONTS = "fonts.css"
_MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_FONTS = {"font-stack": f"{SANS}, Noto Sans KR", "font-stack--monospace": _MONO}
_LIGHT = {"color-brand-primary": "#0072b2", "color-brand-content": "#0072b2"}
_DARK = {"color-brand-primary": "#4ea5df", "color-brand-content": "#4ea5df"}

SPHINX: dict[str, Any] = {
    "project": "kafkabook",
    "release": __version__,
    "extensions": ["myst_nb", "kafkabook.book.site"],
    "exclude_patterns": [],
    "html_theme": "furo",
    "html_title": "Apache Kafka from the inside",
    "html_static_path": [STATIC],
    "templates_path": [TEMPLATES],
    "html_css_files": [FONTS, "book.css"],
    "html_show_copyright": False,
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_search_summary": False,  # it would fetch pages, which file:// forbids
    "html_theme_options": {
        "light_css_variables": _FONTS | _LIGHT,
        "dark_css_variables": _FONTS | _DARK,
        "navigation_with_keys": False,  # the arrow keys belong to the figures
        "top_of_page_buttons": [],
        "footer_icons": [],
    },
    "html_use_index": False,
    "mathjax_path": "no-formulas-here.js",  # the default is a CDN; the browser test would notice
    "myst_enable_extensions": ["colon_fence", "deflist"],
    "myst_heading_anchors": 3,
    "nb_execution_mode": "off",  # the chapters come executed
    "nb_ipywidgets_js": {},
    "nb_merge_streams": True,
    "pygments_style": "kafkabook.book.code_style.Readable",
}


def setup(app: "Sphinx") -> dict[str, bool]:
    """Register what a page needs beyond the theme (Sphinx calls this by its name)."""
    app.connect("builder-inited", add_fonts)
    app.connect("html-page-context", add_player_script)
    app.connect("html-page-context", add_neighbours)
    app.connect("build-finished", write_sections)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_fonts(app: "Sphinx") -> None:
    """Write the font of all pages, and its licence, beside the other styles.

    It is data in a style, for a browser may refuse font files under `file://`.
    """
    static = Path(app.outdir, "_static")
    static.mkdir(parents=True, exist_ok=True)
    for name, text in ((FONTS, faces_css()), (LICENCE, licence())):
        (static / name).write_text(text, encoding="utf-8")


def add_player_script(
    _app: "Sphinx", _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Lay the figures' script into the pages that hold a player, word for word.

    An external module is blocked under `file://`, and a page without a player needs none.
    """
    body = context.get("body", "")
    is_needed = any(mark in body for mark in ("data-kb-player", "data-kb-film"))
    needed = [front_end.page_script()] if is_needed else []
    context["metatags"] = "".join([context.get("metatags", ""), *needed])
    if "data-kb-film" in body:  # the first one plays once when it is seen, no other by itself
        context["body"] = body.replace("data-kb-film ", "data-kb-film data-kb-plays ", 1)


def add_neighbours(
    _app: "Sphinx", page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Lay links to the chapters before and after on top of a chapter too, for it is long."""
    if page.startswith("chapters/"):
        links = [
            f'<a rel="{rel}" href="{context[rel]["link"]}">{mark.format(context[rel]["title"])}</a>'
            for rel, mark in (("prev", "‹ {}"), ("next", "{} ›"))
            if context.get(rel)
        ]
        nav = f'<nav class="kb-neighbours" aria-label="Neighbours">{"".join(links)}</nav>'
        context["body"] = nav + context["body"]
