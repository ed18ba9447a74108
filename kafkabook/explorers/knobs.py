"""A knob: one argument of an explorer, its finite values, and how a slider names them.

A knob whose name is a Kafka setting (`replica_lag_time_max_ms`) is labelled with the setting's key,
and the value that is today's default says so. Units come from the end of the name.
Numbers stand in order on their slider, so that right means more. The book shows the values that an
author gives; with a kernel the slider has those between them, too. Named choices stand as they are
given: up to five are buttons, more are a menu, for nobody finds one of eighteen by sliding.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from kafkabook.base.door import listed_words, meant, must_be
from kafkabook.base.errors import WrongValue
from kafkabook.base.settings import Setting, UnknownSetting, find
from kafkabook.base.units import bytes_text, ms_text

Value = int | float | str | bool | None
_UNITS = {"_ms": "ms", "_s": "s", "_bytes": "bytes", "_percent": "%"}
_MOST_BUTTONS = 5  # more named choices are a menu
_STOPS = 10  # of a slider with a kernel, from one given value to the next
_WIDE = 10  # from this ratio of two neighbours on, stops stand at equal ratios
_IN_WORDS = {"ms": ms_text, "bytes": bytes_text}


@dataclass(frozen=True, slots=True)
class Knob:
    """A named, finite choice. The first value given is where the explorer starts.

    Attributes: `name`, and `given`: the values, in any order but for the first.

    >>> Knob("linger_ms", (0, 5)).label, Knob("linger_ms", (0, 5)).texts()
    ('linger.ms', ('0 ms', '5 ms · default'))
    >>> Knob("fetch_every_ms", (500, 2000)).label
    'fetch every'
    >>> Knob("records", (6, 4, 8)).values, Knob("records", (6, 4, 8)).start
    ((4, 6, 8), 1)
    """

    name: str
    given: tuple[Value, ...]

    @property
    def values(self) -> tuple[Value, ...]:
        """The values from left to right: numbers ascending, anything else as it is given."""
        return tuple(sorted(self._numbers())) if self._is_range() else self.given

    @property
    def start(self) -> int:
        """Which value the explorer starts at."""
        return self.values.index(self.given[0])

    @property
    def kind(self) -> Literal["slider", "buttons", "menu"]:
        """What it is turned by: a range has a slider, named choices have buttons or a menu."""
        if self._is_range():
            return "slider"
        return "buttons" if len(self.given) <= _MOST_BUTTONS else "menu"

    @property
    def label(self) -> str:
        """The setting's key, or the name in words without its unit."""
        if self._setting() is not None:
            return self._key()
        unit = next((end for end in _UNITS if self.name.endswith(end)), "")
        return self.name.removesuffix(unit).replace("_", " ")

    @property
    def default_place(self) -> int | None:
        """Which value is Kafka's default today, if the knob is a setting and offers it."""
        setting = self._setting()
        try:
            default = setting.default() if setting else None
        except UnknownSetting:
            return None
        same = (n for n, value in enumerate(self.values) if setting and value == default)
        return next(same, None)

    def texts(self) -> tuple[str, ...]:
        """Return what the slider shows at each value."""
        shown = [_text(value, self._unit()) for value in self.values]
        if self.default_place is not None:
            shown[self.default_place] += " · default"
        return tuple(shown)

    def check(self, value: object, verb: str) -> None:
        """Check whether a value is one that this knob could stand at; any number will do.

        Raises:
            TypeError: it is of another kind. ValueError: there is no such choice.
        """
        if self._is_range():
            must_be((int, float), "a number", verb, self.name, value)
        elif value not in self.given:
            hint = meant(value, map(str, self.given)) or f"; there are {listed_words(self.given)}"
            raise WrongValue(f"{verb}: {self.name} has no choice {value!r}{hint}")

    def filled(self) -> "Knob":
        """Return the knob with stops between the values of a slider, where numbers are whole.

        >>> Knob("wait_ms", (4, 0, 50)).filled().values
        (0, 1, 2, 3, 4, 5, 7, 8, 11, 14, 18, 23, 30, 39, 50)
        """
        if not self._is_range() or not all(isinstance(value, int) for value in self.given):
            return self
        stops = {stop for low, high in pairwise(self.values) for stop in _between(low, high)}
        return replace(self, given=(*self.given, *sorted(stops - set(self.given))))

    def _numbers(self) -> list[int | float]:
        return [v for v in self.given if isinstance(v, int | float) and not isinstance(v, bool)]

    def _is_range(self) -> bool:
        return len(self._numbers()) == len(self.given)

    def _key(self) -> str:
        return self.name.replace("_", ".")

    def _setting(self) -> Setting | None:
        try:
            setting = find(self._key())
        except UnknownSetting:
            return None
        return setting if setting.name == self._key() else None

    def _unit(self) -> str:
        return next((unit for end, unit in _UNITS.items() if self.name.endswith(end)), "")


def _between(low: Any, high: Any) -> set[int]:
    """Return whole numbers from `low` to `high`: at equal steps, or at equal ratios and rounded."""
    shares = [n / _STOPS for n in range(1, _STOPS)]
    if low > 0 and high / low >= _WIDE:
        found = {_rounded(low * (high / low) ** share) for share in shares}
    else:
        found = {round(low + (high - low) * share) for share in shares}
    return {stop for stop in found if low < stop < high}


def _rounded(value: float) -> int:
    """Round to two digits.

    >>> _rounded(1234.5), _rounded(18.4)
    (1200, 18)
    """
    return round(float(f"{value:.1e}"))


def _text(value: Value, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int) or not unit:
        return str(value)
    plain = f"{value:,} {unit}".replace(",", "\N{NO-BREAK SPACE}")
    words = _IN_WORDS[unit](value) if unit in _IN_WORDS else plain
    return plain if words.split()[0] == str(value) else f"{plain} = {words}"
