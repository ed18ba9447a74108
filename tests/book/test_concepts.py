"""The list of concepts is whole, consistent, and true of the package."""

import pytest

from kafkabook.base.settings import find
from kafkabook.book.concepts import Concept, ConceptError, load, parse

CONCEPTS = load().concepts
ROW = """
[[section]]
id = "1.02"
title = "Topic, partition, segment"
[[chapter]]
slug = "01_events_and_the_log"
title = "Events and the log"
part = "I Foundations"
question = "What is a commit log?"
[[concept]]
id = "log.offset"
term = "offset"
korean = "오프셋"
in_notes = "offset"
notes = "1.02"
chapter = "01_events_and_the_log"
meaning = "The number of a record in its partition."
implemented_by = "kafkabook.log.offsets.assign_offsets"
"""
WORD = """
[[word]]
term = "log end offset"
korean = "로그 끝 오프셋 (LEO)"
meaning = "The number that the next record will get."
first_met = "01_events_and_the_log"
see = "offset"
"""


def test_every_idea_of_the_notes_is_listed() -> None:
    """Nothing of the lecture notes is left out: 117 ideas in 24 sections."""
    assert (117, 24) == (len(CONCEPTS), len({concept.section for concept in CONCEPTS}))


def test_no_chapter_is_without_a_concept_except_the_first_and_the_last() -> None:
    """Those two show what the others explain."""
    taught = {concept.chapter for concept in CONCEPTS}
    untaught = [chapter.slug for chapter in load().chapters if chapter.slug not in taught]
    assert ["00_start_here", "21_the_real_thing"] == untaught


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.id)
def test_a_concept_names_settings_that_exist(concept: Concept) -> None:
    """By their right names, not by the spellings of the notes."""
    assert list(concept.settings) == [find(name).name for name in concept.settings]


def test_every_concept_has_a_korean_name_in_hangul() -> None:
    """The lecture was held in Korean; file suffixes and product names may stand beside it."""
    latin = [c.id for c in CONCEPTS if not _has_hangul(c.korean)]
    assert ["schema.avro", "streams.ksql"] == latin


def _has_hangul(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


def test_a_korean_name_stands_for_one_concept_only() -> None:
    """Two English terms under one Korean word would send a reader to the wrong one."""
    names = [concept.korean for concept in CONCEPTS]
    assert [] == [name for name in set(names) if names.count(name) > 1]


@pytest.mark.parametrize("spelling", ["리플리카", "에폭", "압착", "고정 할당"])
def test_a_term_is_spelled_in_one_way(spelling: str) -> None:
    """레플리카, 에포크, 컴팩션 and 스티키, wherever they occur."""
    assert [] == [concept.id for concept in CONCEPTS if spelling in concept.korean]


@pytest.mark.parametrize(
    ("identifier", "korean", "in_notes"),
    [
        ("eos.isolation", "마지막 안정 오프셋 (LSO)", "isolation.level"),
        ("eos.duplicates", "중복의 원인", "EOS 필요성"),
        ("failure.sequence", "리더 장애", "Replica Failure"),
        ("log.commit-log", "커밋 로그", "commit log"),
    ],
)
def test_a_term_and_the_words_of_the_notes_are_two_things(
    identifier: str, korean: str, in_notes: str
) -> None:
    """The glossary names the concept; the map quotes the heading that it was found under."""
    (concept,) = (concept for concept in CONCEPTS if concept.id == identifier)
    assert (korean, in_notes) == (concept.korean, concept.in_notes)


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("log.offset", "Log offset", "id is not group.name"),
        ('chapter = "01', 'chapter = "02', "chapter is unknown"),
        ('notes = "1.02', 'notes = "9.99', "section of the notes is unknown"),
        ("partition.", "partition", "meaning is not one sentence"),
        ("implemented_by", "planned = true\nimplemented_by", "so it is not planned"),
        ("implemented_by", "exercise", "must name what implements it"),
        ("korean", "corean", "unexpected keyword"),
        ("in_notes", "in_note", "unexpected keyword"),
        ("[[section]]", ROW.split("[[concept]]")[1].join(["[[concept]]", "[[section]]"]), "once"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(was: str, becomes: str, reason: str) -> None:
    """A glossary with a hole is found when it is read, not by a reader."""
    with pytest.raises(ConceptError, match=reason) as refused:
        parse(ROW.replace(was, becomes, 1))
    assert "og" in str(refused.value)  # names the row


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ('term = "log end offset"', 'term = "offset"', "more than once: offset"),
        ('first_met = "01', 'first_met = "99', "log end offset: it is first met in no built"),
        ('see = "offset"', 'see = "offsets"', "log end offset: what it sends to is no term"),
        ("get.", "get", "log end offset: its meaning is not one sentence"),
        ("korean", "corean", "log end offset: .*unexpected keyword"),
    ],
)
def test_a_word_that_does_not_fit_is_refused_by_name(was: str, becomes: str, reason: str) -> None:
    """It is held to the same rules as a concept, and has no section of the notes."""
    assert 1 == len(parse(ROW + WORD).words)
    with pytest.raises(ConceptError, match=reason):
        parse(ROW + WORD.replace(was, becomes, 1))


def test_a_concept_is_first_met_in_a_chapter_that_can_be_read() -> None:
    """A link into a planned chapter would lead nowhere."""
    with pytest.raises(ConceptError, match=r"log.offset: it is first met in no built chapter"):
        parse(ROW + 'first_met = "02_brokers"')
