"""All scenarios of the book by their ids, family by family."""

from kafkabook.scenarios.in_sync_set import IN_SYNC
from kafkabook.scenarios.one_log import LOGS
from kafkabook.scenarios.replication_history import HISTORIC

SCENARIOS = {scenario.id: scenario for scenario in (*HISTORIC, *IN_SYNC, *LOGS)}
