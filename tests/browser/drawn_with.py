"""With which fonts Chromium drew a text; a style only says what is wished for."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page


class Font(NamedTuple):
    """A face; `is_brought` where the page brings it, and not the machine."""

    name: str
    is_brought: bool


REGULAR, BOLD = Font("Arimo-Regular", is_brought=True), Font("Arimo-Bold", is_brought=True)


def fonts_of(page: "Page", selector: str) -> set[Font]:
    """Return the fonts of all texts that are found; there must be one."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    nodes = _nodes(session, selector)
    assert nodes, selector
    fonts = {font for node in nodes for font in _fonts(session, node)}
    session.detach()
    return fonts


def _nodes(session: "CDPSession", selector: str) -> list[int]:
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})
    return found["nodeIds"]


def _fonts(session: "CDPSession", node: int) -> set[Font]:
    told = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {Font(it["postScriptName"], it["isCustomFont"]) for it in told}
