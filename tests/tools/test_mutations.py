"""Each small change is one edit of the text, and what cannot matter is left alone."""

import pytest

from tools.mutations import Mutant, is_watched, mutants_in


def changes(source: str) -> list[tuple[str, str]]:
    """Return the touched lines of every mutant, as they were and as they are."""
    text = source.encode()
    return [mutant.change(text) for mutant in mutants_in(text, "a.py")]


def mutant_of(source: str, kind: str) -> Mutant:
    """Return the first mutant of a kind."""
    return next(mutant for mutant in mutants_in(source.encode(), "a.py") if mutant.kind == kind)


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("settle(a)", ["pass"]),
        ("self.a = b", ["pass"]),
        ("self.a: int = b", ["pass"]),
        ("self.a, b[c] = d", ["pass"]),
        ("a += b", ["pass", "a -= b"]),
        ("del a[b]", ["pass"]),
        ("raise a", ["pass"]),
        ("a = b < c", ["a = b <= c"]),
        ("a = b is  not c", ["a = b is c"]),
        ("a = b not in c", ["a = b in c"]),
        ("a = b == c != d", ["a = b != c != d", "a = b == c == d"]),
        ("a = (b) and c", ["a = (b) or c"]),
        ("a = not b", ["a = b"]),
        ("a = 1", ["a = 0", "a = 2"]),
        ("a = 0", ["a = (-1)", "a = 1"]),
        ("a = True", ["a = False"]),
        ("a = b + c - d", ["a = b - c - d", "a = b + c + d"]),
        ("a = min(b)", ["a = max(b)"]),
        ("a = any(b)", ["a = all(b)"]),
        ("a = b(c, d=e)", ["a = b(c)"]),
        ("a = b(c=d, e=f)", ["a = b(e=f)", "a = b(c=d)"]),
        ("a = b if c else d", ["a = b if (not (c)) else d"]),
        ("a = [b for b in c if b]", ["a = [b for b in c if (not (b))]"]),
        ("é = 'é' if b < c else d", ["é = 'é' if b <= c else d"]),
    ],
)
def test_a_change_is_made_where_it_stands(source: str, becomes: list[str]) -> None:
    """The span of an edit counts bytes, as the tree of Python does."""
    assert becomes == [now for _, now in changes(source)]


def test_a_function_loses_what_it_returns_and_what_it_does() -> None:
    """A procedure of one statement is that statement: there is no second mutant of it."""
    source = (
        'def f() -> None:\n    """Say."""\n    a()\n    b()\n'
        "def g(c):\n    return c\n"
        "def h() -> None:\n    d()\n"
    )
    assert {
        ("a() b()", "pass"),
        ("a()", "pass"),
        ("b()", "pass"),
        ("return c", "return None"),
        ("d()", "pass"),
    } == set(changes(source))


@pytest.mark.parametrize(
    "source",
    [
        "import a",
        "a = b",
        "a: int = b",
        "assert a == 1",
        "a = f'{b + 1}'",
        "a = 'b' + c",
        "@dataclass(frozen=True)\nclass A: ...",
        "class A(Protocol):\n    a = 1",
        "def check(self):\n    return 1",
        "def sentence(self):\n    return 1",
        "raise NotImplementedError(1)",
        "if TYPE_CHECKING:\n    a = 1",
        "def f(a: Literal[1]) -> Literal[2]: ...",
        "return None",
    ],
)
def test_what_cannot_matter_is_left_alone(source: str) -> None:
    """A mutant that nobody could notice would only lower the score."""
    assert [] == changes(source)


def test_a_mutant_knows_its_place_and_shows_its_change() -> None:
    """Who reads of a survivor must find it, in whatever line it stands by then."""
    source = "class A:\n    def b(self):\n        return c(d=1)\n"
    mutant = mutant_of(source, "no keyword argument")
    assert ("A.b", 3, 3) == (mutant.place, mutant.line, mutant.last_line)
    assert (
        "--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n class A:\n     def b(self):\n"
        "-        return c(d=1)\n+        return c()"
    ) == mutant.diff(source.encode())


@pytest.mark.parametrize(
    ("source", "watched"),
    [
        ("context.wake('a', 1)", True),
        ("self._settle(a)", True),
        ("self.trace.emit(a)", True),
        ("disk.flush(a)", True),
        ("self.isr.expand(a)", True),
        ("purgatory.complete(a)", True),
        ("found.append(a)", False),
        ("self.a = tell(b)", False),
    ],
)
def test_calls_that_complete_persist_tell_or_arm_are_watched(source: str, watched: bool) -> None:
    """The name of what is called says what it does."""
    (first, *_) = mutants_in(source.encode(), "a.py")
    assert watched == is_watched(first)
