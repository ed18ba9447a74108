"""What JupyterLab finds in a working copy: no questions that need a network, and our own Python.

All of it lies under `.kafkabook/jupyter/`, is written anew at each start, and reaches JupyterLab
through `JUPYTER_CONFIG_PATH` and `JUPYTER_PATH`; the reader's own Jupyter settings stay.
"""

import json
import sys
from pathlib import Path

FOLDER = ".kafkabook/jupyter"
_OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": False,
    },
}
_SERVER = '''\
"""Written by kafkabook at each start; changes here do not last."""

from kafkabook.book.notebooks import drop_widget_views

c = get_config()  # noqa: F821
c.ContentsManager.pre_save_hook = drop_widget_views
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
'''


def lay_settings(folder: Path) -> Path:
    """Write configuration, defaults and kernel below `folder`; return where they lie."""
    settings = folder / FOLDER
    (settings / "labconfig").mkdir(parents=True, exist_ok=True)
    (settings / "jupyter_lab_config.py").write_text(_SERVER, encoding="utf-8")
    _write_json(settings / "labconfig" / "default_setting_overrides.json", _OVERRIDES)
    lay_kernel(settings)
    return settings


def lay_kernel(settings: Path) -> Path:
    """Write a kernel `python3` that is this very interpreter, whatever else is installed."""
    kernel = settings / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    quiet = "--IPKernelApp.log_level=ERROR"  # it warns of every loopback connection
    told = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", quiet, "-f", "{connection_file}"],
        "display_name": "Python 3 (kafkabook)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    _write_json(kernel / "kernel.json", told)
    return settings


def _write_json(path: Path, told: object) -> None:
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
