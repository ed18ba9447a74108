"""Make the README's moving picture: the frames of an explorer, one after the other, in one SVG.

    python tools/moving_picture.py > docs/pictures/two_readers.svg

A test fails when the committed picture is not what this prints. Whoever asks for less motion sees
the last frame, and so does a viewer that plays nothing.
"""

import re
import sys

from kafkabook.explorers.chapters.events_and_the_log import two_readers_of_one_log
from kafkabook.viz.figure import WIDTH_PX, Figure
from kafkabook.viz.letters import TEXT_PX
from kafkabook.viz.theme import STILL_SANS

SECONDS_A_FRAME = 1.2


def moving(frames: list[Figure]) -> str:
    """Return one SVG that shows each frame in turn, for ever."""
    high = max(float(re.search(r'height="([\d.]+)"', f.svg)[1]) for f in frames)
    styles = {style for f in frames for style in re.findall(r"<style>(.*?)</style>", f.svg)}
    layers = [_layer(frame, number, len(frames)) for number, frame in enumerate(frames)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{high:g}" class="kb"'
        f' viewBox="0 0 {WIDTH_PX} {high:g}" font-family="{STILL_SANS}" font-size="{TEXT_PX}">'
        f"<title>{frames[0].title}</title><style>{''.join(sorted(styles))}{_motion(len(frames))}"
        f"</style>{''.join(layers)}</svg>\n"
    )


def _layer(frame: Figure, number: int, count: int) -> str:
    body = re.sub(r"^<svg[^>]*>|</svg>$|<(title|desc|style)\b.*?</\1>", "", frame.svg)
    delay = (number - count) * SECONDS_A_FRAME
    return f'<g class="frame" style="animation-delay:{delay:.1f}s">{body}</g>'


def _motion(count: int) -> str:
    share = 100 / count
    return (
        f".frame{{visibility:hidden;animation:turn {count * SECONDS_A_FRAME:.1f}s infinite}}"
        ".frame:last-of-type{visibility:visible}"
        f"@keyframes turn{{0%,{share:.3f}%{{visibility:visible}}"
        f"{share + 0.001:.3f}%,100%{{visibility:hidden}}}}"
        "@media(prefers-reduced-motion:reduce){.frame{animation:none}}"
    )


if __name__ == "__main__":
    sys.stdout.write(moving(list(two_readers_of_one_log())))
