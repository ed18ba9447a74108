"""The one list of checkers, family by family; whoever watches a run takes them from here."""

from kafkabook.checkers.anomaly import Watching
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.compaction import CompactionKeepsLatest, TombstoneWindow
from kafkabook.checkers.convergence import ReplicasConverge
from kafkabook.checkers.fencing import BrokerEpochAba, FetchFencing, UncleanExclusion
from kafkabook.checkers.high_watermark import (
    FollowerPrefix,
    HwNeverPassesLeo,
    NoTruncateBelowTrueHw,
)
from kafkabook.checkers.history import InconsistentOffsets, LostWrite
from kafkabook.checkers.index import IndexSound
from kafkabook.checkers.isr import (
    IsrExpandEpochStart,
    MinIsrAck,
    MinIsrRecoveryQuorum,
    ReplicationQuorumSuperset,
    StrictMinIsr,
)
from kafkabook.checkers.newest import NewestOfEachKeyStays
from kafkabook.checkers.power import AckedFlushModel
from kafkabook.checkers.recovery import NoSilentShortRead, RecoverPrefix
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
from kafkabook.checkers.replication_starts import OnlyCommittedGoes
from kafkabook.checkers.retention import ActiveSegmentUntouched, RetentionRule

LOG_CHECKERS: tuple[type[Watching], ...] = (
    ActiveSegmentUntouched,
    CompactionKeepsLatest,
    TombstoneWindow,
    RetentionRule,
    IndexSound,
    RecoverPrefix,
    NoSilentShortRead,
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
    OnlyCommittedGoes,
    NewestOfEachKeyStays,
    BrokerEpochAba,
    LostWrite,
    InconsistentOffsets,
    AckedFlushModel,
)

CHECKERS: tuple[type[Watching], ...] = (*LOG_CHECKERS, *CLUSTER_CHECKERS)
