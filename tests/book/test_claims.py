"""Each claim of the book has a part, a test and a source; a cell that is empty stops the build."""

from dataclasses import replace
from pathlib import Path

import pytest

from kafkabook.book.claims import claim_of, claims_page
from kafkabook.book.concepts import Concept, ConceptError, load

CONCEPTS = load()
BUILT = [it for it in CONCEPTS.concepts if not it.planned]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("concept", BUILT, ids=[it.id for it in BUILT])
def test_the_test_of_a_claim_is_there_and_tests(concept: Concept) -> None:
    """A path that leads nowhere proves nothing."""
    assert "def test_" in (ROOT / claim_of(concept).test).read_text(encoding="utf-8")


@pytest.mark.parametrize("concept", BUILT, ids=[it.id for it in BUILT])
def test_a_source_names_something_that_can_be_looked_up(concept: Concept) -> None:
    """Kafka's code, an improvement proposal, or the notes; and it is not cut off."""
    source = claim_of(concept).source
    assert source.startswith(("kafka, ", "KIP-", "notes, "))
    assert not source.endswith((",", ";"))


def test_what_the_list_says_goes_before_what_is_derived() -> None:
    """Some parts are tested elsewhere, and not all docstrings name a source."""
    concept = replace(BUILT[0], test="tests/here.py", source="KIP-1")
    assert ("tests/here.py", "KIP-1") == claim_of(concept)[2:]


def test_a_claim_without_a_source_stops_the_build() -> None:
    """`Claim` itself has none: nobody else says what this table is."""
    concept = replace(BUILT[0], implemented_by="kafkabook.book.claims.Claim")
    with pytest.raises(ConceptError, match=r"stream\.pubsub: no source in its docstring"):
        claims_page(replace(CONCEPTS, concepts=(concept,)), [concept.chapter])


def test_the_table_has_a_row_for_each_built_concept_of_a_built_chapter() -> None:
    """Chapters that are not there yet have none."""
    page = claims_page(CONCEPTS, ["06_in_sync_replicas"])
    mine = [it for it in BUILT if it.chapter == "06_in_sync_replicas"]
    assert len(mine) == page.count("<code>tests/<wbr>")
    assert ["## 06 In-sync replicas"] == [it for it in page.splitlines() if it.startswith("## ")]
    assert (
        "<code>kafkabook.<wbr>replication.<wbr>high_<wbr>watermark.<wbr>high_<wbr>watermark</code>"
        in page
    )
