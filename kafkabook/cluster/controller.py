"""The controller: it decides in records, and everybody who replays them knows the same.

Source: kafka, metadata `QuorumController.java`; KIP-500, KIP-631; notes, Part 1 ch 01 §03 and §07.
"""

from random import Random

from kafkabook.base.trace import Trace
from kafkabook.cluster.cluster_control import ClusterControl
from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.configuration_control import ConfigurationControl
from kafkabook.cluster.metadata_log import MetadataLog
from kafkabook.cluster.node import Node
from kafkabook.cluster.replication_control import ReplicationControl
from kafkabook.cluster.rules import ClusterRules


class Controller(Node):
    """One controller. A request yields records and an answer; `replay` alone changes the image.

    Args:
        config, rules: how it decides. random: draws topic ids, and where a placement begins.
        trace: where it tells what it decided.

    Simplified: it does not fail, and its log is not replicated; the quorum of controllers (KIP-595)
    is another chapter. It sends every record to every broker instead of being fetched from.
    """

    def __init__(
        self, *, config: ClusterConfig, rules: ClusterRules, random: Random, trace: Trace
    ) -> None:
        self.log = MetadataLog(config=config, rules=rules)
        self.image = self.log.image
        self.replication = ReplicationControl(self.log, random=random)
        self.least = self.log.decisions.least  # the `min.insync.replicas` that counts
        super().__init__(
            (ClusterControl(self.log), self.replication, ConfigurationControl(self.log)),
            trace=trace,
        )
