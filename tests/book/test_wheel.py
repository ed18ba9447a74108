"""The wheel, installed alone, serves a reader: it carries the notebooks and all that is data."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip would unpack: the wheel of this checkout, built without a network."""
    out = tmp_path_factory.mktemp("wheel")
    line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(line, check=True, capture_output=True, cwd=HOME)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def test_a_working_copy_can_be_laid_from_the_wheel_alone(site: Path, tmp_path: Path) -> None:
    """Every chapter and exercise of the checkout, and none of its outputs."""
    code = (
        "from pathlib import Path; from kafkabook.book.sources import find_sources;"
        "from kafkabook.book.working_copy import lay;"
        f"print(find_sources().is_checkout, len(lay(find_sources(), Path({str(tmp_path)!r}))))"
    )
    told = {**os.environ, "PYTHONPATH": str(site), "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, env=told, cwd=site, capture_output=True, text=True, check=True)

    ours = [p for p in HOME.glob("[ce][hx][ae]*/**/*.ipynb") if ".ipynb_checkpoints" not in p.parts]
    assert f"False {len(ours)}\n" == done.stdout


def test_the_wheel_carries_what_is_not_python(site: Path) -> None:
    """Tables, the front end and the style are data; a wheel drops them silently."""
    root = site / "kafkabook"
    package = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    wanted = {"base/settings.tsv", "book/concepts.toml", "book/static/book.css", "py.typed"}
    wanted |= {"book/templates/page.html", "book/templates/search.html"}
    wanted |= {"viz/front_end/main.js", "viz/front_end/style.css"}
    wanted |= {f"viz/fonts/arimo-latin-{weight}-normal.woff2" for weight in (400, 700)}
    wanted |= {"viz/fonts/OFL.txt"}
    assert set() == wanted - package
