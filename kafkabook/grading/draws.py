"""Inputs by chance: numbers, choices and lists, and whatever is built of them.

All that is drawn comes from one row of whole numbers, in which a smaller number makes a simpler
value. So a search (`search.py`) makes a counter-example smaller by shortening and lowering its row,
whatever was built of it. The words are Hypothesis's, which the tests of this package use; a reader
waits for each grade, and drawing here costs a hundredth of what it costs there.

Source: MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP 2020.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

Row = tuple[int, ...]
P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")
T_co = TypeVar("T_co", covariant=True)
_SMALL = 16  # a range in which chance alone meets the edges


class Draw:
    """Draws values, and writes down the row of numbers that they came from.

    Args:
        known: the numbers to begin with; one that is too large is taken for the largest.
        chance: where further numbers come from; without it they are 0.

    Attributes: `row` (the numbers), `items` (where in it each item of a list begins and ends).
    """

    def __init__(self, known: Row = (), chance: Random | None = None) -> None:
        self.row: list[int] = []
        self.items: list[tuple[int, int]] = []
        self._known, self._chance = known, chance

    def __call__(self, strategy: "Strategy[T]") -> T:
        """Draw a value."""
        return strategy.drawn(self)

    def number(self, most: int, by_chance: Callable[[Random], int], least: int = 0) -> int:
        """Return the row's next number; one that is too small or too large is moved to the edge."""
        place = len(self.row)
        if place < len(self._known):
            taken = self._known[place]
        else:
            taken = by_chance(self._chance) if self._chance else 0
        taken = max(least, min(taken, most))
        self.row.append(taken)
        return taken


@dataclass(frozen=True, slots=True)
class Strategy(Generic[T_co]):
    """A way to draw a value."""

    drawn: Callable[[Draw], T_co]

    def map(self, change: Callable[[T_co], S]) -> "Strategy[S]":
        """Return the strategy that draws a value and changes it."""
        return Strategy(lambda draw: change(self.drawn(draw)))

    def flatmap(self, follow: Callable[[T_co], "Strategy[S]"]) -> "Strategy[S]":
        """Return the strategy that draws a value, and then by what it says."""
        return Strategy(lambda draw: follow(self.drawn(draw)).drawn(draw))


def integers(low: int, high: int) -> Strategy[int]:
    """Draw from `low` to `high`, both included; the simplest is the one nearest to 0."""
    near = min(max(0, low), high)
    below, above = near - low, high - near
    most = below + above

    def drawn(draw: Draw) -> int:
        return near + _away(draw.number(most, lambda chance: _sized(chance, most)), below, above)

    return Strategy(drawn)


def _away(number: int, below: int, above: int) -> int:
    """Count 0, 1, -1, 2, -2 … and on where only one side is left."""
    both = 2 * min(below, above)
    if number > both:
        return number - below if above > below else above - number
    return (number + 1) // 2 if number % 2 else -number // 2


def _sized(chance: Random, most: int) -> int:
    """Choose of a large range the edges and small numbers more often than their share is."""
    kind = chance.randrange(8) if most > _SMALL else 7
    if kind == 0:
        return chance.choice((0, most))
    if kind < 4 and most > _SMALL**2:
        return chance.getrandbits(chance.randint(1, most.bit_length()))
    return chance.randint(0, most)


def sampled_from(values: Sequence[T]) -> Strategy[T]:
    """Draw one of these; the first is the simplest."""
    most = len(values) - 1
    return Strategy(lambda draw: values[draw.number(most, lambda chance: chance.randint(0, most))])


def booleans() -> Strategy[bool]:
    """Draw False or True."""
    return sampled_from((False, True))


def just(value: T) -> Strategy[T]:
    """Draw always the same."""
    return Strategy(lambda _: value)


def none() -> Strategy[None]:
    """Draw None."""
    return just(None)


def one_of(*strategies: Strategy[Any]) -> Strategy[Any]:
    """Draw by one of these."""
    return sampled_from(strategies).flatmap(lambda one: one)


def tuples(*strategies: Strategy[Any]) -> Strategy[tuple[Any, ...]]:
    """Draw by each of these."""
    return Strategy(lambda draw: tuple([one.drawn(draw) for one in strategies]))


def builds(make: Callable[..., T], *strategies: Strategy[Any]) -> Strategy[T]:
    """Draw the arguments of `make`, and return what it makes."""
    return tuples(*strategies).map(lambda drawn: make(*drawn))


def lists(item: Strategy[T], *, min_size: int = 0, max_size: int) -> Strategy[list[T]]:
    """Draw a list.

    Before each item's numbers stands whether there is one, so an item goes when they are left out.
    """

    def drawn(draw: Draw) -> list[T]:
        items: list[T] = []
        while len(items) < max_size:
            begin = len(draw.row)
            if not _goes_on(draw, max_size - len(items), least=int(len(items) < min_size)):
                break
            items.append(item.drawn(draw))
            draw.items.append((begin, len(draw.row)))
        return items

    return Strategy(drawn)


def _goes_on(draw: Draw, left: int, *, least: int) -> bool:
    """Draw whether there is another item; so that each length is as likely as another."""
    return draw.number(1, lambda chance: chance.randint(0, left), least) == 1


def composite(
    make: Callable[Concatenate[Draw, P], T],
) -> Callable[P, Strategy[T]]:
    """Make a strategy of a function that draws what it needs."""

    def strategy(*arguments: P.args, **named: P.kwargs) -> Strategy[T]:
        return Strategy(lambda draw: make(draw, *arguments, **named))

    return strategy


def fresh(strategy: Strategy[T], count: int, seed: int) -> Iterator[tuple[Row, T]]:
    """Yield up to `count` different inputs with their rows, the simplest first.

    Fewer are yielded where there are hardly more: no input is worth asking about twice.
    """
    chance, seen = Random(seed), set[Row]()
    for number in range(8 * count):
        draw = Draw((), chance if number else None)
        value, row = draw(strategy), tuple(draw.row)
        if row not in seen:
            seen.add(row)
            yield row, value
        if len(seen) == count:
            return
