"""The words of code can be read on the ground of a cell."""

import pytest

from kafkabook.book.code_style import Readable
from tests.viz.measured import contrast

CELL = "#f5f7fa"  # the darkest ground on which code stands, in `book.css`


@pytest.mark.parametrize("kind", [kind for kind, look in Readable if look["color"]], ids=str)
def test_every_kind_of_word_stands_out(kind: object) -> None:
    """Those too that no chapter has yet."""
    look = Readable.style_for_token(kind)
    ground = f"#{look['bgcolor']}" if look["bgcolor"] else CELL
    assert contrast(f"#{look['color']}", ground) >= 4.5
