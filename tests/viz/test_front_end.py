"""The front end as one module: small, whole, and checked while it is joined."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kafkabook.viz.front_end import STYLE, joined, source, style
from kafkabook.viz.theme import COLOURS


def test_the_front_end_is_small() -> None:
    """One module for all figures of a page, films and explorers."""
    text = source().encode()
    assert len(text) <= 80 * 1024
    assert len(gzip.compress(text, 9, mtime=0)) <= 24 * 1024


def test_the_joined_text_is_one_module() -> None:
    """Nothing is imported, one thing is exported, and a page can hold it in a script."""
    assert None is re.search(r"(^|[;}])import\b", source(), re.MULTILINE)
    assert ["export default{render};"] == re.findall(r"\bexport\b[^;]*;", source())
    assert "</script" not in source()
    assert "/work/" not in source()


def test_the_joined_text_is_javascript(tmp_path: Path) -> None:
    """Node reads it, where there is a Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node")
    path = tmp_path / "front_end.mjs"
    path.write_text(source(), encoding="utf-8")
    done = subprocess.run([node, "--check", path], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


def test_every_colour_has_its_variable_and_its_dark_value() -> None:
    """They are made from the theme, so that they cannot drift from it."""
    css = style()
    for name, colour in COLOURS.items():
        assert f"--c-{name}:var(--kb-{name},{colour.light});" in css
        assert f'.kb [fill="{colour.light}"]{{fill:var(--kb-{name},{colour.light})}}' in css
        assert colour.dark in css


def test_modules_are_joined_in_order_and_without_their_comments() -> None:
    """What is exported is declared once, and found by its name."""
    modules = {
        "one.js": "// Why.\nexport const one = 1; // Why so.\n",
        "two.js": 'import { one } from "./one.js";\n/** A sum. */\nexport function two() {\n'
        "  return one + 1;\n}\n",
        "main.js": 'import CSS from "./style.css";\nimport { two } from "./two.js";\n'
        "export default { two, CSS };\n",
        STYLE: 'a{content:"b"}',
    }
    assert (
        "const one=1;function two(){return one+1;}\n"
        'const CSS="a{content:\\"b\\"}";export default{two,CSS};'
    ) == joined(("one.js", "two.js", "main.js"), modules.__getitem__)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ('import { a } from "./zero.js";\n', "two.js imports zero.js, which is not listed"),
        ('import { b } from "./one.js";\n', "two.js imports b, not exported by one.js"),
        ("const a = 2;\n", "two.js declares a, as one.js does"),
        ("const b = `${1 ? ` 2` : 3}`;\n", "two.js has a template in a template"),
    ],
)
def test_a_module_that_does_not_fit_is_refused(second: str, said: str) -> None:
    """Else the page would break in the reader's browser, with words of the browser's own."""
    modules = {"one.js": "export const a = 1;\n", "two.js": second}
    with pytest.raises(ValueError, match=said):
        joined(("one.js", "two.js"), modules.__getitem__)
