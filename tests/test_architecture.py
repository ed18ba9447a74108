"""The page of the architecture holds: its files, names, floors, code and sentences are looked up.

A page that no test reads grows old in silence, and then leads a stranger to the wrong file.
"""

import ast
import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from kafkabook.base.machine import Effect

HOME = Path(__file__).parent.parent
PACKAGE = HOME / "kafkabook"
PAGE = (HOME / "docs" / "architecture.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
QUESTIONS_AT_LEAST = 30
LINES_OF_A_WAY = 10
LONGEST_SENTENCE_WORDS = 25
USUAL_SENTENCE_WORDS = 12
ROLES = {"events.py", "facts.py", "variants.py"}  # what several packages call a file of theirs
FILE = r"`([\w/.-]+\.(?:py|tsv|toml|txt|md))`"
SIX = {
    "When does a follower leave the ISR?": ("replication/in_sync.py", "is_caught_up"),
    "Who is elected?": ("cluster/election.py", "elect"),
    "When does a segment roll?": ("log/roll.py", "should_roll"),
    "What is an old leader epoch answered?": ("replication/fencing.py", "fence"),
    "When does acks=all answer?": ("replication/acks.py", "acknowledge"),
    "How are replicas spread over racks?": ("cluster/placement.py", "place_striped"),
}


class Row(NamedTuple):
    """A row of the table of questions."""

    question: str
    file: str
    name: str
    says: str


class Floor(NamedTuple):
    """A row of the table of floors."""

    number: int
    packages: frozenset[str]


def section(title: str, page: str = PAGE) -> str:
    """Return what stands below a heading, up to the next one of its rank."""
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def cells(text: str) -> list[list[str]]:
    """Return the rows of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def rows(page: str = PAGE) -> list[Row]:
    """Return the table of questions."""
    table = cells(section("Where is …?", page))
    return [Row(asked, file.strip("`"), name.strip("`"), says) for asked, file, name, says in table]


def ways(page: str = PAGE) -> dict[str, list[str]]:
    """Return the numbered lines of each way through the house, by its title."""
    titles = re.findall(r"^## (The way of .+)$", page, re.MULTILINE)
    return {t: re.findall(r"^\d+\. .+$", section(t, page), re.MULTILINE) for t in titles}


def named(text: str) -> list[tuple[str, str]]:
    """Return each file with each name that directly follows it, all of them in backticks."""
    found = re.findall(rf"{FILE}((?:\s+`\w+`)+)", text)
    return [(file, name) for file, names in found for name in re.findall(r"`(\w+)`", names)]


def path_of(file: str) -> Path:
    """Return where a file of the page lies: paths without a first folder begin in the package."""
    return next((at for at in (PACKAGE / file, HOME / file) if at.exists()), PACKAGE / file)


@cache
def tree_of(file: str) -> ast.Module:
    """Return a module's syntax; an empty one where there is no such file."""
    path = path_of(file)
    return ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")


def defined_in(file: str) -> set[str]:
    """Return the functions, methods and classes that a file defines."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(tree_of(file)) if isinstance(node, kinds)}


def called_in(file: str) -> set[str]:
    """Return the names that are called in a file, bare or behind a dot."""
    calls = [node.func for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)]
    bare = {call.id for call in calls if isinstance(call, ast.Name)}
    return bare | {call.attr for call in calls if isinstance(call, ast.Attribute)}


def wrong_rows(table: list[Row]) -> list[Row]:
    """Return the rows whose file does not define the name, or is not there."""
    return [row for row in table if row.name not in defined_in(row.file)]


def wrong_names(text: str) -> list[tuple[str, str]]:
    """Return the files and names where the file neither defines nor calls the name."""
    return [
        (file, name) for file, name in named(text) if name not in defined_in(file) | called_in(file)
    ]


def sentences(text: str) -> list[str]:
    """Return the sentences of prose and of table cells; a name in backticks is one word."""
    plain = re.sub(r"`[^`\n]+`", "code", re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text))
    plain = re.sub(r"(?m)^(#+ .*|[|-][|\- ]+)$", "", plain)
    plain = re.sub(r"(?m)^(\* |\d+\. )(code ?)*:? ?", "\n", plain).replace(" | ", "\n\n")
    blocks = re.split(r"\n\s*\n|^\| |\|$", plain, flags=re.MULTILINE)
    return [said for block in blocks for said in re.split(r"[.?!](?:\s+|$)", block) if said.strip()]


# --- where a rule is -----------------------------------------------------------------------------


def test_thirty_questions_and_more_lead_to_a_rule() -> None:
    """Each once; two decisions may share a file, if each has a name of its own in it."""
    table = rows()
    assert len(table) >= QUESTIONS_AT_LEAST
    assert len(table) == len({row.question for row in table})
    assert len(table) == len({(row.file, row.name) for row in table})
    assert [] == [row for row in table if not (row.question.endswith("?") and row.says)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_the_file_of_a_question_defines_the_rule_and_imports(row: Row) -> None:
    """A name that is only imported there would lead a stranger on to another file."""
    assert [] == wrong_rows([row])
    module = import_module("kafkabook." + row.file.removesuffix(".py").replace("/", "."))
    assert path_of(row.file) == Path(str(module.__file__))


def test_six_questions_of_strangers_are_among_them() -> None:
    """They were asked by engineers who know Kafka and have never seen this tree."""
    answers = {row.question: (row.file, row.name) for row in rows()}
    assert SIX == {question: answers.get(question) for question in SIX}


# --- the ways through the house ------------------------------------------------------------------


def test_three_ways_have_ten_lines_that_each_name_a_file_and_a_function() -> None:
    """One produce, one fetch and one metadata change: who does what to whom, and where."""
    numbers = list(range(1, LINES_OF_A_WAY + 1))
    assert [numbers] * 3 == [[int(ln.split(".")[0]) for ln in lines] for lines in ways().values()]
    without = [line for lines in ways().values() for line in lines if not named(line)]
    assert [] == without


def test_every_name_behind_a_file_is_defined_or_called_there() -> None:
    """On the ways, and everywhere else on the page."""
    assert [] == wrong_names(PROSE)
    assert len(named(PROSE)) > 80


def test_every_file_and_folder_of_the_page_is_there() -> None:
    """A path that was renamed leaves a stranger with nothing."""
    files = set(re.findall(FILE, PROSE)) - ROLES
    folders = set(re.findall(r"`((?:\w+/)+)`", PROSE))
    missing = {name for name in files | folders if not path_of(name).exists()}
    placeholders = {name for name in missing if "SLUG" in name}
    assert set() == missing - placeholders
    links = re.findall(r"\]\(([^)#:]+)\)", PROSE)
    assert [] == [link for link in links if not (HOME / "docs" / link).exists()]


# --- floors, names, code, words ------------------------------------------------------------------


def test_the_floors_are_those_of_the_import_contract() -> None:
    """The same list, from the top down, numbered from the bottom up."""
    settings = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    held = [frozenset(name.strip() for name in layer.split("|")) for layer in layers]
    expected = [
        Floor(number, names) for number, names in zip(range(len(held))[::-1], held, strict=True)
    ]
    told = [
        Floor(int(n), frozenset(re.findall(r"`(\w+)`", names)))
        for n, names, _ in cells(section("Floors"))
    ]
    assert expected == told


def test_the_effects_of_a_node_are_told() -> None:
    """All that leaves a node; whoever runs nodes must carry each of them out."""
    (told,) = re.findall(r"a list of effects: (.+?)\. ", section("A node is a loop of handlers"))
    assert [kind.__name__ for kind in get_args(Effect)] == re.findall(r"`(\w+)`", told)


def test_the_components_of_each_node_are_told_in_their_order() -> None:
    """Who adds one to a node adds it to the page."""
    for _, file, told in cells(section("A node is a loop of handlers")):
        made = _components(file.strip("`"))
        assert made == re.findall(r"`(\w+)`", told), file


def _components(file: str) -> list[str]:
    """Return the classes of what a node hands to `Node`, in order."""
    tree = tree_of(file)
    made: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            value = node.value.body if isinstance(node.value, ast.IfExp) else node.value
            if isinstance(value, ast.Call):
                made[ast.unparse(node.targets[0])] = ast.unparse(value.func)
    start = next(
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"
    )
    return [made.get(name, name) for name in _leaves(start)]


def _leaves(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Tuple):
        return [name for part in node.elts for name in _leaves(part)]
    if isinstance(node, ast.Starred):
        return _leaves(node.value)
    return [ast.unparse(node.func if isinstance(node, ast.Call) else node)]


def test_every_name_of_the_package_resolves() -> None:
    """Such as `kafkabook.replication.acks`; a module, or something in one."""
    found = set(re.findall(r"\bkafkabook(?:\.[a-zA-Z_]\w*)+", PAGE))
    assert {"kafkabook.lab", "kafkabook.replication.acks"} <= found
    assert set() == {name for name in found if not _resolves(name)}


def _resolves(name: str) -> bool:
    try:
        import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return bool(module) and hasattr(import_module(module), attribute)
    return True


def test_the_code_of_the_page_runs() -> None:
    """It is what a reader copies."""
    for code in CODE:
        exec(code, dict[str, Any]())
    assert len(CODE) == 2


def test_its_sentences_are_short() -> None:
    """Long ones hide who does what."""
    lengths = [len(said.split()) for said in sentences(PROSE)]
    too_long = [said for said in sentences(PROSE) if len(said.split()) > LONGEST_SENTENCE_WORDS]
    assert [] == too_long
    assert sum(lengths) / len(lengths) <= USUAL_SENTENCE_WORDS


# --- and the test sees what is wrong -------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("replication/isr.py", "is_caught_up"),  # no such file
        ("replication/in_sync.py", "may_leave"),  # no such function
        ("checkers/isr.py", "is_caught_up"),  # another file
        ("replication/high_watermark.py", "is_caught_up"),  # only imported and called there
    ],
)
def test_a_wrong_row_is_seen(file: str, name: str) -> None:
    """Else this file would prove nothing."""
    right = rows()[0]
    page = PAGE.replace(f"| `{right.file}` | `{right.name}` |", f"| `{file}` | `{name}` |")
    assert [Row(right.question, file, name, right.says)] == wrong_rows(rows(page))


def test_a_wrong_name_on_a_way_is_seen() -> None:
    """A function that was renamed, and one that stands in another file."""
    page = PROSE.replace("`replication/follower.py` `wants`", "`replication/follower.py` `asks`")
    assert [("replication/follower.py", "asks")] == wrong_names(page)
    page = PROSE.replace("`cluster/purgatory.py` `watch`", "`cluster/delayed.py` `watch`")
    assert [("cluster/delayed.py", "watch")] == wrong_names(page)


def test_a_sentence_is_seen_wherever_it_stands() -> None:
    """In a paragraph, an item, a numbered line behind its file, and a cell of a table."""
    page = (
        "## Head\n\nOne. `two` two?\n\n* Three\n\n1. `a.py` `b`: four.\n\n"
        "| x | y |\n| --- | --- |\n| five | [six](a.md) |\n"
    )
    expected = ["One", "code two", "Three", "four", "x", "y", "five", "six"]
    assert expected == [said.strip() for said in sentences(page)]
