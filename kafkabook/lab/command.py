"""What is done to a cluster from outside: a value with a name, a text, a sentence and an effect.

Lab, journal, schedule, scenario and storm share these values; `commands` is the table of them all.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

from kafkabook.base.errors import WrongType
from kafkabook.base.machine import Address
from kafkabook.base.names import TopicPartition
from kafkabook.protocol.admin_api import Assignment, Settings
from kafkabook.sim import faults

if TYPE_CHECKING:
    from kafkabook.lab.world import World

Word = int | str | None  # of a line of text; None stands for any, or for what is not named


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done to a cluster.

    Attributes: `verb` (its name in a line of text, and that of the verb of `Lab`), `is_fault` (it
    disturbs, and is no use of the cluster), `named` (its last fields, as far as they are written
    with their names: `key=tea`), `says` (a sentence without a subject).
    """

    verb: ClassVar[str] = ""
    is_fault: ClassVar[bool] = False
    named: ClassVar[tuple[str, ...]] = ()

    @property
    def says(self) -> str:
        """The command as a sentence without a subject, such as "kill broker 1 (kill -9)"."""
        return str(self)

    def do(self, world: "World") -> Any:
        """Do it; return what it began, if there is something to wait for.

        Raises:
            KafkaError: it makes no sense now, and nothing has happened.
        """
        raise NotImplementedError

    def words(self) -> tuple[Word, ...]:
        """Return the words behind the verb in a line of text; defaults at the end are left out."""
        values = [(known, getattr(self, known.name)) for known in fields(self)]
        written = [(k.name, value) for k, value in values if k.name in self.named]
        given = [f"{name}={value}" for name, value in written if value is not None]
        values = [(known, value) for known, value in values if known.name not in self.named]
        while values and values[-1][1] == _default(values[-1][0]):
            values.pop()
        return (*(it for _, value in values for it in _words(value)), *given)

    @classmethod
    def of(cls, words: Sequence[Word]) -> Self:
        """Read the words behind the verb.

        Raises:
            ValueError: there are too few or too many, or one is of another kind.
        """
        kinds = _kinds(cls)
        words, named = cls._without_names(words)
        names = [known.name for known in fields(cls) if known.name not in cls.named]
        given: dict[str, Any] = dict(zip(names, words, strict=False)) | named
        if names and kinds[names[-1]] == tuple[int, ...]:
            given[names[-1]] = tuple(words[len(names) - 1 :])  # all that are left
        elif len(words) > len(names):
            raise ValueError(f"{cls.verb} takes {' '.join(names) or 'nothing'}, not {words!r}")
        try:
            return cls._made({name: _read(word, kinds[name]) for name, word in given.items()})
        except TypeError:
            raise ValueError(f"{cls.verb} needs {' '.join(names)}, not {words!r}") from None

    @classmethod
    def _without_names(cls, words: Sequence[Word]) -> tuple[Sequence[Word], dict[str, str]]:
        """Take the words at the end that are written with a name."""
        words, named = list(words), {}
        while cls.named and len(words) > 1:
            name, equals, value = str(words[-1]).partition("=")
            if not equals or name not in cls.named:
                break
            named[name] = value
            words.pop()
        return words, named

    @classmethod
    def _made(cls, given: dict[str, Any]) -> Self:
        return cls(**given)

    def check(self) -> None:
        """Check whether each field holds what it is for, before anything of it is sent.

        Raises:
            TypeError: one does not; the sentence names it.
        """
        for name, kind in _kinds(type(self)).items():
            value = getattr(self, name)
            if not _test_of(kind)(value):
                wanted = _KIND_TOLD.get(kind, "of another kind")
                raise WrongType(f"{self.verb}: {name} must be {wanted}, not {_wrong(value, kind)}")

    def __str__(self) -> str:
        return " ".join((self.verb, *map(_shown, self.words())))


_KINDS: dict[str, dict[str, Any]] = {}  # of the fields of each command, by its verb


def _kinds(command: type[Command]) -> dict[str, Any]:
    """Return the kinds of a command's fields, which are read from its annotations once."""
    if command.verb not in _KINDS:
        hints = get_type_hints(command)
        own = {name: kind for name, kind in hints.items() if get_origin(kind) is not ClassVar}
        _KINDS[command.verb] = own
    return _KINDS[command.verb]


