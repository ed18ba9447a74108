"""Run notebooks and write their outputs in the form that is committed: text and SVG, nothing else.

    python tools/notebooks.py chapters/01_events_and_the_log.ipynb …

Cells tagged `nbval-ignore-output` measure the machine they run on; they are run, and their output
is committed as it came.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

KINDS = ("text/plain", "image/svg+xml")


def run(path: Path) -> None:
    """Execute one notebook from top to bottom and save it; stops at the first error."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(path.parent))
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [committed(output) for output in cell.outputs]
    nbformat.write(notebook, path)


def committed(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Keep the text twin and the picture of an output."""
    if "data" in output:
        output["data"] = {kind: output["data"][kind] for kind in KINDS if kind in output["data"]}
        output["metadata"] = {}
    return output


if __name__ == "__main__":
    os.environ["KAFKABOOK_MODE"] = "still"
    for name in sys.argv[1:]:
        print(f"running {name}", flush=True)
        run(Path(name))
