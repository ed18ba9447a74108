"""What an administrator may ask of the controller: topics, partitions, settings, elections.

Source: kafka, clients `Admin.java`, metadata `ReplicationControlManager.java`; KIP-460; notes, Part
1 ch 01 §06, Part 3 ch 05.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_random import JavaRandom
from kafkabook.base.names import TopicPartition, checked_topic
from kafkabook.cluster.config import TopicConfig
from kafkabook.cluster.controller import Controller
from kafkabook.cluster.election import Elected, ElectionFacts, elect_preferred, elect_unclean
from kafkabook.cluster.events import PartitionsAdded, TopicCreated
from kafkabook.cluster.metadata import (
    ConfigRecord,
    PartitionRecord,
    Record,
    RemoveTopicRecord,
    TopicRecord,
)
from kafkabook.cluster.placement import PlaceableBroker
from kafkabook.cluster.told import settings_told
from kafkabook.replication.facts import PartitionState

Assignment = Sequence[Sequence[int]]


class Admin:
    """Commands for a controller; each is checked whole before anything is decided.

    Args:
        controller: who decides. random: draws topic ids, and where a placement begins.

    Simplified: there is no broker between an administrator and the controller.
    """

    def __init__(self, controller: Controller, *, random: Random) -> None:
        self.controller = controller
        self._random = random
        self._java_random = JavaRandom(random.getrandbits(31))

    def create_topic(
        self,
        topic: str,
        *,
        partitions: int = 1,
        replication_factor: int = 3,
        assignment: Assignment | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> tuple[tuple[int, ...], ...]:
        """Create a topic; return the replicas of each partition, preferred leader first.

        Raises:
            INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS,
            INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG: nothing is
            created then.
        """
        if checked_topic(topic) in self.controller.image.topics:
            raise KafkaError(Errors.TOPIC_ALREADY_EXISTS, f"topic {topic!r} exists already")
        config = TopicConfig.of(settings or {})
        placed = self._placed(assignment, partitions, replication_factor, first=0)
        topic_id = urlsafe_b64encode(self._random.randbytes(16)).decode().rstrip("=")
        records: list[Record] = [TopicRecord(topic, topic_id), ConfigRecord(topic, config)]
        records += self._partitions(topic, placed, first=0)
        self.controller.tell(TopicCreated(topic, placed, settings_told(config)))
        self.controller.commit(records)
        return placed

    def add_partitions(
        self, topic: str, total: int, assignment: Assignment | None = None
    ) -> tuple[tuple[int, ...], ...]:
        """Let a topic grow to `total` partitions; return the replicas of the new ones.

        What is in the old ones stays there, so a key may have records in two partitions.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS (it has as many already), and as above;
            an assignment needs one list for each new partition, as long as those of the topic.
        """
        known = self._topic(topic)
        first = len(known.partitions)
        if total <= first:
            raise KafkaError(
                Errors.INVALID_PARTITIONS,
                f"topic {topic!r} has {first} partitions, {total} is no growth",
            )
        factor = len(self.controller.image.partitions[known.partitions[0]].replicas)
        placed = self._placed(assignment, total - first, factor, first=first)
        if [len(replicas) for replicas in placed] != [factor] * (total - first):
            wanted = f"{total - first} lists of {factor} brokers"
            raise KafkaError(
                Errors.INVALID_REPLICA_ASSIGNMENT,
                f"topic {topic!r} needs {wanted}, not {list(placed)}",
            )
        records = self._partitions(topic, placed, first=first)
        self.controller.tell(PartitionsAdded(topic, first, placed))
        self.controller.commit(records)
        return placed

    def delete_topic(self, topic: str) -> None:
        """Remove a topic and, on every broker, its logs.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION: there is no such topic.
        """
        self._topic(topic)
        self.controller.commit([RemoveTopicRecord(topic)])

    def alter_topic(self, topic: str, settings: Mapping[str, Any]) -> None:
        """Change settings of a topic; a new `min_insync_replicas` voids its eligible replicas.

        Simplified: those of its log take effect when the log is opened again.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG.
        """
        config = self._topic(topic).config.changed(settings)
        records: list[Record] = [ConfigRecord(topic, config)]
        if "min_insync_replicas" in settings:
            records += self.controller.decisions.without_eligible(topic)
        self.controller.commit(records)

    def elect(self, topic: str, partition: int, how: str = "preferred") -> int:
        """Hold an election; return the leader.

        Args:
            how: "preferred" gives the partition to the first replica of its list; "unclean" to any
                that is alive, if nobody leads it.

        Raises:
            ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE,
            INVALID_REQUEST (no such kind of election), UNKNOWN_TOPIC_OR_PARTITION.
        """
        name = self._partition(topic, partition)
        state = self.controller.image.partitions[name]
        if how not in ("preferred", "unclean"):
            raise KafkaError(
                Errors.INVALID_REQUEST, f"an election is 'preferred' or 'unclean', not {how!r}"
            )
        wanted = state.replicas[0] if how == "preferred" else state.leader
        if state.leader is not None and state.leader == wanted:
            raise KafkaError(Errors.ELECTION_NOT_NEEDED, f"{name} is led by broker {state.leader}")
        rule = elect_preferred if how == "preferred" else elect_unclean
        leader = self._decide(name, rule, f"a {how} election was asked for")
        if how == "preferred" and leader != state.replicas[0]:
            first = state.replicas[0]
            raise KafkaError(
                Errors.PREFERRED_LEADER_NOT_AVAILABLE, f"broker {first} is dead, or not in sync"
            )
        if leader is None:
            raise KafkaError(
                Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE, f"no replica of {name} is alive"
            )
        return leader

    def make_leader(self, topic: str, partition: int, broker: int) -> None:
        """Begin a new term under a broker, for whatever reason a controller may have.

        No tool of Kafka asks for this; scenarios do, where history had its own reasons.

        Raises:
            INVALID_REQUEST: that broker is not in sync, or not alive.
        """
        name = self._partition(topic, partition)
        if broker not in self.controller.image.partitions[name].isr:
            raise KafkaError(
                Errors.INVALID_REQUEST, f"broker {broker} is not in the in-sync set of {name}"
            )
        if broker not in self.controller.image.alive():
            raise KafkaError(Errors.INVALID_REQUEST, f"broker {broker} is fenced or about to stop")
        why = f"broker {broker} is to lead"
        self.controller.commit(list(self.controller.decisions.new_term(name, broker, why=why)))

    def _decide(self, name: str, rule: Callable[[ElectionFacts], Elected], why: str) -> int | None:
        controller = self.controller
        isr = controller.image.partitions[name].isr
        controller.commit(list(controller.decisions.change(name, isr, why=why, elect=rule)))
        return controller.image.partitions[name].leader

    def _topic(self, topic: str) -> Any:
        if topic not in self.controller.image.topics:
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, f"there is no topic {topic!r}")
        return self.controller.image.topics[topic]

    def _partition(self, topic: str, partition: int) -> str:
        name = str(TopicPartition(topic, partition))
        if name not in self.controller.image.partitions:
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, f"there is no partition {name}")
        return name

    def _placed(
        self, assignment: Assignment | None, partitions: int, factor: int, *, first: int
    ) -> tuple[tuple[int, ...], ...]:
        brokers = self.controller.image.brokers
        if assignment is not None:
            return checked_assignment(assignment, brokers)
        known = [PlaceableBroker(b, r.rack, r.is_fenced) for b, r in sorted(brokers.items())]
        return self.controller.rules.place(
            known, partitions, factor, random=self._java_random, first_partition=first
        )

    def _partitions(
        self, topic: str, placed: Sequence[tuple[int, ...]], *, first: int
    ) -> list[Record]:
        return [
            PartitionRecord(str(TopicPartition(topic, number)), topic, self._first_state(replicas))
            for number, replicas in enumerate(placed, first)
        ]

    def _first_state(self, replicas: tuple[int, ...]) -> PartitionState:
        """All live replicas are in sync with nothing; the first of them leads."""
        alive = self.controller.image.alive()
        isr = [replica for replica in replicas if replica in alive]
        if not isr:
            raise KafkaError(
                Errors.INVALID_REPLICA_ASSIGNMENT, f"no broker of {list(replicas)} is alive"
            )
        return PartitionState(replicas, frozenset(isr), isr[0])


def checked_assignment(
    assignment: Assignment, brokers: Mapping[int, object]
) -> tuple[tuple[int, ...], ...]:
    """Return an assignment given by hand.

    Raises:
        INVALID_REPLICA_ASSIGNMENT: an unknown broker, a broker twice, or lists of several lengths.
    """
    placed = tuple(tuple(replicas) for replicas in assignment)
    for number, replicas in enumerate(placed):
        unknown = sorted(set(replicas) - set(brokers))
        if unknown or len(set(replicas)) != len(replicas) or not replicas:
            why = f"broker {unknown[0]} is not registered" if unknown else "a broker twice, or none"
            raise KafkaError(
                Errors.INVALID_REPLICA_ASSIGNMENT, f"partition {number}: {list(replicas)}: {why}"
            )
    if len({len(replicas) for replicas in placed}) != 1:
        raise KafkaError(
            Errors.INVALID_REPLICA_ASSIGNMENT, "every partition needs the same number of replicas"
        )
    return placed
