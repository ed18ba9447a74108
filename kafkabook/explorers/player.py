"""An explorer in a page: the first picture in place, all others in one gzip block beside it.

The page needs no kernel and no network. Whoever builds it puts `page_script()` once into each page
that holds a player; the browser itself unpacks the block.
"""

import gzip
import json
from base64 import b64encode
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kafkabook.explorers.session import told

if TYPE_CHECKING:
    from kafkabook.explorers.explorer import Explorer

MOST_PLAYER_BYTES = 300_000


@cache
def front_end_source() -> str:
    """Return the one JavaScript file of the package: an ES module for kernel and page alike."""
    return files("kafkabook.explorers").joinpath("front_end.js").read_text(encoding="utf-8")


def page_script() -> str:
    """Return the element to put once into a page with players; it works from `file://`."""
    return f'<script type="module">\n{front_end_source()}</script>'


def player_html(explorer: "Explorer") -> str:
    """Return one explorer as HTML: usable with a script, readable without.

    Raises:
        ValueError: more than 300 KB; the message names the explorer.
    """
    block = packed(explorer)
    html = (
        f'<div class="kb kb-player" data-kb-player aria-label="{escape(explorer.question)}">'
        f'<div class="kb-picture">{explorer.first().svg}</div>'
        f"<details><summary>In words</summary><pre>{escape(explorer.first().text)}</pre></details>"
        f'<script type="application/gzip;base64">{block}</script></div>'
    )
    if len(html) > MOST_PLAYER_BYTES:
        size = f"{len(html)} bytes in the book, at most {MOST_PLAYER_BYTES} are allowed"
        raise ValueError(f"explorer {explorer.__name__}: {size}")
    return html


def packed(explorer: "Explorer") -> str:
    """Return all pictures of the grid and what the controls need, gzipped, in base64."""
    pictures: dict[tuple[str, str], int] = {}  # each different picture once
    grid = {
        ",".join(map(str, places)): [
            pictures.setdefault((figure.svg, figure.text), len(pictures))
            for figure in explorer.pictures(places)
        ]
        for places in explorer.places()
    }
    data = {
        "meta": meta(explorer),
        "grid": grid,
        "pictures": [{"svg": svg, "text": text} for svg, text in pictures],
    }
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return b64encode(gzip.compress(plain, 9, mtime=0)).decode()


def meta(explorer: "Explorer") -> dict[str, Any]:
    """Return everything about an explorer that does not change while it is used."""
    guess = explorer.guess
    return {
        "question": explorer.question,
        "caption": explorer.caption,
        "script": explorer.script,
        "opensAt": explorer.opens_at,
        "knobs": [
            {
                "name": knob.name,
                "label": knob.label,
                "texts": knob.texts(),
                "values": list(map(str, knob.values)),
                "default": knob.default_place,
                "start": knob.start,
                "isMenu": knob.is_menu,
            }
            for knob in explorer.knobs
        ],
        "forks": {name: explorer.turned(to) for name, to in explorer.forks.items()},
        "guess": guess and guess.data() | {"shows": explorer.turned(guess.shows)},
        "before": told(explorer.first()) if guess and guess.before else None,
    }
