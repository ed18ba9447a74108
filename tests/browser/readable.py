"""A page that shows a figure in the book's own player, and measures it (`readable.js`)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafkabook.viz.fonts import faces_css
from kafkabook.viz.front_end import source, style
from tests.browser.conftest import Opened
from tests.viz.chosen import EVERYTHING

WIDTHS = (400, 520, 820, 1400)
THEMES = ("light", "dark")
MEASURE = Path(__file__).with_name("readable.js").read_text(encoding="utf-8")
_CONTRAST_PX = 820  # colours are the same in every width; in the normal run one is enough
_BOOKS_DARK = "body[data-theme=dark]{--color-background-primary:#131416;background:#131416}"
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title>'
    '<style>{}</style><body style="margin:0">'
)
_IMPORT = """async (source) => {
  const whole = new Blob([source, "\\nexport { Player, Explorer };"], {type: "text/javascript"});
  window.front = await import(URL.createObjectURL(whole));
  await Promise.all([...document.fonts].map((face) => face.load()));
}"""
_SHOW = """([kind, told]) => {
  const values = JSON.parse(told);
  document.body.innerHTML = "<div><div class='kb'></div></div>";
  const heard = {};
  const model = {get: (name) => values[name], on: (event, act) => { heard[event] = act; }};
  window.change = (name, value) => {
    values[name] = value;
    heard[`change:${name}`]();
    figure.lanes.forEach((lane) => lane.settle(9));
  };
  window.figure = new front[kind](document.querySelector(".kb"), model);
}"""
_WALK = """([width, seconds, themes, colours]) => {
  figure.root.parentElement.style.width = `${width}px`;
  figure.fit(figure.root.clientWidth);
  const dress = (theme) => { document.body.dataset.theme = theme; };
  const go = (second) => figure.seek(second);
  return readable.walk(figure.root, go, seconds, {themes, dress, colours});
}"""
Found = dict[str, list[str]]


class Shown(Opened):
    """A page with one figure at a time."""

    def prepare(self) -> None:
        """Load the player, the letters and the measure."""
        self.page.set_viewport_size({"width": 1440, "height": 900})
        self.page.set_content(_PAGE.format(faces_css() + style() + _BOOKS_DARK))
        self.page.evaluate(MEASURE)
        self.page.evaluate(_IMPORT, source())

    def film(self, data: dict[str, Any]) -> None:
        """Show a film."""
        self._show("Player", {"film": data | {"plays": False}})

    def explorer(self, meta: dict[str, Any], picture: dict[str, Any]) -> None:
        """Show an explorer."""
        told = {"meta": meta, "picture": picture, "drawsKnobs": True, "problem": ""}
        self._show("Explorer", told)

    def change(self, picture: dict[str, Any]) -> None:
        """Give the explorer that is shown another picture."""
        self.page.evaluate("(told) => change('picture', JSON.parse(told))", json.dumps(picture))

    def _show(self, kind: str, values: dict[str, Any]) -> None:
        # As one text: Playwright takes a second to carry the values of a film one by one.
        self.page.evaluate(_SHOW, [kind, json.dumps(values)])

    def measured(self, width: int, seconds: Sequence[float], where: str = "") -> Found:
        """Return what cannot be read at some moments, in a figure of a width."""
        colours = EVERYTHING or width == _CONTRAST_PX
        told: Found = self.page.evaluate(_WALK, [width, list(seconds), THEMES, colours])
        return {f"{where}{width} px, {when}": it for when, it in told.items()}
