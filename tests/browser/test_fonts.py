"""The letters that travel with the pages are as wide as the layout takes them to be."""

from string import printable

import pytest

from kafkabook.viz.fonts import faces_css
from kafkabook.viz.letters import width_px
from tests.browser.conftest import Opened
from tests.browser.drawn_with import BOLD, REGULAR, Font, fonts_of

pytestmark = pytest.mark.browser
LETTERS = [it for it in printable if it == " " or not it.isspace()]
EM_PX = 1000  # so that a width in px is one in thousandths of the size
# Where our family did not load, every letter would be as wide as in `monospace`.
WIDTHS = """async ([texts, font]) => {
  await document.fonts.load(font);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  return texts.map((text) => pen.measureText(text).width);
}"""


def measured(opened: Opened, texts: list[str], *, bold: bool) -> list[float]:
    """Return how wide Chromium draws each text in our family, in thousandths of the size."""
    opened.page.set_content(f"<style>{faces_css()}</style>")
    font = f"{700 if bold else 400} {EM_PX}px Arimo, monospace"
    return opened.page.evaluate(WIDTHS, [texts, font])


@pytest.mark.parametrize("bold", [False, True])
def test_a_letter_is_as_wide_as_the_table_says(bold: bool, opened: Opened) -> None:
    """Printable ASCII, and what else has a row: whoever changes table or font changes both."""
    letters = [*LETTERS, "·", "–"]
    widths = dict(zip(letters, map(round, measured(opened, letters, bold=bold)), strict=True))
    assert {it: width_px(it, EM_PX, bold=bold) for it in letters} == widths
    assert 97 == len(widths)


@pytest.mark.parametrize("bold", [False, True])
def test_two_letters_are_never_wider_than_one_and_one(bold: bool, opened: Opened) -> None:
    """Kerning moves letters together, never apart: what fits by the table fits."""
    pairs = [one + other for one in LETTERS for other in LETTERS]
    widths = zip(pairs, measured(opened, pairs, bold=bold), strict=True)
    assert [] == [it for it, wide in widths if wide > width_px(it, EM_PX, bold=bold) + 1]


def test_numbers_stand_below_each_other(opened: Opened) -> None:
    """All digits have one width, the same in bold."""
    digits = list("0123456789")
    assert 1 == len({round(it) for b in (False, True) for it in measured(opened, digits, bold=b)})


@pytest.mark.parametrize(
    ("weight", "font"), [(400, REGULAR), (500, REGULAR), (600, BOLD), (650, BOLD), (700, BOLD)]
)
def test_a_weight_between_the_two_files_has_one_of_them(
    weight: int, font: Font, opened: Opened
) -> None:
    """The styles write 600 and 650; those are bold, as they are in Arial."""
    style = f"{faces_css()} p {{ font: {weight} 13px Arimo }}"
    opened.page.set_content(f"<style>{style}</style><p>log end</p>")
    opened.page.evaluate("document.fonts.ready.then(() => true)")
    assert {font} == fonts_of(opened.page, "p")
    assert [] == [url for url in opened.requests if not url.startswith("data:")]
