"""How a broker learns: each record once, in order, whatever arrives twice or too early."""

from typing import Any

from kafkabook.cluster.metadata import ClusterImage, RegisterBrokerRecord
from kafkabook.cluster.metadata_receiver import MetadataReceiver
from kafkabook.protocol.control_api import MetadataUpdate
from tests.cluster.nodes import SomeNode

RECORDS = tuple(RegisterBrokerRecord(broker, broker, 1, None) for broker in (1, 2, 3, 4))


class SomeReceiver(SomeNode):
    """A receiver, and who was told what."""

    def __init__(self) -> None:
        self.image, self.told = ClusterImage(), []  # type: ignore[var-annotated]
        receiver = MetadataReceiver(self.image)
        receiver.caught_up = lambda context: self.told.append(("caught up", self.image.offset))
        for name in ("first", "second"):
            receiver.publish.append(self._teller(name))
        super().__init__(receiver)

    def _teller(self, name: str) -> Any:
        return lambda records, context: self.told.append((name, tuple(records)))

    def update(self, first: int, last: int) -> list[Any]:
        """Let records arrive; return who was told."""
        self.told.clear()
        self.receive(MetadataUpdate(first, RECORDS[first:last]), "controller")
        return self.told[:]


def test_news_are_replayed_and_then_told_in_order() -> None:
    """Whoever is told reads an image that holds them already."""
    some = SomeReceiver()
    assert [
        ("caught up", 2),
        ("first", RECORDS[:2]),
        ("second", RECORDS[:2]),
    ] == some.update(0, 2)
    assert [1, 2] == list(some.image.brokers)


def test_only_what_is_new_is_taken() -> None:
    """The controller sends again what a heartbeat shows to be missing, and some of it twice."""
    some = SomeReceiver()
    some.update(0, 2)
    assert [] == some.update(0, 2)
    assert [("caught up", 3), ("first", RECORDS[2:3]), ("second", RECORDS[2:3])] == some.update(
        0, 3
    )


def test_what_comes_too_early_is_left() -> None:
    """A record before it was lost; all of them will be sent again."""
    some = SomeReceiver()
    some.update(0, 1)
    assert ([], 1) == (some.update(2, 4), some.image.offset)
