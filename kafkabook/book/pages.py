"""The pages that no notebook holds: the index, the map from the notes, and what has changed since.

They are made from the list of concepts and the table of settings, as MyST text for Sphinx.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from kafkabook.base.settings import VERSIONS, Setting
from kafkabook.book.concepts import Chapter, Concept, Concepts
from kafkabook.scenarios.catalogue import SCENARIOS

_CLASS = re.compile(r"^(?:[a-z]\w*\.)+([A-Z]\w+)$")
GLOSSARY, MAP, THEN_AND_NOW = "glossary", "map_from_the_notes", "then_and_now"
ASKED, CLAIMS = "asked_all_the_time", "claims"


def index_page(concepts: Concepts, built: Sequence[str], around: Sequence[str] = ()) -> str:
    """Return the front page: every chapter as the question that it answers.

    Args:
        built: the chapters that are there. around: other notebooks, which no chapter list names.
    """
    beside = [f"chapters/{slug}" for slug in around]
    return "\n".join(
        [
            "# Apache Kafka from the inside",
            "",
            '<p class="kb-lead">Kafka is a handful of state machines that exchange messages.',
            "Each is here as a small object that you can run, break, replace and build.</p>",
            "",
            *_moving_cluster(),
            "",
            "When you have read this book, you can",
            "",
            "- say when a record is safe, and which setting decides it;",
            "- follow a record from its producer to the disk of three brokers, byte by byte;",
            "- say who becomes leader when a machine dies, and what is lost;",
            "- write the parts that decide all this, and run them in a cluster under faults.",
            "",
            "These pages need no kernel and no network; the figures move as they are. To change",
            "the code as well, run `make lab` in a checkout, or `kafkabook lab` once installed.",
            "",
            *_questions(concepts.chapters, built),
            *_toctree("Chapters", [_titled(slug, concepts) for slug in built]),
            *_toctree("Around the chapters", [ASKED, *beside, GLOSSARY, MAP, THEN_AND_NOW, CLAIMS]),
        ]
    )


def _moving_cluster() -> list[str]:
    """Return the film that plays in the first screen of the book."""
    title = "Broker 1 leads, and loses its power. Is anything lost?"
    film = SCENARIOS["S1"].film("good", title=title, plays=True)
    return ["```{raw} html", film.html(), "```"]


def _titled(slug: str, concepts: Concepts) -> str:
    titles = {chapter.slug: f"{chapter.number} {chapter.title}" for chapter in concepts.chapters}
    return f"{titles.get(slug, slug)} <chapters/{slug}>"


def map_page(concepts: Concepts, built: Sequence[str]) -> str:
    """Return, section by section of the lecture notes, what became of each of their ideas."""
    lines = [
        "# Map from the lecture notes",
        "",
        "The book grew out of lecture notes on Apache Kafka. Nothing of them is left out: here is",
        "each section, and where its ideas went. A plus marks what goes beyond the notes.",
        "",
    ]
    for section in concepts.sections:
        lines += [f"## § {section.id} {section.title}", ""]
        lines += ["| in the notes | in English | in the book |", "| --- | --- | --- |"]
        lines += [_map_row(concept, built) for concept in concepts.of_section(section.id)]
        lines += [""]
    return "\n".join(lines)


def then_and_now_page(rows: Sequence[Setting]) -> str:
    """Return the defaults that changed, of the settings that the notes name."""
    lines = [
        "# Then and now",
        "",
        "The lecture notes describe Kafka around 2.8. These defaults have changed since. A chapter",
        "that names one asserts it against the same table; `kafkabook explain` prints a row.",
        "A dash: that version has no such setting.",
        "",
    ]
    changed = [row for row in rows if row.changed and row.notes_section]
    for scope, members in groupby(changed, key=lambda row: row.scope):
        name = "ZooKeeper" if scope == "zookeeper" else scope.capitalize()
        lines += [f"## {name}", "", "| setting | 2.8 | 3.9 | 4.x | why |"]
        lines += ["| --- | --- | --- | --- | --- |", *map(_setting_row, members), ""]
    return "\n".join(lines)


def _setting_row(row: Setting) -> str:
    defaults = [_default(row.defaults[version]) for version in VERSIONS]
    name = row.name.replace(".", ".<wbr>")  # long names break at their dots
    return f"| <code>{name}</code> | {' | '.join(defaults)} | {row.kip} |"


def _default(text: str) -> str:
    """Say a default in a narrow cell: classes by their own name, what is absent as a dash."""
    if text.startswith(("n/a", "removed")):
        return "–"
    words = [_CLASS.sub(r"\1", word) for word in text.strip('[]"').split(", ")]
    return "<br>".join(f"`{word}`" if word else "empty" for word in words)


def _questions(chapters: Iterable[Chapter], built: Sequence[str]) -> list[str]:
    lines = []
    for part, members in groupby(chapters, key=lambda chapter: chapter.part):
        lines += [f"## {part}", "", '<ul class="kb-questions">']
        lines += [_question(chapter, is_built=chapter.slug in built) for chapter in members]
        lines += ["</ul>", ""]
    return lines


def _question(chapter: Chapter, *, is_built: bool) -> str:
    title = escape(chapter.title) + ("" if is_built else " · planned")
    told = f"<i>{chapter.number}</i><b>{escape(chapter.question)}</b> <span>{title}</span>"
    if not is_built:
        return f'<li class="kb-planned"><div>{told}</div></li>'
    return f'<li><a href="chapters/{chapter.slug}.html">{told}</a></li>'


def _toctree(caption: str, pages: Sequence[str]) -> list[str]:
    return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""]


def _map_row(concept: Concept, built: Sequence[str]) -> str:
    term = f"{{term}}`{concept.term}`"
    beyond = " +" if concept.notes.endswith("+") else ""
    return f"| {concept.in_notes}{beyond} | {term} | {chapter_link(concept.chapter, built)} |"


def chapter_link(slug: str, built: Sequence[str]) -> str:
    """Return a link to a chapter, or only its number where it is not built yet.

    >>> chapter_link("02_brokers_and_the_controller", [])
    'chapter 02, planned'
    """
    if slug in built:
        return f"[chapter {slug[:2]}](chapters/{slug}.ipynb)"
    return f"chapter {slug[:2]}, planned"
