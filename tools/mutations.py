"""The small changes that a test must notice: one edit of the source text each, found in its tree.

What is changed:

* A statement goes: a call, an assignment to an attribute or an item, `raise`, `return`, `del`,
  `break`, `continue`. What a function returned becomes None. A procedure does nothing at all.
* A border moves: `<` and `<=`, `>` and `>=`, `==` and `!=`, `is` and `is not`, `in` and `not in`.
* A condition turns: `and` and `or`, `not` goes, a branch is taken where it was not.
* A value moves: an integer by one, True and False, `+` and `-`, `min` and `max`, `any` and `all`.
* A keyword argument is not handed over, so that its default counts.

What is left out, and why:

* Assignments to local names: without them the next line has an unknown name; any test notices.
* Imports, annotations, decorators, `assert`, `check`: they change no behaviour of a sound program.
* Texts and what makes them (`sentence`, `__repr__`, `__str__`, f-strings): readers judge words.
* `variants.py`: rules that are wrong on purpose. A mutant of one is one more wrong rule.
* Protocols and `raise NotImplementedError`: nothing runs them.
"""

import ast
import difflib
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LEFT_OUT_FILES = {"variants.py"}
LEFT_OUT_FUNCTIONS = {"check", "sentence", "__repr__", "__str__"}
BORDERS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
# A call of one of these completes, expands, settles, persists, tells, answers or arms a timer.
WATCHED_CALL = re.compile(
    r"_*(complete|expand|settle|adopt|heard|flush|f?sync|write|save|checkpoint|commit|rename|unlink"
    r"|preallocate|replay|publish|tell|emit|report|record|observe|changed|note|testify|wake|arm|at$"
    r"|at_once|call|cancel|disarm|break_later|answer|reply|send|ask|submit|watch|await|perform|act$"
    r"|release|close|listen|expire|give_up|fail|apply|follow|lead|propose|repair|end|learn)"
)

Edit = tuple[int, int, str, str]  # first byte, byte behind the last, new text, kind


@dataclass(frozen=True, order=True)
class Mutant:
    """One edit of one file: the bytes from `start` to `end` become `text`."""

    path: str  # from the root of the tree
    start: int
    end: int
    text: str
    kind: str
    line: int
    last_line: int
    place: str  # the class and function that it stands in
    callee: str = ""  # of a deleted call

    def applied(self, source: bytes, first: int = 0) -> bytes:
        """Return the source, of which the file's byte `first` is the first, with the edit made."""
        return source[: self.start - first] + self.text.encode() + source[self.end - first :]

    def change(self, source: bytes) -> tuple[str, str]:
        """Return the touched lines as they were and as they are, each as one line of text."""
        first = source.rfind(b"\n", 0, self.start) + 1
        last = (source + b"\n").index(b"\n", self.end)
        was, now = source[first:last], self.applied(source[first:last], first)
        return _one_line(was), _one_line(now)

    def diff(self, source: bytes) -> str:
        """Return the change as a unified diff."""
        was, now = (text.decode().splitlines() for text in (source, self.applied(source)))
        return "\n".join(difflib.unified_diff(was, now, self.path, self.path, n=2, lineterm=""))


def _one_line(source: bytes) -> str:
    return " ".join(source.decode().split())


def mutants_of(root: Path, packages: tuple[str, ...]) -> list[Mutant]:
    """Return every mutant of some packages of `kafkabook`, in the order of files and places."""
    found: set[Mutant] = set()
    for package in packages:
        for path in sorted((root / "kafkabook" / package).rglob("*.py")):
            if path.name not in LEFT_OUT_FILES:
                name = path.relative_to(root).as_posix()
                found.update(mutants_in(path.read_bytes(), name))
    return sorted(found)


def mutants_in(source: bytes, path: str) -> list[Mutant]:
    """Return the mutants of one source text."""
    return sorted(set(_Finder(source, path).walk(ast.parse(source), ())))


def is_watched(mutant: Mutant) -> bool:
    """Tell whether it deletes a call that completes, persists, tells or arms something."""
    return mutant.kind == "no call" and bool(WATCHED_CALL.match(mutant.callee))


