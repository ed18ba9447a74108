"""Write `kafkabook/records/messages.txt` from the message definitions that lie in Kafka's jars.

    python tools/messages.py FOLDER_OF_JARS > kafkabook/records/messages.txt

A definition says what each record holds in each version. What is written down is what a reader of
bytes needs: kind, number, versions, and of each field its type, versions, tag and default.

Source: kafka, clients `src/main/resources/common/message/README.md`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

HEAD = """\
# Made by tools/messages.py from the definitions in the jars of Apache Kafka {version}.
# A message: kind, part, number, name, versions, flexible versions.
# A field: name, type, versions; `null`: versions in which it may be null; `tag`: number, versions.
"""
JARS = {  # jar -> kind of its messages
    "kafka-metadata": "metadata",
    "kafka-group-coordinator": "offsets",
    "kafka-transaction-coordinator": "transactions",
    "kafka-share-coordinator": "share-state",
    "kafka-storage": "remote-log",
    "kafka-clients": "control",
}
PARTS = {"coordinator-key": "key", "coordinator-value": "value", "metadata": "value"}
CONTROL = {  # of `ControlRecordType`; the definitions do not have the numbers
    "LeaderChangeMessage": 2,
    "SnapshotHeaderRecord": 3,
    "SnapshotFooterRecord": 4,
    "KRaftVersionRecord": 5,
    "VotersRecord": 6,
}
JSON = re.compile(r"(common/)?(message|metadata)/\w+\.json")
COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


def table(folder: Path) -> str:
    """Return the text of the table for the jars in a folder."""
    (metadata,) = folder.glob("kafka-metadata-*.jar")
    version = metadata.stem.rpartition("-")[2]
    blocks = [lines for jar, kind in JARS.items() for lines in of_jar(folder, jar, version, kind)]
    return HEAD.format(version=version) + "".join(f"\n{block}\n" for block in blocks)


def of_jar(folder: Path, jar: str, version: str, kind: str) -> Iterator[str]:
    """Yield the messages of a jar, by number, a key before its value."""
    with ZipFile(folder / f"{jar}-{version}.jar") as archive:
        texts = [archive.read(name).decode() for name in filter(JSON.fullmatch, archive.namelist())]
    definitions = [json.loads(COMMENT.sub("", text)) for text in texts]
    wanted = [d for d in definitions if d["type"] in PARTS or d["name"] in CONTROL]
    for definition in sorted(wanted, key=lambda d: (number_of(d), PARTS.get(d["type"], ""))):
        yield "\n".join(message(definition, kind))


def number_of(definition: dict[str, Any]) -> int:
    """Return the number that stands before the message in the bytes."""
    return int(definition.get("apiKey", CONTROL.get(definition["name"], -1)))


def message(definition: dict[str, Any], kind: str) -> Iterator[str]:
    """Yield the lines of one message."""
    part = PARTS.get(definition["type"], "value")
    words = (kind, part, str(number_of(definition)), definition["name"])
    yield " ".join([*words, definition["validVersions"], definition["flexibleVersions"]])
    shared = {struct["name"]: struct["fields"] for struct in definition.get("commonStructs", ())}
    yield from fields(definition["fields"], shared, "  ")


def fields(definitions: list[dict[str, Any]], shared: dict[str, Any], indent: str) -> Iterator[str]:
    """Yield the lines of fields, those of a structure below it."""
    for definition in definitions:
        bare = definition["type"].removeprefix("[]")
        inner = definition.get("fields") or shared.get(bare)
        yield indent + " ".join(words_of(definition, is_struct=inner is not None))
        yield from fields(inner or [], shared, f"{indent}  ")


def words_of(definition: dict[str, Any], *, is_struct: bool) -> Iterator[str]:
    """Yield the words of one field."""
    name, kind = definition["name"], definition["type"]
    array = "[]" if kind.startswith("[]") else ""
    yield from (name[0].lower() + name[1:], f"{array}struct" if is_struct else kind)
    yield definition.get("versions") or definition["taggedVersions"]
    if "nullableVersions" in definition:
        yield f"null {definition['nullableVersions']}"
    if "tag" in definition:
        yield f"tag {definition['tag']} {definition['taggedVersions']}"
    if definition.get("default") is not None:  # the word `null` is a default, null itself is none
        yield f"= {str(definition['default']).lower()}"


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])))
