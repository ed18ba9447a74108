"""A page keeps an answer folded until a reader has guessed, and its imports out of the way."""

import json
from typing import Any

import nbformat

from kafkabook.book.folds import Cell, closed, folded
from kafkabook.book.notebooks import for_a_page

SHOW = '<details class="kb-fold kb-fold-guess"><summary>I have guessed. Show.</summary>'
IMPORTS = '<details class="kb-fold kb-fold-imports"><summary>Imports</summary>'


def code(source: str, *tags: str, says: str = "") -> Cell:
    """A code cell as a run leaves it, with one output or none."""
    outputs = [nbformat.v4.new_output("stream", text=says)] if says else []
    made: Cell = nbformat.v4.new_code_cell(source, outputs=outputs, id=f"id-{sum(source.encode())}")
    made["metadata"]["tags"] = list(tags)
    return made


def seen(cells: list[Cell]) -> list[Any]:
    """Per cell its text, and what it says if it says anything."""
    return [
        (cell["source"], "".join(output["text"] for output in cell["outputs"]))
        if cell.get("outputs")
        else cell["source"]
        for cell in cells
    ]


def test_an_answer_is_folded_and_its_question_is_not() -> None:
    """The code to think about stays open; a guess that shows nothing has nothing to hide."""
    cells = [code("count()", "guess", says="3"), code("n = count()", "guess"), code("more()")]
    assert ["remove-input"] == folded(cells)[2]["metadata"]["tags"]
    assert ["count()", SHOW, ("count()", "3"), "</details>", "n = count()", "more()"] == seen(
        folded(cells)
    )


def test_imports_are_folded_whole() -> None:
    """Fifteen lines of them are not how a chapter begins."""
    assert [IMPORTS, "import a", "</details>", "a()"] == seen(
        folded([code("import a", "imports"), code("a()")])
    )


def test_the_checks_of_a_section_have_a_fold_of_their_own() -> None:
    """They tell its answers, so JupyterLab closes them as well; what follows them stays open."""
    cells = [
        code("count()", "guess", says="3"),
        code("assert count() == 3", "check"),
        code("more()"),
    ]
    says = "This section's claims, as code that is run"
    fold = f'<details class="kb-fold kb-fold-check"><summary>{says}</summary>'
    assert [
        *("count()", SHOW, ("count()", "3"), "</details>"),
        *(fold, "assert count() == 3", "</details>", "more()"),
    ] == seen(folded(cells))
    assert "# checks the answers: click to open\nassert count() == 3" == seen(closed(cells))[1]
    assert closed(cells)[1]["metadata"]["jupyter"] == {"source_hidden": True}
    assert "jupyter" not in closed(cells)[2]["metadata"]


def test_of_a_card_a_page_shows_no_code() -> None:
    """The call that makes it says no more than its first line; without a run there is nothing."""
    cells = [code("explain('acks')", "card", says="acks: …"), code("explain('acks')", "card")]
    (shown,) = folded(cells)
    assert (["remove-input"], "acks: …") == (shown["metadata"]["tags"], shown["outputs"][0]["text"])


def test_what_is_not_tagged_is_left_alone() -> None:
    """Assertions included, and words that stand between cells."""
    prose = nbformat.v4.new_markdown_cell("assert", id="prose")
    cells = [code("f()", says="1"), code("assert f() == 1"), prose]
    assert cells == folded(cells)


def test_a_folded_page_is_a_valid_notebook() -> None:
    """Each cell has an identifier of its own, which later tools insist on."""
    checks = code("assert 1", "check")
    cells = [code("import a", "imports"), code("count()", "guess", says="3"), checks]
    page = for_a_page(json.dumps(nbformat.v4.new_notebook(cells=cells)).encode())
    told = nbformat.reads(page.decode(), as_version=4)
    nbformat.validate(told)
    assert 10 == len({cell["id"] for cell in told.cells})
