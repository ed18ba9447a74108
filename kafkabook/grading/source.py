"""The learner's source: which cell defines the part, which imports it needs, what it gives away.

A part is graded from its source and not as the live object, so that what passes today passes
tomorrow in a fresh kernel. Only definitions count: a cell may also try its part out or grade it,
and that is left behind.
"""

import ast
import inspect
import linecache
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard


class NoSource(Exception):
    """The part is not a function whose source Python still knows; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What is sent to the process: the function's name, its cell, and the imports it uses."""

    name: str
    source: str
    imports: str = ""

    @property
    def is_stub(self) -> bool:
        """True while the body is still the `raise NotImplementedError` that we wrote."""
        body = [node for node in self._function().body if not _is_text(node)]
        return len(body) == 1 and "NotImplementedError" in _names([body[0]]) and _raises(body[0])

    def _function(self) -> ast.FunctionDef:
        found = [
            node
            for node in ast.parse(self.source).body
            if isinstance(node, ast.FunctionDef) and node.name == self.name
        ]
        if not found:
            raise NoSource(f"the cell has no `def {self.name}` at its top level")
        return found[-1]


def submission(name: str, cell: str, imports: Iterable[str]) -> Submission:
    """Cut a cell down to its definitions, and the import cells down to what those use.

    Raises:
        NoSource: the cell is not Python, or defines no such function.
    """
    try:
        tree = ast.parse(cell)
    except SyntaxError as error:
        raise NoSource(f"line {error.lineno} of the cell is not Python: {error.msg}") from error
    kept = [node for node in tree.body if _defines(node)]
    source = _only(cell, kept)
    taken = Submission(name, source, _needed(_names(kept), imports))
    taken.is_stub  # noqa: B018  raises NoSource where there is no such function
    return taken


def taken_from(part: Callable[..., Any]) -> Submission:
    """Return the source of `part`: its whole cell in a notebook, else the function alone.

    Raises:
        NoSource: a lambda, a class, a bound method, or a function that came from nowhere.
    """
    if not inspect.isfunction(part) or not part.__name__.isidentifier():
        raise NoSource("hand over the function itself, one that `def` made in a cell")
    filename = part.__code__.co_filename
    if not linecache.getlines(filename):
        raise NoSource(
            f"Python no longer knows the source of `{part.__name__}`: run its cell again"
        )
    if Path(filename).exists():
        module = Path(filename).read_text(encoding="utf-8")
        return submission(part.__name__, inspect.getsource(part), [module])
    return submission(part.__name__, "".join(linecache.getlines(filename)), _cells_like(filename))


def suspicions(taken: Submission, reference: str) -> tuple[str, ...]:
    """Say what in the source should make a teacher look: the reference, or the grader, by name.

    This is lint, not security: it reads names, and names can be hidden.
    """
    tree = ast.parse(taken.imports + "\n" + taken.source)
    taken_in = {name for node in ast.walk(tree) for name in _binds(node)}
    named = {node.attr for node in ast.walk(tree) if _reaches_out(node, taken_in)}
    named |= {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    named |= {name for node in ast.walk(tree) for name in _imported(node)}
    found = []
    if reference in named:
        found.append(f"names the reference `{reference}`")
    if any("kafkabook.grading" in name for name in named):
        found.append("names the grader `kafkabook.grading`")
    return tuple(found)


def _reaches_out(node: ast.AST, imported: set[str]) -> TypeGuard[ast.Attribute]:
    """Say whether this is an attribute of something imported; a fact may have the same name."""
    if not isinstance(node, ast.Attribute):
        return False
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return not isinstance(root, ast.Name) or root.id in imported


def _binds(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from map(_bound, node.names)


def _cells_like(filename: str) -> list[str]:
    """Return the cells of the running notebook, oldest first.

    Python keeps the source of every cell that ran for its tracebacks, under names in one place;
    the history that IPython numbers lacks those that a tool has run without storing them.
    """
    home = Path(filename).parent
    names = [name for name in linecache.cache if Path(name).parent == home]
    return ["".join(linecache.getlines(name)) for name in names]


def _needed(names: set[str], cells: Iterable[str]) -> str:
    lines: dict[str, None] = {}
    for node in (node for cell in cells for node in _imports(cell)):
        wanted = [alias for alias in node.names if _bound(alias) in names]
        if wanted:
            node.names = wanted
            lines[ast.unparse(node)] = None
    return "\n".join(lines)


def _imports(cell: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports at the top level of a cell or a module."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:  # a cell of the notebook that never ran
        return
    yield from (node for node in body if isinstance(node, ast.Import | ast.ImportFrom))


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return True
    return not isinstance(node, ast.Expr) and "grade" not in _names([node])


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    found = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        if isinstance(node, ast.alias):
            found.add(_bound(node))
    return found


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield node.module or ""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.name for alias in node.names)


def _only(cell: str, kept: list[ast.stmt]) -> str:
    """Blank the other lines, so that a line keeps the number that it has in the notebook."""
    lines = cell.splitlines()
    shown = {number for node in kept for number in range(_first_line(node), _last_line(node) + 1)}
    return "\n".join(line if n in shown else "" for n, line in enumerate(lines, 1)) + "\n"


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and _is_constant_text(node.value)


def _is_constant_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _raises(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise)
