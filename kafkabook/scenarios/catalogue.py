"""All scenarios of the book by their ids, family by family."""

from kafkabook.base.door import meant
from kafkabook.base.errors import MissingKey
from kafkabook.scenarios.disks import DISKS
from kafkabook.scenarios.first_minute import FIRST
from kafkabook.scenarios.in_sync_set import IN_SYNC
from kafkabook.scenarios.one_log import LOGS
from kafkabook.scenarios.promises import PROMISES
from kafkabook.scenarios.replication_history import HISTORIC
from kafkabook.scenarios.scenario import Scenario

_FOUND = (*FIRST, *HISTORIC, *IN_SYNC, *PROMISES, *DISKS, *LOGS)
_IN_ORDER = sorted(_FOUND, key=lambda scenario: (scenario.id[0], int(scenario.id[1:])))


class Scenarios(dict[str, Scenario]):
    """Scenarios by their ids."""

    def __missing__(self, wanted: object) -> Scenario:
        """Refuse.

        Raises:
            KeyError: always; it has the nearest id.
        """
        hint = meant(wanted, self) or f"; there are {', '.join(self)}"
        raise MissingKey(f"no scenario has the id {wanted!r}{hint}")


SCENARIOS = Scenarios((scenario.id, scenario) for scenario in _IN_ORDER)
