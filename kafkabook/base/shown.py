"""How an object shows itself in a notebook without knowing anything of pictures.

A concept inherits `Shown`. Its painter stands floors above, in a module whose name the reader's
door (`kafkabook/__init__.py`) gives to `paint_with`; that module is imported when the first object
is displayed, and registers its painters by `renders`. A concept without one shows its `repr`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from kafkabook.base.door import fitted, meant
from kafkabook.base.errors import UnknownVerb, WrongType

Bundle = dict[str, Any]  # mime type -> content
_RENDERERS: dict[type, Callable[[Any], Bundle]] = {}
_MAKERS: dict[str, dict[type, Callable[..., Any]]] = {}  # "film", "stage" → who makes one
_VERBS = {"stage": "show"}  # by what it makes, where the verb is called otherwise
_WATCHES: list[str] = []  # modules that watch long runs
_PAINTERS: list[str] = []  # modules that register renderers once they are imported


def paint_with(*modules: str) -> None:
    """Say which modules draw; each is imported when something is shown, and not before."""
    _PAINTERS.extend(modules)


class Watcher(Protocol):
    """Who tells a person how far a long run is."""

    def saw(self, now_ms: int) -> None:
        """Take note of an event, and of the virtual time."""

    def end(self) -> None:
        """Take note that the run is over."""


def watch_with(module: str) -> None:
    """Say which module watches long runs; it is imported when the first one begins."""
    _WATCHES.append(module)


def who_watches(began_ms: int, until_ms: int | None) -> Watcher | None:
    """Return who watches a run, from one virtual time to another if that is known; else None."""
    found: Watcher | None = None
    for module in _WATCHES:
        found = import_module(module).watcher(began_ms, until_ms)
    return found


class Shown:
    """An object that a notebook draws, if something upstairs knows how.

    An attribute that it does not have is refused with the nearest one that it has.
    """

    if not TYPE_CHECKING:  # a type checker knows by itself what there is

        def __getattr__(self, name: str) -> Any:
            """Refuse; what Python itself looks for, such as `__deepcopy__`, without a hint."""
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__} has no {name!r}")
            if hasattr(type(self), name):  # a property that failed: let its own error come again
                return object.__getattribute__(self, name)
            known = [known for known in dir(self) if not known.startswith("_")]
            raise UnknownVerb(f"{type(self).__name__} has no {name!r}{meant(name, known)}")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:  # noqa: ARG002
        renderer = _registered(_RENDERERS, self)
        return {"text/plain": repr(self)} if renderer is None else renderer(self)


def made_of(thing: object, what: str, *words: Any, **how: Any) -> Any:
    """Return a "film" or a "stage" of something; what `how` may say stands with who makes it.

    Raises:
        TypeError: nobody makes that of such a thing, or not in such a way.
    """
    maker = _registered(_MAKERS.setdefault(what, {}), thing)
    if maker is None:
        raise WrongType(f"there is no {what} of a {type(thing).__name__}")
    return fitted(maker, _VERBS.get(what, what), of_object=True)(thing, *words, **how)


def _registered(registry: dict[type, Any], thing: object) -> Any:
    """Find what is registered for a thing's class, or else for the nearest class above it."""
    for module in _PAINTERS:
        import_module(module)
    return next((registry[kind] for kind in type(thing).__mro__ if kind in registry), None)


def renders(kind: type) -> Callable[[Callable[[Any], Bundle]], Callable[[Any], Bundle]]:
    """Register the decorated function as the picture of `kind` and its subclasses."""

    def register(renderer: Callable[[Any], Bundle]) -> Callable[[Any], Bundle]:
        _RENDERERS[kind] = renderer
        return renderer

    return register


def makes(what: str, kind: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as who makes a `what` of `kind` and its subclasses."""

    def register(maker: Callable[..., Any]) -> Callable[..., Any]:
        _MAKERS.setdefault(what, {})[kind] = maker
        return maker

    return register
