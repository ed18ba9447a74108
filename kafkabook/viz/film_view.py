"""Films and stages with a kernel: one anywidget view, imported when the first of them is shown."""

from functools import cache
from typing import TYPE_CHECKING, Any

from kafkabook.base.errors import name_of
from kafkabook.viz.fonts import faces_css
from kafkabook.viz.front_end import source
from kafkabook.viz.widget_bundle import widget_bundle

if TYPE_CHECKING:
    from kafkabook.viz.film import Film
    from kafkabook.viz.live_stage import LiveStage


def film_view(film: "Film") -> dict[str, Any]:
    """Return the mime bundle of a fresh widget that plays a film once it is seen."""
    return widget_bundle(_view_kind()(film=film.data() | {"plays": True}))


def stage_view(stage: "LiveStage") -> dict[str, Any]:
    """Return the mime bundle of a fresh widget that shows a stage, and does what is touched."""
    return widget_bundle(StageWidget(stage).view)


class StageWidget:
    """The widget of one displayed stage.

    Attributes: `view` (traits: `film`, `problem`).
    """

    def __init__(self, stage: "LiveStage") -> None:
        self.stage = stage
        self.view = _view_kind()(film=self._film())
        self.view.on_msg(lambda _view, message, _buffers: self.take(message))

    def take(self, message: dict[str, Any]) -> None:
        """Do what the front end tells. An error is shown in the view, and raised again."""
        if message.get("do") != "touch":
            return
        try:
            where = float(message["second"]), int(message.get("lane", 0))
            self.view.problem = ""  # else the same problem twice would be no change, and not heard
            self.stage.touch(str(message["line"]), *where)
            self.view.film = self._film()
            self.view.problem = self.stage.problem
        except Exception as error:
            self.view.problem = f"Error: {name_of(error)}: {error}"
            raise

    def _film(self) -> dict[str, Any]:
        return self.stage.film.data() | {"is_live": True}


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
