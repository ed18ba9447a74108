"""The generated pages say what the list says: nothing typed twice, nothing left out."""

import re
from dataclasses import replace

from kafkabook.base.settings import settings
from kafkabook.book.concepts import load
from kafkabook.book.glossary import glossary_page
from kafkabook.book.pages import index_page, map_page, then_and_now_page

CONCEPTS = load()
BUILT = ["01_events_and_the_log"]


def test_the_front_page_asks_every_question_and_links_what_is_built() -> None:
    """A reader sees the whole way, and which part of it can be walked today."""
    page = index_page(CONCEPTS, BUILT)
    assert 22 == page.count("<li")
    assert ["chapters/01_events_and_the_log.html"] == re.findall(r'href="([^"]+)"', page)
    assert 21 == page.count("· planned")


def test_the_front_page_leads_to_the_notebooks_around_the_chapters() -> None:
    """They stand between the questions and the glossary, as they were named."""
    page = index_page(CONCEPTS, BUILT, ["true_then_wrong_now", "kafka_after_the_notes"])
    around = page[page.index(":caption: Around the chapters") :].splitlines()
    names = ["chapters/true_then_wrong_now", "chapters/kafka_after_the_notes"]
    assert ["asked_all_the_time", *names, "glossary"] == around[2:6]


def test_a_question_is_text_and_never_markup() -> None:
    """The list is data; a page is HTML."""
    chapters = (replace(CONCEPTS.chapters[0], question="<b>?"),)
    page = index_page(replace(CONCEPTS, chapters=chapters), [])
    assert "&lt;b&gt;?" in page


def test_the_map_leads_from_every_section_to_its_terms() -> None:
    """Whoever attended the lecture finds each of its ideas again."""
    page = map_page(CONCEPTS, BUILT)
    assert [c.term for c in CONCEPTS.concepts] == re.findall(r"\{term\}`([^`]+)`", page)
    assert "| KRaft + | {term}`KRaft metadata quorum` | chapter 02, planned |" in page


def test_the_map_quotes_the_notes_and_the_glossary_names_the_term() -> None:
    """A reader with the notes in hand seeks their words; one with a Korean book seeks the term."""
    for concept in CONCEPTS.concepts:
        assert f"| {concept.in_notes}" in map_page(CONCEPTS, BUILT), concept.id
    assert "_마지막 안정 오프셋 (LSO)_" in glossary_page(CONCEPTS, BUILT)
    assert "마지막 안정" not in map_page(CONCEPTS, BUILT)


def test_then_and_now_lists_only_what_changed() -> None:
    """An unchanged default would hide the ones that did."""
    page = then_and_now_page(settings())
    assert "| <code>linger.<wbr>ms</code> | `0` | `0` | `5` | KIP-1030 |" in page
    assert "batch.<wbr>size" not in page
