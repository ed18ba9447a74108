"""The mime bundle of a widget, with nothing in it but the widget."""

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def widget_bundle(widget: Any) -> dict[str, Any]:
    """Return what a notebook needs to show a widget; text and stills come from its owner."""
    told = widget._repr_mimebundle_()
    data = told[0] if isinstance(told, tuple) else told  # anywidget 0.11 adds its metadata
    return {WIDGET_VIEW: data[WIDGET_VIEW]}
