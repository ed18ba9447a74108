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
_SERVER = {
    "Application": {"log_level": "WARN"},  # what remains is the address to open
    "ContentsManager": {"pre_save_hook": "kafkabook.book.notebooks.drop_widget_views"},
    "LabApp": {
        "news_url": None,
        "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "extension_manager": "readonly",
    },
}
_PAGE = {"disabledExtensions": {"@jupyter/nbgrader": True}}  # a teacher's tools, as those below
_TEACHERS_TOOLS = ("assignment_list", "course_list", "formgrader", "validate_assignment")
_EXTENSIONS = {
    "ServerApp": {
        "jpserver_extensions": {
            f"nbgrader.server_extensions.{name}": False for name in _TEACHERS_TOOLS
        },
    },
}


def lay_settings(folder: Path) -> Path:
    """Write configuration, defaults and kernel below `folder`; return where they lie."""
    settings = folder / FOLDER
    _write_json(settings / "labconfig" / "page_config.json", _PAGE)
    _write_json(settings / "jupyter_lab_config.json", _SERVER)
    _write_json(settings / "labconfig" / "default_setting_overrides.json", _OVERRIDES)
    _write_json(settings / "jupyter_server_config.d" / "kafkabook.json", _EXTENSIONS)
    lay_kernel(settings)
    return settings


def lay_kernel(settings: Path) -> Path:
    """Write a kernel `python3` that is this very interpreter, whatever else is installed."""
    kernel = settings / "kernels" / "python3"
    quiet = "--IPKernelApp.log_level=ERROR"  # it warns of every loopback connection
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", quiet, "-f", "{connection_file}"],
        "display_name": "Python 3 (kafkabook)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    _write_json(kernel / "kernel.json", spec)
    return settings


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
