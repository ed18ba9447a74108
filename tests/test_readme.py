"""What the first page shows must run: it is what a newcomer copies."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

from kafkabook.book.concepts import load
from kafkabook.book.pages import index_page

HOME = Path(__file__).parents[1]
README = (HOME / "README.md").read_text(encoding="utf-8")


def test_the_cluster_of_the_first_page_loses_a_record_and_saves_it_in_another_future() -> None:
    """What its comments say is what is read."""
    names: dict[str, Any] = {}
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(dedent(code), names)
    lab, saved = names["lab"], names["saved"]
    assert (2, 2) == (lab.leader("orders"), saved.leader("orders"))
    assert ([], ["m1"]) == (lab.read("orders"), saved.read("orders"))
    assert ["ok"] == [it.outcome for it in lab.sends]


def test_every_page_and_picture_that_the_first_page_names_is_there() -> None:
    """A dead link on the first page is the first thing that is seen."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert [] == [link for link in links if not (HOME / link).exists()]
    assert len(links) >= 3


def test_every_target_of_its_table_is_one_of_make() -> None:
    """The table is what a reader types."""
    targets = set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^\| `make ([a-z]+)`", README, re.MULTILINE)) <= targets


def test_its_map_of_the_chapters_is_the_one_of_the_book() -> None:
    """A chapter that is written becomes ready here as well, under the title of the book."""
    built = {path.stem for path in (HOME / "chapters").glob("*.ipynb")}
    rows = [
        f"| [{name}](chapters/{chapter.slug}.ipynb) | {chapter.question} | ready |"
        if chapter.slug in built
        else f"| {name} | {chapter.question} | planned |"
        for chapter in load().chapters
        for name in (f"{chapter.number} {chapter.title}",)
    ]
    assert rows == re.findall(r"^\| \[?\d\d .*$", README, re.MULTILINE)


def test_it_promises_what_the_front_page_of_the_book_promises() -> None:
    """What a reader will be able to do is written in two places, in the same words."""
    promises = [it for it in index_page(load(), []).splitlines() if it.startswith("- ")]
    assert promises and "\n".join(promises) in README