def _wrong(value: object, kind: Any) -> str:
    """Show what is wrong: of several values that are of one kind the first that is not."""
    parts = get_args(kind)
    if isinstance(value, tuple) and parts[1:] == (Ellipsis,):
        return repr(next(it for it in value if not _test_of(parts[0])(it)))
    return repr(value)


_KIND_TOLD: dict[Any, str] = {
    int: "a whole number",
    int | None: "a whole number or None",
    str: "text",
    str | None: "text or None",
    tuple[int, ...]: "whole numbers",
    tuple[str, ...]: "texts",
    int | str: "a number or text",
    int | str | None: "a number, text or None",
    Assignment | None: "a list of brokers for each partition, such as [[1, 2, 3]]",
    Settings: "settings",
}


@cache
def _test_of(kind: Any) -> Callable[[object], bool]:
    """Return what says whether a value is of the kind that an annotation names.

    An unknown kind takes any value. To take an annotation apart costs more than to look at a value.
    """
    parts = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return lambda value: any(_test_of(part)(value) for part in parts)
    if get_origin(kind) is tuple:
        return lambda value: isinstance(value, tuple) and _are_of(value, parts)
    if kind is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    return lambda value: not isinstance(kind, type) or isinstance(value, kind)


def _are_of(values: tuple[object, ...], parts: tuple[Any, ...]) -> bool:
    kinds = parts[:1] * len(values) if parts[-1] is Ellipsis else parts
    pairs = zip(kinds, values, strict=False)
    return len(kinds) == len(values) and all(_test_of(kind)(value) for kind, value in pairs)


def _default(known: "Field[Any]") -> object:
    return known.default if known.default is not MISSING else MISSING


def _words(value: Any) -> Sequence[Word]:
    if isinstance(value, tuple):
        return tuple(it for part in value for it in _words(part))
    return (value,) if value is None or isinstance(value, int | str) else (repr(value),)


def _shown(word: Word) -> str:
    """Write a word as a line of text has it; of a number the field says whether it is text."""
    is_number = isinstance(word, str) and word.isdecimal()
    return str(word) if is_number else faults.word(word)


def _read(word: Any, kind: Any) -> Any:
    """Take a word as what the field is for."""
    if kind is TopicPartition and isinstance(word, str):
        return TopicPartition.parse(word)
    if kind is str:
        return str(word)
    if kind is int and not isinstance(word, int):
        raise ValueError(f"{word!r} is no whole number")
    return word


def setting_words(settings: Settings) -> tuple[Word, ...]:
    """Write settings as words, `name=value`; `name=` gives one back to its default."""
    return tuple(f"{name}={'' if value is None else value}" for name, value in settings)


def settings_of(words: Sequence[Word]) -> Settings:
    """Read settings from words.

    Raises:
        ValueError: one has no `=`.

    >>> settings_of(["min.insync.replicas=2", "flush.ms="])
    (('min.insync.replicas', '2'), ('flush.ms', None))
    """
    return tuple(_setting(str(word)) for word in words)


def _setting(word: str) -> tuple[str, str | None]:
    name, equals, value = word.partition("=")
    if not equals:
        raise ValueError(f"{word!r} is no setting; write it as min.insync.replicas=2")
    return name, value or None


def place_told(place: Address) -> str:
    """Name a place in words."""
    if isinstance(place, int):
        return f"broker {place}"
    return "the controller" if place == "controller" else str(place)


def message_told(name: str | None, sender: Address | None, receiver: Address | None) -> str:
    """Name a message in words.

    >>> message_told("Fetch", 2, None)
    'a Fetch from broker 2'
    """
    told = f"{'an' if name and name[0] in 'AEIO' else 'a'} {name or 'message'}"
    came = "" if sender is None else f" from {place_told(sender)}"
    return told + came + ("" if receiver is None else f" to {place_told(receiver)}")


def listed(brokers: Sequence[int] | frozenset[int]) -> str:
    """List brokers in order, as a sentence does.

    >>> listed([3, 1, 2])
    '1, 2 and 3'
    """
    *others, last = map(str, sorted(brokers))
    return f"{', '.join(others)} and {last}" if others else last
