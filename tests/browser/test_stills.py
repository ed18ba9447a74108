"""A figure without a player takes the room that it is given."""

from pathlib import Path

import pytest

from kafkabook.lab import Lab
from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("room_px", "drawn_px"),
    [(320, 320), (400, 400), (519, 400), (520, 520), (819, 520), (900, 820)],
)
def test_one_picture_is_seen_as_wide_as_its_column_allows(
    room_px: int, drawn_px: int, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JupyterLab's cell in a half window and a telephone's page show whole pictures."""
    lab = Lab(seed=5)
    lab.create_topic("orders")
    monkeypatch.setenv("KAFKABOOK_MODE", "live")
    html = lab.snapshot("orders", 0)._repr_mimebundle_()["text/html"]
    (tmp_path / "still.html").write_text(f'<div style="width:{room_px}px">{html}</div>')
    opened.page.goto((tmp_path / "still.html").as_uri())
    seen = opened.page.locator(".kb-still svg:visible")
    assert 1 == seen.count()
    assert drawn_px == seen.evaluate("it => it.getBoundingClientRect().width")
    assert not opened.complaints
