"""The colours of code on light paper: Pygments' "friendly", a shade darker where it is faint."""

from typing import Any

from pygments.styles.friendly import FriendlyStyle
from pygments.token import Comment, Generic, Name, Number, String, Whitespace


class Readable(FriendlyStyle):  # type: ignore[misc]
    """Every word stands out from a cell's ground at 4.5 to 1 or more."""

    styles: dict[Any, str] = {  # noqa: RUF012  # as Pygments has it
        **FriendlyStyle.styles,
        Whitespace: "#6d6d6d",
        Comment: "italic #407481",
        Number: "#317a55",
        String.Interpol: "italic #3770a8",
        String.Other: "#ae5208",
        Name.Class: "bold #0c74a0",
        Name.Namespace: "bold #0c74a0",
        Name.Variable: "#a936ca",
        Name.Constant: "#29739a",
        Name.Entity: "bold #be4428",
        Generic.Error: "#db0000",
        Generic.Inserted: "#007f00",
        Generic.Output: "#6d6d6d",
        Generic.Prompt: "bold #ae5208",
    }
