"""How an object shows itself in a notebook without knowing anything of pictures.

A concept inherits `Shown`. The first time one is displayed, `kafkabook.viz.renderers` is loaded by
name and fills the registry; a concept without a renderer shows its `repr`. The engine therefore
never imports the floor that draws it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

Bundle = dict[str, Any]  # mime type -> content
_RENDERERS: dict[type, Callable[[Any], Bundle]] = {}


class Shown:
    """An object that a notebook draws, if something upstairs knows how."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:  # noqa: ARG002
        import_module("kafkabook.viz.renderers")
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
