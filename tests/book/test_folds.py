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


def test_an_answer_is_folded_with_the_checks_that_would_tell_it() -> None:
    """The question, and the code to think about, stay open."""
    cells = [code("count()", "guess", says="3"), code("assert count() == 3"), code("more()")]
    assert ["remove-input"] == folded(cells)[2]["metadata"]["tags"]
    assert [
        "count()",
        SHOW,
        ("count()", "3"),
        "assert count() == 3",
        "</details>",
        "more()",
    ] == seen(folded(cells))


def test_a_guess_without_an_output_folds_its_check() -> None:
    """An assertion is the answer then."""
    cells = [code("n = count()", "guess"), code("assert n == 3  # three"), code("assert n")]
    assert ["n = count()", SHOW, "assert n == 3  # three", "assert n", "</details>"] == seen(
        folded(cells)
    )


def test_a_check_that_is_asked_to_be_folded_is() -> None:
    """With nothing before it that could be shown instead: words may stand between."""
    cells = [code("assert count() == 3", "guess"), code("more()")]
    assert [SHOW, "assert count() == 3", "</details>", "more()"] == seen(folded(cells))


def test_a_cell_that_does_more_than_assert_stays_open() -> None:
    """So does one that is only a comment, or a line of IPython's own."""
    for source in ("n = 2\nassert n == 2", "# nothing", "%matplotlib inline", ""):
        cells = [code("count()", "guess", says="3"), code(source)]
        assert source == seen(folded(cells))[-1]
    prose = nbformat.v4.new_markdown_cell("assert", id="prose")
    assert "assert" == seen(folded([code("count()", "guess", says="3"), prose]))[-1]


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
    """Checks after an ordinary cell included, and a guess with nothing to hide."""
    cells = [code("f()", says="1"), code("assert f() == 1"), code("n = f(2)", "guess")]
    assert cells == folded(cells)


def test_a_folded_page_is_a_valid_notebook() -> None:
    """Each cell has an identifier of its own, which later tools insist on."""
    cells = [code("import a", "imports"), code("count()", "guess", says="3"), code("assert 1")]
    page = for_a_page(json.dumps(nbformat.v4.new_notebook(cells=cells)).encode())
    told = nbformat.reads(page.decode(), as_version=4)
    nbformat.validate(told)
    assert 8 == len({cell["id"] for cell in told.cells})


def test_in_jupyterlab_the_checks_that_would_tell_an_answer_are_closed() -> None:
    """They run with all others; a check of what nobody is asked for stays open.

    Of a closed cell JupyterLab still shows the first line, so that line tells nothing.
    """
    cells = [
        code("count()", "guess"),
        code("assert count() == 3"),
        code("n = 4"),
        code("assert n"),
        code("more()"),
        code("assert more() == 5", "guess"),
    ]
    hidden = [cell["metadata"].get("jupyter", {}).get("source_hidden") for cell in closed(cells)]
    assert [None, True, None, None, None, None] == hidden
    told = ["# checks the answers: click to open\nassert count() == 3", *seen(cells)[2:]]
    assert [seen(cells)[0], *told] == seen(closed(cells))
