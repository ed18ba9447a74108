"""What the book's search looks through: every section of every page, as a script for `file://`.

Sphinx's own search knows pages alone, and would fetch them for an excerpt, which `file://` forbids.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SECTIONS = "sections.js"


class PageSection(NamedTuple):
    """One section: its page with the anchor, the page's title, its own, and its words."""

    link: str
    page: str
    title: str
    text: str


def write_sections(app: "Sphinx", error: Exception | None) -> None:
    """Write the sections of all pages beside the other scripts (Sphinx calls this at the end)."""
    if error is None:
        found = [section for name in sorted(app.env.found_docs) for section in _of_page(app, name)]
        data = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        harmless = data.replace("</", r"<\/")
        script = f"const KB_SECTIONS={harmless};\n"
        Path(app.outdir, "_static", SECTIONS).write_text(script, encoding="utf-8")


def _of_page(app: "Sphinx", name: str) -> Iterator[PageSection]:
    yield from sections(app.env.get_doctree(name), name)


def sections(page: Any, name: str) -> Iterator[PageSection]:
    """Yield the sections of a page in order; the words of one inside another are its own alone.

    Args:
        page: a docutils document.
    """
    nodes, title = import_module("docutils.nodes"), ""
    for section in page.findall(nodes.section):
        heading = next(iter(section.findall(nodes.title))).astext()
        title = title or heading
        text = " ".join(part for child in section.children for part in _words(child))
        yield PageSection(
            f"{name}.html#{section['ids'][0]}", title, heading, " ".join(text.split())
        )


def _words(node: Any) -> Iterator[str]:
    nodes = import_module("docutils.nodes")
    if isinstance(node, nodes.section | nodes.title | nodes.raw | nodes.comment):
        return
    if isinstance(node, nodes.Text):
        yield node.astext()
    else:
        for child in node.children:
            yield from _words(child)
