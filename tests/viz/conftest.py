"""Every figure that a test of this directory draws is measured, in all its widths."""

from collections.abc import Iterator

import pytest

from kafkabook.viz.figure import WIDTHS_PX, Figure
from tests.viz.measured import complaints


def measured(figure: Figure, width_px: int) -> list[str]:
    """Return what is wrong with a figure in a width, that it has no room in it included."""
    scene = figure.scene_for(width_px)
    narrow = [] if scene.width == width_px else [f"has no room in {width_px} px"]
    return narrow + complaints(scene)


@pytest.fixture(autouse=True)
def _words_can_be_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remember what is drawn; once the test is over, measure it."""
    drawn: list[Figure] = []
    check = Figure.__post_init__

    def remember(figure: Figure) -> None:
        check(figure)
        drawn.append(figure)

    monkeypatch.setattr(Figure, "__post_init__", remember)
    yield
    monkeypatch.undo()
    for figure in drawn:
        told = {figure.scene.width: complaints(figure.scene)}
        if figure.draw_again is not None:
            told |= {width: measured(figure, width) for width in WIDTHS_PX}
        assert {} == {width: it for width, it in told.items() if it}, figure.title
