"""All scenarios of the book by their ids, family by family."""

from kafkabook.scenarios.disks import DISKS
from kafkabook.scenarios.first_minute import FIRST
from kafkabook.scenarios.in_sync_set import IN_SYNC
from kafkabook.scenarios.one_log import LOGS
from kafkabook.scenarios.promises import PROMISES
from kafkabook.scenarios.replication_history import HISTORIC

_FOUND = (*FIRST, *HISTORIC, *IN_SYNC, *PROMISES, *DISKS, *LOGS)
_IN_ORDER = sorted(_FOUND, key=lambda scenario: (scenario.id[0], int(scenario.id[1:])))
SCENARIOS = {scenario.id: scenario for scenario in _IN_ORDER}
