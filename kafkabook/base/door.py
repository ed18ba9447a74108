"""The reader's door: a wrong word is refused before anything is done, with the nearest one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, Signature, isfunction, signature
from typing import ParamSpec, TypeVar

from kafkabook.base.errors import WrongType, WrongValue

Params = ParamSpec("Params")
Result = TypeVar("Result")
Kind = TypeVar("Kind")

LIKE = 0.6  # how much of two words must agree for one to be a misspelling of the other


def nearest(word: object, known: Iterable[str], like: float = LIKE) -> str | None:
    """Return the known word that comes nearest, in whatever case it is written; None if none does.

    Args:
        like: how much of the two must agree, 0 to 1; with 0 some word always comes nearest.

    >>> nearest("fetsh", ["Produce", "Fetch"])
    'Fetch'
    """
    folded = {name.lower(): name for name in known}
    near = get_close_matches(str(word).lower(), folded, n=1, cutoff=like)
    return folded[near[0]] if near else None


def meant(word: object, known: Iterable[str]) -> str:
    """Say behind a refusal which word was meant; "" where none comes near.

    >>> meant("acs", ["acks", "to"]), meant(7, ["acks", "to"])
    ("; did you mean 'acks'?", '')
    """
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""


def listed_words(words: Iterable[object]) -> str:
    """List words as a sentence does.

    >>> listed_words(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    *others, last = map(repr, words)
    return f"{', '.join(others)} and {last}" if others else last


# --- values of another kind ----------------------------------------------------------------------


def must_be_whole(verb: str, name: str, value: object, *, least: int = 0) -> None:
    """Check whether a value is a whole number, and not too small.

    Raises:
        TypeError: it is of another kind. ValueError: it is less than `least`.
    """
    must_be(int, "a whole number", verb, name, value)
    assert isinstance(value, int)
    if value < least:
        raise WrongValue(f"{verb}: {name} must be at least {least}, not {value}")


def must_be(kind: type | tuple[type, ...], told: str, verb: str, name: str, value: object) -> None:
    """Check whether a value is of a kind, which `told` says in words; True is no number.

    Raises:
        TypeError: it is of another kind.
    """
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise WrongType(f"{verb}: {name} must be {told}, not {value!r}")


def must_be_called(verb: str, name: str, value: object, *, told: str) -> None:
    """Check whether a value can be called, such as what `told` says in words.

    Raises:
        TypeError: it cannot.
    """
    if not callable(value):
        raise WrongType(f"{verb}: {name} must be {told}, not {value!r}")


# --- calls that do not fit -----------------------------------------------------------------------


class Misfit(WrongType):
    """A call with a word that nobody takes, with too many of them, or with too few.

    Attributes: `says` (the sentence without the verb), `word` (the name that nobody takes).
    """

    def __init__(self, verb: str, says: str, word: str = "") -> None:
        super().__init__(f"{verb}{says}")
        self.says, self.word = says, word


def fitted(
    call: Callable[Params, Result], verb: str, *, of_object: bool = False
) -> Callable[Params, Result]:
    """Return a function that does the same, and refuses in one line a call that does not fit.

    A call is checked only once it has failed, so one that fits costs nothing.

    Args:
        verb: what a reader calls it. of_object: whether its first word is the object itself.

    >>> fitted(sorted, "sorted")([2, 1], revers=True)
    Traceback (most recent call last):
        ...
    kafkabook.base.door.Misfit: sorted: there is no 'revers'; did you mean 'reverse'?
    """

    @wraps(call)
    def fitting(*words: Params.args, **named: Params.kwargs) -> Result:
        try:
            return call(*words, **named)
        except TypeError as error:
            known = signature(call)
            if isinstance(error, Misfit) and error.word in named and _takes_any(known):
                raise Misfit(verb, error.says, error.word) from None  # it was handed on
            own = _without_first(known) if of_object else known
            check_call(own, verb, words[of_object:], named)
            raise

    return fitting


def at_the_door(call: Callable[Params, Result]) -> Callable[Params, Result]:
    """Decorate a function: a call that does not fit is refused in one line, under its name."""
    return fitted(call, call.__name__)


def with_a_door(kind: type[Kind]) -> type[Kind]:
    """Decorate a class: its constructor and public methods refuse a call that does not fit."""
    for name, method in list(vars(kind).items()):
        if isfunction(method) and (not name.startswith("_") or name == "__init__"):
            verb = kind.__name__ if name == "__init__" else name
            setattr(kind, name, fitted(method, verb, of_object=True))
    return kind


def check_call(
    known: Signature, verb: str, words: Sequence[object], named: Mapping[str, object]
) -> None:
    """Check whether a call fits what is called.

    Raises:
        TypeError: it does not.
    """
    try:
        known.bind(*words, **named)
    except TypeError:
        raise _misfit(known, verb, words, named) from None


def _misfit(
    known: Signature, verb: str, words: Sequence[object], named: Mapping[str, object]
) -> Misfit:
    """Say why a call does not fit: in this order, since one wrong name makes another one miss."""
    names, places = _names(known), [it.name for it in known.parameters.values() if _has_place(it)]
    takes = f"it takes {', '.join(names) or 'nothing'}"
    for name in named:
        if name not in names and not _takes_any(known):
            return Misfit(verb, f": there is no {name!r}{meant(name, names) or f'; {takes}'}", name)
    if len(words) > len(places):
        how = ", each with its name" if len(names) > len(places) else ""
        return Misfit(verb, f" takes {', '.join(names) or 'nothing'}{how}, not {words[-1]!r}")
    if twice := [name for name in places[: len(words)] if name in named]:
        return Misfit(verb, f": {twice[0]} is given twice")
    given = {*places[: len(words)], *named}
    owed = [name for name, it in known.parameters.items() if _is_owed(it) and name not in given]
    return Misfit(verb, f" needs {' and '.join(owed)}; {takes}")


def _names(known: Signature) -> list[str]:
    return [it.name for it in known.parameters.values() if it.kind not in _MANY]


def _has_place(it: Parameter) -> bool:
    return it.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


_MANY = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


def _is_owed(it: Parameter) -> bool:
    return it.default is Parameter.empty and it.kind not in _MANY


def _takes_any(known: Signature) -> bool:
    return any(it.kind is Parameter.VAR_KEYWORD for it in known.parameters.values())


def _without_first(known: Signature) -> Signature:
    return known.replace(parameters=list(known.parameters.values())[1:])
