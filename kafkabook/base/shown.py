"""How an object shows itself in a notebook without knowing anything of pictures.

A concept inherits `Shown`. Its painter stands floors above, in a module whose name the reader's
door (`kafkabook/__init__.py`) gives to `paint_with`; that module is imported when the first object
is displayed, and registers its painters by `renders`. A concept without one shows its `repr`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

Bundle = dict[str, Any]  # mime type -> content
_RENDERERS: dict[type, Callable[[Any], Bundle]] = {}
_PAINTERS: list[str] = []  # modules that register renderers once they are imported


def paint_with(*modules: str) -> None:
    """Say which modules draw; each is imported when something is shown, and not before."""
    _PAINTERS.extend(modules)


class Shown:
    """An object that a notebook draws, if something upstairs knows how."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:  # noqa: ARG002
        for module in _PAINTERS:
            import_module(module)
        for kind in type(self).__mro__:
            if kind in _RENDERERS:
                return _RENDERERS[kind](self)
        return {"text/plain": repr(self)}


def renders(kind: type) -> Callable[[Callable[[Any], Bundle]], Callable[[Any], Bundle]]:
    """Register the decorated function as the picture of `kind` and its subclasses."""

    def register(renderer: Callable[[Any], Bundle]) -> Callable[[Any], Bundle]:
        _RENDERERS[kind] = renderer
        return renderer

    return register
