"""What a storm rages over: the cluster, its settings and its era, as the first lines of a schedule.

    t=0 set brokers 4
    t=0 set min_insync_replicas 1

So a schedule says all that a run needs but for the seed, which only decides latencies.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from kafkabook.base.units import KIB
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab import Lab, Rules
from kafkabook.log.rules import cuts_doubtful
from kafkabook.replication.facts import Reconcile
from kafkabook.sim.faults import Fault

SET = "set"
TOPIC = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A cluster and one topic with three replicas; times in ms, and far shorter than Kafka's.

    Attributes: `unclean` (`unclean.leader.election.enable`), `elr` (KIP-966), `asks` (followers ask
    where epochs ended before they fetch, as they did up to 2.6), `racks` (how many, 0 for none),
    `fetch_ms` (`replica.fetch.wait.max.ms`), `lag_ms` (`replica.lag.time.max.ms`), `beat_ms` (a
    third of the session), `flush_messages` (`flush.messages`, 0 for never).

    What a broker does to its logs by itself comes too late for a storm, unless `upkeep_ms` says how
    often it does that: `segment_bytes`, `retention_ms`, `retention_bytes` (0 for those of Kafka)
    and `cleanup` (`cleanup.policy`) are worth little without it. With `nearer` 1 consumers are sent
    to a replica in their rack; a broker keeps `sessions` fetch sessions.
    """

    brokers: int = 3
    partitions: int = 1
    racks: int = 0
    min_insync_replicas: int = 2
    unclean: int = 0
    elr: int = 1
    asks: int = 0
    fetch_ms: int = 20
    lag_ms: int = 100
    beat_ms: int = 40
    flush_messages: int = 0
    upkeep_ms: int = 0
    segment_bytes: int = 0
    retention_ms: int = 0
    retention_bytes: int = 0
    cleanup: str = "delete"
    nearer: int = 0
    sessions: int = 1_000

    @property
    def compacts(self) -> bool:
        """Whether the topic is compacted, so that every record needs a key."""
        return "compact" in self.cleanup

    @property
    def boot_ms(self) -> int:
        """How long a machine takes at least to boot: longer than its broker's session.

        A broker that lost the end of its log and is back before its session ends still leads by the
        metadata that it learns. It then notes its leader epoch below offsets that others have
        written in older ones, and its `leader-epoch-checkpoint` loses those older epochs. Kafka
        warns of that and goes on (`LeaderEpochFileCache.maybeTruncateNonMonotonicEntries`); a later
        follower may cut too much. Real machines boot in minutes, and sessions last seconds.
        """
        return 3 * self.beat_ms + 100

    def lines(self) -> tuple[Fault, ...]:
        """Return what differs from the defaults, as lines of a schedule."""
        usual = Setup()
        mine = ((known.name, getattr(self, known.name)) for known in fields(self))
        return tuple(
            Fault(0, SET, (name, value)) for name, value in mine if value != getattr(usual, name)
        )

    @classmethod
    def of(cls, schedule: Iterable[Fault]) -> "Setup":
        """Return the setup that a schedule begins with.

        Raises:
            ValueError: there is nothing of that name to set.
        """
        wanted = {str(f.args[0]): f.args[1] for f in schedule if f.verb == SET}
        if unknown := sorted(set(wanted) - {known.name for known in fields(cls)}):
            raise ValueError(f"a storm has no setting {unknown[0]!r}")
        return replace(cls(), **wanted)  # type: ignore[arg-type]

    def rules(self) -> Rules:
        """Return today's rules, with the switches of this setup.

        Recovery is strict, unlike Kafka's. Else storms meet a window of Kafka: a power cut takes a
        truncation back, and the records of a leader that lost come back with it.
        """
        how = Reconcile.ASK if self.asks else Reconcile.FETCH
        return Rules().having(
            is_elr_enabled=bool(self.elr), reconcile=how, keeps_doubtful=cuts_doubtful
        )

    def config(self) -> ClusterConfig:
        """Return settings under which failures and recoveries take a hundred ms, not minutes."""
        config = ClusterConfig(
            max_incremental_fetch_session_cache_slots=self.sessions,
            replica_selector_class="RackAwareReplicaSelector" if self.nearer else "",
            replica_lag_time_max_ms=self.lag_ms,
            replica_fetch_wait_max_ms=self.fetch_ms,
            replica_fetch_backoff_ms=self.fetch_ms,
            replica_socket_timeout_ms=3 * self.fetch_ms + 20,
            replica_high_watermark_checkpoint_interval_ms=100,
            broker_heartbeat_interval_ms=self.beat_ms,
            broker_session_timeout_ms=3 * self.beat_ms,
            controller_socket_timeout_ms=150,
            request_timeout_ms=150,
            unclean_leader_election_interval_ms=300,
            leader_imbalance_check_interval_seconds=1,
        )
        return replace(config, **self._upkeep()) if self.upkeep_ms else config

    def _upkeep(self) -> dict[str, Any]:
        """Return how often a broker looks after its logs, and how long deleted files wait."""
        return {
            "log_initial_task_delay_ms": self.upkeep_ms,
            "log_retention_check_interval_ms": self.upkeep_ms,
            "log_cleaner_backoff_ms": self.upkeep_ms,
            "log_flush_offset_checkpoint_interval_ms": 3 * self.upkeep_ms,
            "log_flush_start_offset_checkpoint_interval_ms": 3 * self.upkeep_ms,
            "log_segment_delete_delay_ms": 2 * self.upkeep_ms,
        }

    def begin(self, *, seed: int, rules: Rules) -> Lab:
        """Start the cluster with its topic."""
        racks = [f"rack-{n % self.racks}" for n in range(self.brokers)] if self.racks else None
        config = self.config()
        lab = Lab(self.brokers, racks=racks, seed=seed, rules=rules, config=config)
        assignment = (
            [[1, 2, 3], [2, 3, self.brokers]] if self.brokers > 3 else [[1, 2, 3], [2, 3, 1]]
        )
        lab.create_topic(TOPIC, assignment=assignment[: self.partitions], **self._of_the_topic())
        return lab

    def _of_the_topic(self) -> dict[str, Any]:
        settings: dict[str, Any] = {"segment_index_bytes": 4 * KIB}  # 10 MiB are not needed here
        settings |= {"min_insync_replicas": self.min_insync_replicas}
        settings["unclean_leader_election_enable"] = bool(self.unclean)
        of_the_log = ("flush_messages", "segment_bytes", "retention_ms", "retention_bytes")
        settings |= {name: value for name in of_the_log if (value := getattr(self, name))}
        if self.segment_bytes:
            settings["index_interval_bytes"] = self.segment_bytes // 3  # a few entries a segment
        if self.compacts:
            settings |= {"cleanup_policy": self.cleanup, "min_cleanable_dirty_ratio": 0.2}
        return settings
