"""What was laid into a working copy: JSON with a schema, never pickle; damaged ones go aside."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from kafkabook.book.sources import BookError, inside

NAME = ".kafkabook.json"
SCHEMA = "kafkabook working copy 1"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Per file the fingerprint that was laid, or offered, last; and by which release."""

    release: str
    files: dict[str, str]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step, so that a stopped machine leaves the old or the new."""
    content = {"schema": SCHEMA, "release": manifest.release, "files": manifest.files}
    fresh = folder / f"{NAME}.part"
    fresh.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """Return what is known of this working copy; nothing, if it is new or its file is damaged.

    A damaged one is moved to `.kafkabook.json.damaged`; every file then counts as the reader's.
    """
    path = folder / NAME
    if not path.exists():
        return Manifest("", {})
    try:
        return _checked(folder, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, BookError):
        path.replace(folder / f"{NAME}.damaged")
        return Manifest("", {})


def _checked(folder: Path, content: object) -> Manifest:
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ValueError("another schema")
    release, files = content.get("release"), content.get("files")
    if not isinstance(release, str) or not isinstance(files, dict):
        raise ValueError("release or files missing")
    for name, laid in files.items():
        inside(folder, name)
        if not isinstance(laid, str) or not _FINGERPRINT.fullmatch(laid):
            raise ValueError(f"no fingerprint for {name}")
    return Manifest(release, files)
