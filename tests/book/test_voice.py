"""How chapters sound and are built, as far as a machine can hear it.

Short sentences, a guess before what surprises, and the notes, KIPs and source files folded away.
"""

import ast
import re
from pathlib import Path
from statistics import mean

import pytest

from tests.book.prose import (
    LINK,
    cells_of,
    main_text,
    paragraphs,
    sentences,
    shown,
    source,
    tags,
    words,
)

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("[0-9]*.ipynb"))
MOST_WORDS = 25
MEAN_WORDS = (11, 15)
BOLD = re.compile(r"\*\*(?!Guess|Next|The answer)([^*]+)\*\*")
GUESS = re.compile(r"\*\*Guess:\*\* [^?]*\?")
FOLDED_AWAY = re.compile(r"§|[가-힣]|KIP-\d|\w+\.(?:scala|java)\b|[Tt]he notes\b|lecture notes")
BARE = re.compile(r"\b[A-Z]\w+\((?:\w+=|\))")

pytestmark = pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])


def test_sentences_are_short(path: Path) -> None:
    """11 to 15 words on average, and none above 25: to be read once."""
    told = sentences(cells_of(path))
    assert [] == [sentence for sentence in told if words(sentence) > MOST_WORDS]
    assert MEAN_WORDS[0] <= mean(map(words, told)) <= MEAN_WORDS[1]


def test_a_paragraph_brings_one_new_term_at_most(path: Path) -> None:
    """It is bold where it first stands, and explained there."""
    told = [p for cell in cells_of(path) for p in paragraphs(cell)]
    assert [] == [p for p in told if len(BOLD.findall(p)) > 1]


def test_a_term_is_new_once(path: Path) -> None:
    """A word that is bold twice is explained twice, or neither time."""
    terms = [term for cell in cells_of(path) for term in BOLD.findall(main_text(cell))]
    assert sorted(set(terms)) == sorted(terms)


def test_what_surprises_is_guessed_first(path: Path) -> None:
    """Each cell tagged `guess` stands behind a question, in the words right before it."""
    before, unasked = "", []
    for cell in cells_of(path):
        before = main_text(cell) if cell["cell_type"] == "markdown" else before
        if "guess" in tags(cell) and not GUESS.search(before.replace("\n", " ")):
            unasked.append(source(cell))
    assert [] == unasked


def test_notes_and_sources_are_folded(path: Path) -> None:
    """The main text needs none of them; a page may be called after the notes."""
    told = [FOLDED_AWAY.findall(LINK.sub("", main_text(cell))) for cell in cells_of(path)]
    assert [] == [found for found in told if found]


def test_checks_are_tagged_and_only_check(path: Path) -> None:
    """A page folds them; an assertion elsewhere would stand in a reader's way."""
    wrong = []
    for cell in cells_of(path):
        if cell["cell_type"] != "code":
            continue
        parts = ast.walk(ast.parse(source(cell)))
        asserts, is_check = any(isinstance(it, ast.Assert) for it in parts), "check" in tags(cell)
        if asserts != is_check or (is_check and shown(cell)):
            wrong.append(source(cell))
    assert [] == wrong


def test_a_card_is_one_call(path: Path) -> None:
    """A default is shown by its card."""
    cards = [source(cell) for cell in cells_of(path) if "card" in tags(cell)]
    assert [] == [card for card in cards if not re.fullmatch(r'explain\("[^"]+"[^)]*\)', card)]


def test_nothing_shown_is_a_bare_dataclass(path: Path) -> None:
    """A line or a card for a person."""
    told = [shown(cell) for cell in cells_of(path) if "card" not in tags(cell)]
    assert [] == [text for text in told if BARE.search(text)]


def test_the_first_screen_has_a_figure(path: Path) -> None:
    """It stands in the first cell after the imports, and before any section."""
    cells = cells_of(path)
    title, imports, *rest = cells
    first = next(cell for cell in rest if cell["cell_type"] == "code")
    assert title["cell_type"] == "markdown" and "imports" in tags(imports)
    assert any("image/svg+xml" in o.get("data", {}) for o in first["outputs"])
    assert [] == [c for c in rest[: rest.index(first)] if source(c).startswith("## ")]


def test_the_last_words_lead_on(path: Path) -> None:
    """To the next chapter, by a link with its question."""
    last = [cell for cell in cells_of(path) if cell["cell_type"] == "markdown"][-1]
    assert re.search(r"\*\*Next:\*\* \[[^\]]+\]\(\w+\.ipynb\)", source(last))
