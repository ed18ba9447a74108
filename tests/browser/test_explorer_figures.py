"""What is written in a picture can be read: nothing is cut off, nothing lies on another."""

from typing import TYPE_CHECKING

import pytest

from kafkabook.explorers.catalogue import every_explorer
from kafkabook.explorers.explorer import Explorer
from kafkabook.viz.figure import Figure

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
EXPLORERS = every_explorer()
MEASURE = """() => {
  const bad = [];
  for (const svg of document.querySelectorAll('svg')) {
    const page = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim())
      .map((t) => [t.textContent, t.getBoundingClientRect()]);
    for (const [text, box] of texts)
      if (box.left < page.left - 1 || box.right > page.right + 1 || box.bottom > page.bottom + 2)
        bad.push(`cut off: ${text}`);
    texts.forEach(([text, a], n) => texts.slice(n + 1).forEach(([other, b]) => {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 5) bad.push(`${text} lies on ${other}`);
    }));
  }
  return bad;
}"""


def pictures(it: Explorer) -> list[Figure]:
    """Return first and last picture at the start and at each end of each knob."""
    places = {
        (*it.start[:number], place, *it.start[number + 1 :])
        for number, knob in enumerate(it.knobs)
        for place in range(len(knob.values))
    }
    return [fig for at in sorted(places) for fig in {it.pictures(at)[n] for n in (0, -1)}]


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_text_is_cut_off_or_lies_on_another(name: str, chromium: "Browser") -> None:
    """Widths are computed before anything is drawn; a browser says whether they were right."""
    page = chromium.new_page(viewport={"width": 800, "height": 600})
    page.set_content("".join(figure.svg for figure in pictures(EXPLORERS[name])))
    assert [] == page.evaluate(MEASURE)
    page.close()
