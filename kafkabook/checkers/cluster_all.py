"""All checkers of a cluster, family by family."""

from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.convergence import ReplicasConverge
from kafkabook.checkers.fencing import BrokerEpochAba, FetchFencing, UncleanExclusion
from kafkabook.checkers.high_watermark import (
    FollowerPrefix,
    HwNeverPassesLeo,
    NoTruncateBelowTrueHw,
)
from kafkabook.checkers.history import InconsistentOffsets, LostWrite
from kafkabook.checkers.isr import (
    IsrExpandEpochStart,
    MinIsrAck,
    MinIsrRecoveryQuorum,
    ReplicationQuorumSuperset,
    StrictMinIsr,
)
from kafkabook.checkers.power import AckedFlushModel
from kafkabook.checkers.replication_leaders import (
    LeaderCompleteness,
    LeaderInIsr,
    SingleLeaderPerEpoch,
)
from kafkabook.checkers.replication_logs import EpochMonotone, LogContiguous, LogMatching
from kafkabook.checkers.replication_losses import ConsistentRead, NoCommittedRecordLostGlobally
from kafkabook.checkers.replication_members import (
    LeaderCandidateCompleteness,
    StrongIsr,
    WeakIsr,
)

CLUSTER_CHECKERS: tuple[type[ClusterChecker], ...] = (
    LogContiguous,
    EpochMonotone,
    SingleLeaderPerEpoch,
    WeakIsr,
    StrongIsr,
    LeaderInIsr,
    LogMatching,
    LeaderCompleteness,
    LeaderCandidateCompleteness,
    NoCommittedRecordLostGlobally,
    ConsistentRead,
    ReplicationQuorumSuperset,
    HwNeverPassesLeo,
    NoTruncateBelowTrueHw,
    FollowerPrefix,
    FetchFencing,
    IsrExpandEpochStart,
    UncleanExclusion,
    MinIsrAck,
    StrictMinIsr,
    MinIsrRecoveryQuorum,
    ReplicasConverge,
    BrokerEpochAba,
    LostWrite,
    InconsistentOffsets,
    AckedFlushModel,
)
