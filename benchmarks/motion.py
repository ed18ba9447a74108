"""A film of two runs with 40 messages more than it has: how long a frame takes in a browser (5d).

python -m benchmarks.motion
"""

import gzip
import json
import shutil
import tempfile
from base64 import b64encode
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from kafkabook import SCENARIOS
from kafkabook.viz.front_end import page_script

if TYPE_CHECKING:
    from playwright.sync_api import Page

FLYING = 40
WATCHED_MS = 8_000
FRAME_MS, SCRIPT_MS = 17.0, 1.0  # goals, medians
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
# Each frame: when it began, and how long what was asked for took.
COUNT = """() => {
  window.frames_ = [];
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (act) => ask((now) => {
    const began = performance.now();
    act(now);
    frames_.push([now, performance.now() - began]);
  });
}"""


def main() -> None:
    """Play the film, and print the median frame and the script's share of it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or find_spec("playwright") is None:
        print("\n5d motion: not measured, for there is no Chromium with playwright here")
        return
    spent = _watched(chromium)
    apart = [later - now for (now, _), (later, _) in pairwise(spent)]
    script = [share for _, share in spent]
    print(f"\n5d motion: two runs and {FLYING} messages more, {len(spent)} frames")
    _tell("frame", apart, FRAME_MS)
    _tell("script", script, SCRIPT_MS)


def _tell(what: str, spent_ms: list[float], goal_ms: float) -> None:
    middle, most = median(spent_ms), quantiles(spent_ms, n=20)[-1]
    verdict = "met" if middle <= goal_ms else "missed"
    print(f"  {what:<6} median {middle:.1f} ms, p95 {most:.1f} ms; goal {goal_ms} ms: {verdict}")


def _watched(chromium: str) -> list[list[float]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        path = Path(folder, "film.html")
        path.write_text(_page(), encoding="utf-8")
        frames = _play(page, path.as_uri())
        browser.close()
    return frames


def _play(page: "Page", address: str) -> list[list[float]]:
    page.add_init_script(f"({COUNT})()")
    page.goto(address)
    page.locator(".kb-play").click()
    page.evaluate("frames_.length = 0")
    page.wait_for_timeout(WATCHED_MS)
    frames: list[list[float]] = page.evaluate("frames_")
    return frames


def _page() -> str:
    data = _busier(SCENARIOS["A9"].film().data() | {"guess": None})
    block = b64encode(gzip.compress(json.dumps(data).encode())).decode()
    packed = f'<script type="application/gzip;base64">{block}</script>'
    return f"<!doctype html><main><div data-kb-film>{packed}</div></main>{page_script()}"


def _busier(film: dict[str, Any]) -> dict[str, Any]:
    """Put messages on the stages that are on their way as long as the film lasts."""
    for lane in film["lanes"]:
        for layout in lane["layouts"].values():
            layout["shapes"] += [
                _message(number, layout["w"], film["end"])
                for number in range(FLYING // len(film["lanes"]))
            ]
    return film


def _message(number: int, wide: float, end_s: float) -> list[Any]:
    y = 20 + 15 * number
    at = {"~fly": f"0 0 {end_s} 1", "~way": f"10 {y} {wide / 2} {y + 60} {wide - 10} {y}"}
    dot = ["circle", "", {"r": 6, "fill": "#c47f00"}]
    return ["g", f"more/{number}", at, {}, [dot]]


if __name__ == "__main__":
    main()
