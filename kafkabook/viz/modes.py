"""Where a cell's result will be looked at: by a front end with a kernel, in the book, or on paper.

The environment variable `KAFKABOOK_MODE` decides (`live`, `book`, `still`). Without it a result is
live exactly when the message that runs the cell names a cell: JupyterLab's do, those of nbclient,
and so of nbval, nbconvert and nbgrader, do not.
"""

import os
import sys
from typing import Any

MODE = "KAFKABOOK_MODE"  # live, book or still; the name of an environment variable
LIVE, BOOK, STILL = MODES = ("live", "book", "still")


def mode() -> str:
    """Return `live`, `book` or `still`.

    Raises:
        ValueError: the environment asks for something else.
    """
    wanted = os.environ.get(MODE, "")
    if wanted and wanted not in MODES:
        raise ValueError(f"{MODE} is {wanted!r}; use one of {', '.join(MODES)}")
    return wanted or (LIVE if cell_is_named() else STILL)


def cell_is_named() -> bool:
    """Say whether a person runs this cell, and no machine that runs a whole notebook.

    Asks the running kernel, if there is one; a plain Python has not even imported IPython.
    """
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent("shell") if kernel else {}
    return bool(parent.get("metadata", {}).get("cellId"))