class _Finder:
    """Walks the tree of one source text, and knows where in the text a node stands."""

    def __init__(self, source: bytes, path: str) -> None:
        self._source, self._path = source, path
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def walk(self, node: ast.AST, place: tuple[str, ...]) -> Iterator[Mutant]:
        """Yield the mutants of a node and of all below it."""
        if _is_left_out(node):
            return
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            place = (*place, node.name)
        for start, end, text, kind in self._edits(node):
            line, last = self._line_of(start), self._line_of(max(start, end - 1))
            yield Mutant(
                self._path, start, end, text, kind, line, last, ".".join(place), _callee(node)
            )
        for child in _changeable_children(node):
            yield from self.walk(child, place)

    def _edits(self, node: ast.AST) -> Iterator[Edit]:
        edits = getattr(self, f"_edits_of_{type(node).__name__.lower()}", None)
        return edits(node) if edits is not None else iter(())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        start = self._lines[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _line_of(self, byte: int) -> int:
        return bisect_right(self._lines, byte)

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()

    def _between(self, left: ast.AST, right: ast.AST, pattern: str, text: str) -> Iterator[Edit]:
        """Replace an operator that stands between two operands."""
        start, end = self._span(left)[1], self._span(right)[0]
        found = re.search(pattern, self._source[start:end].decode())
        if found:
            yield start + found.start(), start + found.end(), text, "operator"

    def _edits_of_expr(self, node: ast.Expr) -> Iterator[Edit]:
        if isinstance(node.value, ast.Call):
            yield *self._span(node), "pass", "no call"

    def _edits_of_assign(self, node: ast.Assign) -> Iterator[Edit]:
        parts = [p for t in node.targets for p in (t.elts if isinstance(t, ast.Tuple) else [t])]
        if all(isinstance(part, ast.Attribute | ast.Subscript) for part in parts):
            yield *self._span(node), "pass", "no assignment"

    def _edits_of_annassign(self, node: ast.AnnAssign) -> Iterator[Edit]:
        if node.value is not None and isinstance(node.target, ast.Attribute):
            yield *self._span(node), "pass", "no assignment"

    def _edits_of_augassign(self, node: ast.AugAssign) -> Iterator[Edit]:
        yield *self._span(node), "pass", "no assignment"
        if isinstance(node.op, ast.Add | ast.Sub):
            plus, minus = r"\+=", r"-="
            was, text = (plus, "-=") if isinstance(node.op, ast.Add) else (minus, "+=")
            yield from self._between(node.target, node.value, was, text)

    def _edits_of_return(self, node: ast.Return) -> Iterator[Edit]:
        if node.value is None:
            yield *self._span(node), "pass", "no statement"
        elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield *self._span(node), "return None", "returns None"

    def _edits_of_raise(self, node: ast.Raise) -> Iterator[Edit]:
        yield *self._span(node), "pass", "no statement"

    _edits_of_delete = _edits_of_break = _edits_of_continue = _edits_of_raise

    def _edits_of_functiondef(self, node: ast.FunctionDef) -> Iterator[Edit]:
        body = node.body[1:] if ast.get_docstring(node) else node.body
        is_procedure = isinstance(node.returns, ast.Constant) and node.returns.value is None
        if is_procedure and len(body) > 1:
            yield self._span(body[0])[0], self._span(body[-1])[1], "pass", "does nothing"

    def _edits_of_compare(self, node: ast.Compare) -> Iterator[Edit]:
        operands = [node.left, *node.comparators]
        for left, right, operator in zip(operands, node.comparators, node.ops, strict=False):
            yield from self._between(left, right, *BORDERS[type(operator)])

    def _edits_of_boolop(self, node: ast.BoolOp) -> Iterator[Edit]:
        was, text = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._between(left, right, rf"\b{was}\b", text)

    def _edits_of_binop(self, node: ast.BinOp) -> Iterator[Edit]:
        if isinstance(node.op, ast.Add | ast.Sub) and not (_is_text(node.left, node.right)):
            was, text = (r"\+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
            yield from self._between(node.left, node.right, was, text)

    def _edits_of_unaryop(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, ast.Not):
            start = self._span(node)[0]
            yield start, start + len("not "), "", "no not"

    def _edits_of_if(self, node: ast.If) -> Iterator[Edit]:
        yield from self._turned(node.test)

    _edits_of_while = _edits_of_ifexp = _edits_of_if

    def _edits_of_comprehension(self, node: ast.comprehension) -> Iterator[Edit]:
        for test in node.ifs:
            yield from self._turned(test)

    def _turned(self, test: ast.expr) -> Iterator[Edit]:
        """Take the other branch; of one comparison and of `not` the operator says it already."""
        is_single = isinstance(test, ast.Compare) and len(test.ops) == 1
        if not is_single and not isinstance(test, ast.UnaryOp | ast.Constant):
            yield *self._span(test), f"(not ({self._text(test)}))", "other branch"

    def _edits_of_constant(self, node: ast.Constant) -> Iterator[Edit]:
        if isinstance(node.value, bool):
            yield *self._span(node), str(not node.value), "constant"
        elif isinstance(node.value, int):
            for value in (node.value - 1, node.value + 1):
                yield *self._span(node), str(value) if value >= 0 else f"({value})", "constant"

    def _edits_of_call(self, node: ast.Call) -> Iterator[Edit]:
        if isinstance(node.func, ast.Name) and node.func.id in SWAPPED:
            yield *self._span(node.func), SWAPPED[node.func.id], "operator"
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield *self._with_comma(*self._span(keyword)), "", "no keyword argument"

    def _with_comma(self, start: int, end: int) -> tuple[int, int]:
        """Widen the span of an argument by the comma before it, or else by the one behind it."""
        before = re.search(rb",\s*$", self._source[:start])
        if before:
            return before.start(), end
        behind = re.match(rb"\s*,\s*", self._source[end:])
        return start, end + (behind.end() if behind else 0)


def _is_text(*nodes: ast.expr) -> bool:
    return any(
        isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str))
        for n in nodes
    )


def _callee(node: ast.AST) -> str:
    """Return the name of what a call statement calls."""
    called = (
        node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    )
    return getattr(called, "attr", getattr(called, "id", ""))


def _is_left_out(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name in LEFT_OUT_FUNCTIONS
    if isinstance(node, ast.ClassDef):
        return any(ast.unparse(base).startswith("Protocol") for base in node.bases)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Raise) and node.exc is not None:
        return ast.unparse(node.exc).startswith("NotImplementedError")
    # In Python 3.11 what stands in an f-string has no place of its own.
    return isinstance(node, ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom)


def _changeable_children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of a node without annotations, decorators and the options of a class."""
    left_out = {"annotation", "returns", "decorator_list", "bases", "keywords", "type_params"}
    for name, value in ast.iter_fields(node):
        if name in left_out and not (name == "keywords" and isinstance(node, ast.Call)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
