"""What a resident of the zoo is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Variant:
    """A wrong part, with the ring and the law that must find it, named in advance."""

    part: Callable[..., Any]
    ring: str
    law: str

    @property
    def name(self) -> str:
        """What it does wrong, in words."""
        return self.part.__name__.replace("_", " ")
