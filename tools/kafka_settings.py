"""Write the tables of Kafka's own settings from what its classes say, version by version.

    java -cp 'JARS/*' tests/real/java/ConfigsOfKafka.java > 4.3.1.json    # once a version
    python tools/kafka_settings.py FOLDER_OF_JSON

The answers lie in one folder, each named by its version. A setting is gone with the first of these
versions that lacks it, so the folder should hold one of each minor version in which some went.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BASE = Path(__file__).parent.parent / "kafkabook" / "base"
SCOPES = ("producer", "consumer", "admin", "topic", "broker")
SHOWN = {"2.8": "2.8.2", "3.9": "3.9.1", "4.x": "4.3.1"}
Answers = Mapping[str, Mapping[str, Any]]  # version -> scope -> name -> type and default


def read(folder: Path) -> Answers:
    """Return the answers of all versions, the oldest first."""
    paths = sorted(folder.glob("*.json"), key=lambda path: tuple(map(int, path.stem.split("."))))
    return {path.stem: json.loads(path.read_text()) for path in paths}


def settings_table(answers: Answers) -> str:
    """Return the table of all settings that were or are, but for those that are internal."""
    lines = ["\t".join(["scope", "name", "type", *SHOWN, "gone"])]
    for scope in SCOPES:
        names = {name for answer in answers.values() for name in answer[scope]}
        shown = sorted(name for name in names if not name.startswith("internal."))
        lines += ["\t".join(row(answers, scope, name)) for name in shown]
    return "\n".join(lines) + "\n"


def row(answers: Answers, scope: str, name: str) -> Iterator[str]:
    """Yield the cells of one setting."""
    having = [version for version, answer in answers.items() if name in answer[scope]]
    later = list(answers)[list(answers).index(having[-1]) + 1 :]
    yield from (scope, name, answers[having[-1]][scope][name][0])
    for version in SHOWN.values():
        absent = "removed" if version in later else "n/a"
        yield answers[version][scope][name][1] if version in having else absent
    yield minor(later[0]) if later else ""


def minor(version: str) -> str:
    """Return a version without its last number."""
    return version.rpartition(".")[0]


def synonyms_table(answers: Answers) -> str:
    """Return which settings of a broker stand in for one of a topic, the strongest first."""
    synonyms = answers[SHOWN["4.x"]]["synonyms"]
    lines = [f"{topic}\t{' '.join(names)}" for topic, names in sorted(synonyms.items())]
    return "\n".join(["topic\tbroker", *lines]) + "\n"


if __name__ == "__main__":
    found = read(Path(sys.argv[1]))
    (BASE / "kafka_settings.tsv").write_text(settings_table(found), encoding="utf-8")
    (BASE / "synonyms.tsv").write_text(synonyms_table(found), encoding="utf-8")
