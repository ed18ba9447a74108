"""The reader's door has a name for each explorer that a chapter shows."""

import kafkabook
from kafkabook.explorers.catalogue import every_explorer


def test_each_explorer_is_on_the_door() -> None:
    """A chapter names it without the path of its module."""
    explorers = {name.rpartition(".")[2]: it for name, it in every_explorer().items()}
    assert explorers == {name: getattr(kafkabook, name) for name in explorers}
    assert set(explorers) <= set(dir(kafkabook))
