"""Wrong calls made of right ones: one letter, one type or one id of each is another one."""

import ast
import builtins
import contextlib
import io
import json
import linecache
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

from kafkabook.base.errors import ToldInOneLine

HOME = Path(__file__).parents[2]
PACKAGE = HOME / "kafkabook"
CELL = "<cell>"
NAMING = ("create_topic 0", "mark 0")  # they give a name, so any will do: last of all
LETTER, KEYWORD, VERB, TYPE, ID = "letter", "keyword", "verb", "type", "id"


@dataclass(frozen=True)
class Wrong:
    """A wrong call: what is wrong in it, which word, and the call as text.

    `floor` is the package of what is called, such as "lab".
    """

    kind: str
    word: str
    text: str
    floor: str = ""


def cells(path: Path) -> list[str]:
    """Return the code that a reader runs: cells of a notebook, or blocks of a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return re.findall(r"```python\n(.*?)```", text.replace("\n   ", "\n"), re.DOTALL)
    return ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"]


def played(sources: list[str]) -> dict[str, Any]:
    """Run cells one after the other; return the names that they leave."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for source in sources:
            exec(compile(source, CELL, "exec"), names)
    return names


def wrong_calls(sources: list[str], names: dict[str, Any]) -> list[Wrong]:
    """Make wrong calls of all public calls in cells, each once."""
    found: dict[str, Wrong] = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call | ast.Subscript) and _is_public(node, names):
                floor = _floor(node, names)
                for wrong in _wrong(node):
                    found.setdefault(wrong.text, replace(wrong, floor=floor))
    return sorted(found.values(), key=lambda wrong: wrong.word in NAMING)


def _is_public(node: ast.Call | ast.Subscript, names: dict[str, Any]) -> bool:
    """Say whether a node calls what this package has, and nothing that a cell has bound inside."""
    known = {*names, *dir(builtins)} - {"__builtins__"}
    own = {it.arg for it in ast.walk(node) if isinstance(it, ast.arg)}
    own |= {it.id for it in ast.walk(node) if isinstance(it, ast.Name) and _is_bound(it)}
    used = {it.id for it in ast.walk(node) if isinstance(it, ast.Name)}
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value) == "SCENARIOS"
    root: ast.AST = node.func
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    is_ours = isinstance(root, ast.Name) and _is_ours(names.get(root.id))
    return is_ours and used <= known | own


def _floor(node: ast.Call | ast.Subscript, names: dict[str, Any]) -> str:
    """Return the package of what is called, as far as one can say without calling anything."""
    called = node.func if isinstance(node, ast.Call) else node.value
    inner: ast.AST = called
    while isinstance(inner, ast.Attribute | ast.Subscript):
        inner = inner.value
    if isinstance(inner, ast.Call):
        return _floor(inner, names)
    thing = eval(compile(ast.unparse(called), CELL, "eval"), dict(names))
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return f"{module}.".split(".")[1]


def _is_bound(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _is_ours(thing: object) -> bool:
    kind = thing if isinstance(thing, type) or callable(thing) else type(thing)
    modules = {getattr(kind, "__module__", "") or "", type(thing).__module__}
    return any(it.startswith("kafkabook") for it in modules)


def _wrong(node: ast.Call | ast.Subscript) -> Iterator[Wrong]:
    """Change one thing after the other."""
    if isinstance(node, ast.Subscript):
        yield from _constants(node, node.slice, "SCENARIOS", lambda it: it.slice)
        return
    verb = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if isinstance(node.func, ast.Attribute):
        other = deepcopy(node)
        other.func.attr = misspelt(verb)
        yield Wrong(VERB, verb, ast.unparse(other))
    for place, word in enumerate(node.keywords):
        if word.arg is not None:
            other = deepcopy(node)
            other.keywords[place].arg = misspelt(word.arg)
            yield Wrong(KEYWORD, f"{verb} {word.arg}", ast.unparse(other))
            of = lambda it, place=place: it.keywords[place].value  # noqa: E731
            yield from _constants(node, word.value, f"{verb} {word.arg}", of)
    for place, value in enumerate(node.args):
        of = lambda it, place=place: it.args[place]  # noqa: E731
        yield from _constants(node, value, f"{verb} {place}", of)


def _constants(node: ast.AST, value: ast.AST, word: str, of: Any) -> Iterator[Wrong]:
    """Change a value: its letters, its type, its number."""

    def other(text: str) -> str:
        changed = deepcopy(node)
        there = of(changed)
        for name, field in ast.iter_fields(changed):
            if field is there:
                setattr(changed, name, ast.parse(text, mode="eval").body)
            elif isinstance(field, list) and there in field:
                field[field.index(there)] = ast.parse(text, mode="eval").body
            elif isinstance(field, list):
                for it in field:
                    if isinstance(it, ast.keyword) and it.value is there:
                        it.value = ast.parse(text, mode="eval").body
        return ast.unparse(changed)

    match value:
        case ast.Constant(str() as text):
            yield Wrong(LETTER, word, other(repr(misspelt(text))))
            yield Wrong(TYPE, word, other("5"))
        case ast.Constant(bool() as said):
            yield Wrong(TYPE, word, other(repr(str(said))))
        case ast.Constant(int() as number):
            yield Wrong(TYPE, word, other(repr(str(number))))
            if number < 10:
                yield Wrong(ID, word, other("97"))
        case ast.Constant(bytes() as data):
            yield Wrong(TYPE, word, other(repr(data.decode())))
        case ast.List():
            yield Wrong(TYPE, word, other("5"))
        case ast.Lambda():
            yield Wrong(TYPE, word, other("True"))


def misspelt(word: str) -> str:
    """Leave one letter out, or double it where there are few."""
    middle = len(word) // 2
    return word[:middle] + word[middle + 1 :] if len(word) > 2 else word + word[-1:]


def refusal(text: str, names: dict[str, Any]) -> BaseException | None:
    """Run a call; return what it raises, None if nothing."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            eval(compile(text, CELL, "eval"), dict(names))
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody looks at it
        return error
    return None


def is_clear(error: BaseException) -> bool:
    """Say whether a refusal is one line that somebody wrote on purpose.

    Or it is Python's own, of the reader's line itself: then no frame of ours stands in between.
    """
    frame = extract_tb(error.__traceback__)[-1]
    if "\n" in str(error) or not str(error):
        return False
    if isinstance(error, ToldInOneLine):
        return True
    return frame.filename == CELL or _is_raised(frame.filename, frame.lineno or 0)


@cache
def _raises(file: str) -> list[tuple[int, int]]:
    tree = ast.parse("".join(linecache.getlines(file)))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return [(node.lineno, node.end_lineno or node.lineno) for node in found]


def _is_raised(file: str, line: int) -> bool:
    is_ours = Path(file).is_relative_to(PACKAGE)
    return is_ours and any(first <= line <= last for first, last in _raises(file))
