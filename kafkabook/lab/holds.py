"""Messages held back by name, so that a journal can say which without knowing any object."""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Address
from kafkabook.sim.connection import Hold
from kafkabook.sim.network import Network

Name = str | None  # None: any
Place = Address | None
Named = tuple[Name, Place, Place]  # which messages: their name, sender and receiver


class Holds:
    """The holds on a network, each under the name, sender and receiver that it stops."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._holds: dict[Named, Hold] = {}

    def hold(self, name: Name, sender: Place = None, receiver: Place = None) -> None:
        """Stop every message of that name between these two, until `release`.

        Raises:
            INVALID_REQUEST: it is held already.
        """
        named = (name, sender, receiver)
        if named in self._holds:
            raise KafkaError(Errors.INVALID_REQUEST, f"{_told(*named)} is held already")
        self._holds[named] = self._network.hold(*named)

    def release(self, name: Name, sender: Place = None, receiver: Place = None) -> None:
        """End a hold: its messages go on, in order.

        Raises:
            INVALID_REQUEST: it is not held.
        """
        named = (name, sender, receiver)
        if named not in self._holds:
            raise KafkaError(Errors.INVALID_REQUEST, f"{_told(*named)} is not held")
        self._network.release(self._holds.pop(named))

    def release_all(self) -> None:
        """End every hold, in the order in which they began."""
        for named in list(self._holds):
            self.release(*named)

    def oldest(self, name: Name, sender: Place = None, receiver: Place = None) -> int:
        """Return the number of the oldest message of that name in flight, held ones first.

        Raises:
            INVALID_REQUEST: there is none.
        """
        wanted = Hold(name, sender, receiver)
        flights = sorted(self._network.in_flight(), key=lambda flight: flight.held_by is None)
        found = next((flight.number for flight in flights if wanted.matches(flight)), None)
        if found is None:
            raise KafkaError(
                Errors.INVALID_REQUEST, f"no {_told(name, sender, receiver)} is in flight"
            )
        return found


def _told(name: Name, sender: Place, receiver: Place) -> str:
    return f"{name or 'message'} {sender or 'any'}→{receiver or 'any'}"
