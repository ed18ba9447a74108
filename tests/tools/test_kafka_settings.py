"""The tool that makes the tables of Kafka's settings from what its classes say."""

import json
from pathlib import Path

from tools.kafka_settings import SCOPES, read, settings_table, synonyms_table

NOTHING = {scope: {} for scope in SCOPES}


def answer(folder: Path, version: str, **broker: list[str]) -> None:
    """Write what one version of Kafka says."""
    said = NOTHING | {"broker": broker, "synonyms": {"b": ["log.b", "log.b.hours"]}}
    (folder / f"{version}.json").write_text(json.dumps(said))


def test_a_setting_is_gone_with_the_first_version_that_lacks_it(tmp_path: Path) -> None:
    """Versions are numbers, so 3.10 is later than 3.9; what is internal is left out."""
    answer(tmp_path, "2.8.2", old=["int", "1"], kept=["int", "1"])
    answer(tmp_path, "3.9.1", kept=["long", "2"], short=["string", "x"])
    answer(tmp_path, "3.10.0", kept=["long", "2"])
    answer(tmp_path, "4.3.1", kept=["long", "3"], new=["int", "7"], **{"internal.x": ["int", "1"]})
    assert (
        "scope\tname\ttype\t2.8\t3.9\t4.x\tgone\n"
        "broker\tkept\tlong\t1\t2\t3\t\n"
        "broker\tnew\tint\tn/a\tn/a\t7\t\n"
        "broker\told\tint\t1\tremoved\tremoved\t3.9\n"
        "broker\tshort\tstring\tn/a\tx\tremoved\t3.10\n"
    ) == settings_table(read(tmp_path))


def test_synonyms_keep_their_order(tmp_path: Path) -> None:
    """The first that is set counts."""
    answer(tmp_path, "4.3.1")
    assert "topic\tbroker\nb\tlog.b log.b.hours\n" == synonyms_table(read(tmp_path))
