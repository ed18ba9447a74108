"""An explorer in a page: the first picture in place, all motions in one gzip block beside it.

The page needs no kernel and no network. Whoever builds it puts `page_script()` of `viz/front_end`
once into each page that holds a player; the browser itself unpacks the block.
"""

import gzip
import json
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any

from kafkabook.explorers.motions import Motions, compact
from kafkabook.viz.motion import VERSION

if TYPE_CHECKING:
    from kafkabook.explorers.explorer import Explorer

MOST_PLAYER_BYTES = 300_000


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
    """Return all motions of the grid and what the controls need, gzipped, in base64."""
    motions = Motions(explorer)
    shown = {",".join(map(str, places)): motions.at(places) for places in explorer.places()}
    if (before := motions.before()) is not None:
        shown["before"] = before
    data = {
        "meta": meta(explorer),
        "grid": {places: number for number, places in enumerate(shown)},
        **compact(shown.values()),
    }
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return b64encode(gzip.compress(plain, 9, mtime=0)).decode()


def meta(explorer: "Explorer") -> dict[str, Any]:
    """Return everything about an explorer that does not change while it is used."""
    guess = explorer.guess
    return {
        "v": VERSION,
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
                "kind": knob.kind,
            }
            for knob in explorer.knobs
        ],
        "forks": {name: explorer.turned(to) for name, to in explorer.forks.items()},
        "guess": guess and guess.data() | {"shows": explorer.turned(guess.shows)},
    }
