"""Films and stages with a kernel: one anywidget view, imported when the first of them is shown.

To lay a film out takes most of the time of a touch, so the kernel does it for one width. The front
end asks for another one when the page is narrower or wider, and keeps what it has until then.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from kafkabook.base.errors import name_of
from kafkabook.viz.figure import WIDTH_PX, WIDTHS_PX
from kafkabook.viz.fonts import faces_css
from kafkabook.viz.front_end import source
from kafkabook.viz.widget_bundle import widget_bundle

if TYPE_CHECKING:
    from kafkabook.viz.film import Film
    from kafkabook.viz.live_stage import LiveStage


def film_view(film: "Film") -> dict[str, Any]:
    """Return the mime bundle of a fresh widget that plays a film once it is seen."""
    return widget_bundle(FilmWidget(film).view)


def stage_view(stage: "LiveStage") -> dict[str, Any]:
    """Return the mime bundle of a fresh widget that shows a stage, and does what is touched."""
    return widget_bundle(StageWidget(stage).view)


class FilmWidget:
    """The widget of one displayed film.

    Attributes: `view` (traits: `film`, `problem`), `width_px` (laid out by itself: what was asked
    for last).
    """

    more: ClassVar[dict[str, Any]] = {"plays": True}

    def __init__(self, film: "Film") -> None:
        self.film = film
        self.width_px, self._edition = WIDTH_PX, 0
        self.view = _view_kind()(film=self._data())
        self.view.on_msg(lambda _view, message, _buffers: self.take(message))

    def take(self, message: dict[str, Any]) -> None:
        """Do what the front end tells. An error is shown in the view, and raised again."""
        try:
            if message.get("do") == "layout":
                self._lay_out(int(message["width"]))
            if message.get("do") == "touch":
                self.touch(str(message["line"]), float(message["second"]), message.get("lane", 0))
        except Exception as error:
            self.view.problem = f"Error: {name_of(error)}: {error}"
            raise

    def touch(self, line: str, second: float, lane: int) -> None:
        """Do a line of code; nothing runs behind a film that is not a stage."""

    def _lay_out(self, width_px: int) -> None:
        if width_px not in WIDTHS_PX:
            raise ValueError(f"no layout is {width_px} px wide; there are: {WIDTHS_PX}")
        self.width_px = width_px
        lanes = self.film.laid_out(width_px)
        self.view.send(
            {"do": "layout", "edition": self._edition, "width": width_px, "lanes": lanes}
        )

    def _data(self) -> dict[str, Any]:
        """Return the film in one width; a layout that comes later names the edition it is of."""
        self._edition += 1
        return self.film.data((self.width_px,)) | self.more | {"edition": self._edition}


class StageWidget(FilmWidget):
    """The widget of one displayed stage."""

    more: ClassVar[dict[str, Any]] = {"is_live": True}

    def __init__(self, stage: "LiveStage") -> None:
        self.stage = stage
        super().__init__(stage.film)

    def touch(self, line: str, second: float, lane: int) -> None:
        """Do a line of code with the lab, and show the film as it is now."""
        self.view.problem = ""  # else the same problem twice would be no change, and not heard
        self.stage.touch(line, second, lane)
        self.film = self.stage.film
        self.view.film = self._data()
        self.view.problem = self.stage.problem


@cache
def _view_kind() -> Any:
    import anywidget
    import traitlets

    class FilmView(anywidget.AnyWidget):
        """A film, played by `front_end/main.js`."""

        _esm = source()
        _css = faces_css()
        film = traitlets.Dict().tag(sync=True)
        problem = traitlets.Unicode("").tag(sync=True)

    return FilmView
