"""The glossary has every term once, in the order in which a reader seeks it."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from kafkabook.base.settings import find
from kafkabook.book.concepts import Word, load
from kafkabook.book.glossary import glossary_page, sorted_as

CONCEPTS = load()
BUILT = ["00_start_here", "01_events_and_the_log", "12_log_files"]
PAGE = glossary_page(CONCEPTS, BUILT)
CHAPTERS = Path(__file__).parents[2] / "chapters"
ASKED_FOR = [
    *("active segment", "committed offset", "compaction", "flush", "high watermark", "lag"),
    *("log end offset", "log start offset", "page cache", "position", "record batch", "recovery"),
    *("recovery point", "retention", "tombstone", "torn tail", "varint"),
]


def entry(term: str) -> list[str]:
    """The lines of one term."""
    return PAGE.partition(f"\n{term}\n")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()


def test_a_concept_says_where_it_is_shown_built_and_set() -> None:
    """With its Korean name, its section of the notes and what to import."""
    assert [
        "  _오프셋_ · § 1.02 · [chapter 01](chapters/01_events_and_the_log.ipynb)\\",
        "  Part: `kafkabook.log.offsets.assign_offsets`\\",
        "  Exercise: 01.1\\",
        "  Settings: `auto.offset.reset`",
    ] == entry("offset")


def test_a_planned_concept_names_the_chapter_that_uses_it_already() -> None:
    """Whoever meets a word needs it today, not when its own chapter is written."""
    met = "first met in [chapter 12](chapters/12_log_files.ipynb)"
    assert [
        f"  _로그 컴팩션_ · § 3.04 · {met} · chapter 15, planned\\",
        "  Settings: `min.cleanable.dirty.ratio`",
    ] == entry("compaction")


def test_a_word_says_where_it_is_met_and_where_there_is_more() -> None:
    """It is no idea of the notes, so it has no section there."""
    assert [
        "  _잘린 꼬리_ · first met in [chapter 12](chapters/12_log_files.ipynb)\\",
        "  Part: `kafkabook.log.recovery.Recovery`\\",
        "  See {term}`recovery`",
    ] == entry("torn tail")


def test_every_term_has_one_entry_in_the_order_of_the_alphabet() -> None:
    """Dots and underscores aside: nobody seeks `.index` before `A`."""
    terms = re.findall(r"^(\S.*)\n  [A-Z]", PAGE, re.MULTILINE)
    assert sorted((row.term for row in CONCEPTS.entries), key=sorted_as) == terms
    assert [] == [
        row.term for row in CONCEPTS.entries if f"\n{row.term}\n  {row.meaning}\n" not in PAGE
    ]


def test_the_letters_on_top_lead_to_the_letters_below() -> None:
    """And a letter without a term leads nowhere."""
    headings = re.findall(r"^## (.)$", PAGE, re.MULTILINE)
    assert [f"#{letter.lower()}" for letter in headings] == re.findall(r'href="([^"]+)"', PAGE)
    assert 26 == len(headings) + PAGE.count("<span>")


def test_what_the_built_chapters_name_can_be_looked_up() -> None:
    """Words that a newcomer met in chapters 01 and 12 and did not find."""
    assert [] == [term for term in ASKED_FOR if term not in {row.term for row in CONCEPTS.entries}]


@pytest.mark.parametrize("word", CONCEPTS.words, ids=lambda word: word.term)
def test_a_word_is_met_where_the_glossary_says_and_names_what_exists(word: Word) -> None:
    """A reader who follows the link finds it there; class and settings have their right names."""
    text = (CHAPTERS / f"{word.first_met}.ipynb").read_text(encoding="utf-8").lower()
    plain = re.sub(r"[*_`]", " ", text)
    assert [] == [part for part in word.term.split() if not re.search(rf"\b{part}", plain)]
    assert list(word.settings) == [find(name).name for name in word.settings]
    module, _, name = word.implemented_by.rpartition(".")
    assert not module or callable(getattr(import_module(module), name))
