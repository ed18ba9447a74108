"""An explorer with a kernel: ipywidgets sliders, buttons and menus above one anywidget view.

Both are imported when the first explorer is shown live, not before: anywidget alone takes 0.4 s.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from kafkabook.base.errors import name_of
from kafkabook.explorers.player import meta
from kafkabook.explorers.session import Session
from kafkabook.viz.fonts import faces_css
from kafkabook.viz.front_end import source
from kafkabook.viz.widget_bundle import widget_bundle

if TYPE_CHECKING:
    from kafkabook.explorers.explorer import Explorer


class LiveExplorer:
    """The widgets of one displayed explorer, and the session that they share.

    Attributes: `sliders` (or buttons, or menus, one a knob), `view` (traits: `meta`, `picture`,
    `problem`), `box` (what is shown).
    """

    def __init__(self, explorer: "Explorer") -> None:
        import ipywidgets

        whole = explorer.filled()
        self.session = Session(whole)
        self.view = _view_kind()(meta=meta(whole), picture=self.session.picture())
        self.view.on_msg(lambda _view, message, _buffers: self.take(message))
        self.sliders = [_slider(knob) for knob in whole.knobs]
        for number, slider in enumerate(self.sliders):
            slider.observe(self._turned(number), "value")
        self.box = ipywidgets.VBox([*self.sliders, self.view])
        self.box.add_class("kb-live")
        self._settle()

    def take(self, message: dict[str, Any]) -> None:
        """Do what the front end tells. An error is shown in the view, and raised again."""
        self._told(lambda: self.session.do(message))

    def _turned(self, number: int) -> Callable[[Any], None]:
        def turn(change: Any) -> None:
            if change.new != self.session.places[number]:
                self.take({"do": "knob", "knob": number, "place": change.new})

        return turn

    def _told(self, act: Callable[[], None]) -> None:
        try:
            act()
            self._settle()
        except Exception as error:
            self.view.problem = f"Error: {name_of(error)}: {error}"
            raise

    def _settle(self) -> None:
        """Bring picture and sliders to where the session is."""
        self.view.picture, self.view.problem = self.session.picture(), ""
        for slider, place in zip(self.sliders, self.session.places, strict=True):
            slider.disabled = self.session.is_locked
            slider.value = place


def widget_view(explorer: "Explorer") -> dict[str, Any]:
    """Return the mime bundle of fresh widgets for `explorer`."""
    return widget_bundle(LiveExplorer(explorer).box)


@cache
def _view_kind() -> Any:
    import anywidget
    import traitlets

    class ExplorerView(anywidget.AnyWidget):
        """The picture, its time bar, guess and forks; drawn by `front_end/explorer.js`."""

        _esm = source()
        _css = faces_css()
        meta = traitlets.Dict().tag(sync=True)
        picture = traitlets.Dict().tag(sync=True)
        problem = traitlets.Unicode("").tag(sync=True)

    return ExplorerView


def _slider(knob: Any) -> Any:
    import ipywidgets

    kinds = {
        "slider": ipywidgets.SelectionSlider,
        "buttons": ipywidgets.ToggleButtons,
        "menu": ipywidgets.Dropdown,
    }
    return kinds[knob.kind](
        options=[(text, place) for place, text in enumerate(knob.texts())],
        description=knob.label,
        style={"description_width": "14em"},
        layout={"width": "min(100%, 44em)"},
    )
