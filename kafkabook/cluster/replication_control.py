"""Which topics and partitions there are, who leads them, and who is in sync.

Source: kafka, metadata `ReplicationControlManager.java`; KIP-460, KIP-497, KIP-966; notes, Part 1
ch 01 §06, Part 3 ch 05.
"""

from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_random import JavaRandom
from kafkabook.base.machine import Component, Context, Handler, TimerHandler
from kafkabook.base.names import TopicPartition, checked_topic, collides
from kafkabook.cluster.config import TopicConfig
from kafkabook.cluster.election import elect_preferred, elect_unclean
from kafkabook.cluster.events import (
    AlterPartitionAccepted,
    AlterPartitionRefused,
    PartitionsAdded,
    TopicCreated,
)
from kafkabook.cluster.metadata import (
    ConfigRecord,
    PartitionRecord,
    Record,
    RemoveTopicRecord,
    TopicImage,
    TopicRecord,
)
from kafkabook.cluster.metadata_events import settings_told
from kafkabook.cluster.metadata_log import MetadataLog
from kafkabook.cluster.placement import PlaceableBroker
from kafkabook.protocol.admin_api import (
    Assignment,
    CreatedTopic,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    ElectLeadersRequest,
    ElectLeadersResponse,
    GrownTopic,
    NewTopic,
    Result,
)
from kafkabook.protocol.control_api import (
    AlterPartitionRequest,
    AlterPartitionResponse,
    ConfirmedIsr,
    ProposedIsr,
)
from kafkabook.replication.facts import PartitionState

TWICE = (Errors.INVALID_REQUEST, "the request names this topic more than once")
ELECTIONS = {"preferred": elect_preferred, "unclean": elect_unclean}


class ReplicationControl(Component):
    """Decides on topics and partitions, in records of the metadata log.

    Args:
        log: where decisions are written. random: draws topic ids, and where a placement begins.
    """

    def __init__(self, log: MetadataLog, *, random: Random) -> None:
        self._log, self._image, self._decisions = log, log.image, log.decisions
        self._random = random
        self._java_random = JavaRandom(random.getrandbits(31))

    def handlers(self) -> dict[type, Handler]:
        """Answer leaders, and administrators."""
        return {
            AlterPartitionRequest: self._alter_partitions,
            CreateTopicsRequest: self._create_topics,
            CreatePartitionsRequest: self._create_partitions,
            DeleteTopicsRequest: self._delete_topics,
            ElectLeadersRequest: self._elect_leaders,
        }

    def timers(self) -> dict[str, TimerHandler]:
        """Look for leaders every now and then."""
        return {"leader imbalance": self._rebalance, "unclean election": self._elect_uncleanly}

    def start(self, context: Context) -> None:
        """Arm the periodic looks."""
        config = self._log.config
        if config.auto_leader_rebalance_enable:
            seconds = config.leader_imbalance_check_interval_seconds
            context.wake("leader imbalance", seconds * 1_000)
        context.wake("unclean election", config.unclean_leader_election_interval_ms)

    # --- ISRs -------------------------------------------------------------------------------------

    def _alter_partitions(
        self, request: AlterPartitionRequest, context: Context
    ) -> AlterPartitionResponse:
        """Take a broker's proposals one by one."""
        return AlterPartitionResponse(
            tuple(self._alter_partition(proposal, context) for proposal in request.partitions)
        )

    def _alter_partition(self, proposal: ProposedIsr, context: Context) -> ConfirmedIsr:
        """Take a leader's proposal of another ISR, or say why not."""
        state = self._image.partitions.get(proposal.partition)
        members = frozenset(broker for broker, _ in proposal.isr)
        refusal: Errors | None = Errors.UNKNOWN_TOPIC_ID
        if state is not None and self._image.is_of(proposal.partition, proposal.topic_id):
            refusal = self._log.rules.check_alteration(proposal, state, self._image.brokers)
        epochs = proposal.leader_epoch, proposal.partition_epoch
        if refusal is not None:
            told = (proposal.partition, proposal.broker, members, refusal.name)
            context.tell(AlterPartitionRefused(*told))
            return ConfirmedIsr(proposal.partition, *epochs, (), refusal)
        context.tell(self._accepted(proposal, members))
        why = f"broker {proposal.broker} proposed it"
        changes = self._decisions.change(proposal.partition, members, why=why)
        listed = tuple(broker for broker, _ in proposal.isr)
        self._log.commit([replace(it, proposed_isr=listed) for it in changes], context)
        now = self._image.partitions[proposal.partition]
        epochs, isr = (now.leader_epoch, now.partition_epoch), tuple(sorted(now.isr))
        return ConfirmedIsr(proposal.partition, *epochs, isr)

    def _accepted(self, proposal: ProposedIsr, members: frozenset[int]) -> AlterPartitionAccepted:
        brokers, state = self._image.brokers, self._image.partitions[proposal.partition]
        return AlterPartitionAccepted(
            proposal.partition,
            proposal.broker,
            members,
            proposal.broker_epoch,
            brokers[proposal.broker].broker_epoch,
            proposal.partition_epoch,
            state.partition_epoch,
            tuple((b, e, brokers[b].broker_epoch) for b, e in proposal.isr),
        )

    # --- elections -------------------------------------------------------------------------------

    def _rebalance(self, context: Context) -> None:
        """Give leadership back to the preferred leaders, where they may lead."""
        for name in self._log.rules.to_rebalance(self._image.partitions):
            self._elect(name, "preferred", "the leaders are out of balance", context)
        interval_ms = self._log.config.leader_imbalance_check_interval_seconds * 1_000
        context.wake("leader imbalance", interval_ms)

    def _elect_uncleanly(self, context: Context) -> None:
        self._log.commit(self._decisions.leaderless(), context)
        context.wake("unclean election", self._log.config.unclean_leader_election_interval_ms)

    def _elect_leaders(self, request: ElectLeadersRequest, context: Context) -> object:
        """Hold the elections that an administrator asks for.

        Where it names no partitions, those that need no election are left out of the answer.

        Source: kafka, ReplicationControlManager `electLeaders`.
        """
        names = self._image.partitions if request.partitions is None else request.partitions
        results = tuple(
            _result(name, partial(self._elected, name, request.election_type, context))
            for name in tuple(names)
        )
        if request.partitions is None:
            needless = Errors.ELECTION_NOT_NEEDED
            results = tuple(result for result in results if result.error is not needless)
        return ElectLeadersResponse(results)

    def _elected(self, name: TopicPartition, how: str, context: Context) -> None:
        """Hold one election.

        Raises:
            ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE,
            INVALID_REQUEST (no such kind of election), UNKNOWN_TOPIC_OR_PARTITION.
        """
        state = self._state(name)
        if how not in ELECTIONS:
            says = f"an election is 'preferred' or 'unclean', not {how!r}"
            raise KafkaError(Errors.INVALID_REQUEST, says)
        first = state.replicas[0]
        wanted = first if how == "preferred" else state.leader
        if state.leader is not None and state.leader == wanted:
            says = f"{name} is led by broker {state.leader}"
            raise KafkaError(Errors.ELECTION_NOT_NEEDED, says)
        leader = self._elect(name, how, f"an election ({how}) was asked for", context)
        if how == "preferred" and leader != first:
            says = f"broker {first} is dead, or not in sync"
            raise KafkaError(Errors.PREFERRED_LEADER_NOT_AVAILABLE, says)
        if leader is None:
            says = f"no replica of {name} is alive"
            raise KafkaError(Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE, says)

    def _elect(self, name: TopicPartition, how: str, why: str, context: Context) -> int | None:
        isr = self._image.partitions[name].isr
        changes = self._decisions.change(name, isr, why=why, elect=ELECTIONS[how])
        self._log.commit(list(changes), context)
        return self._image.partitions[name].leader

    def make_leader(self, name: TopicPartition, broker: int, context: Context) -> None:
        """Begin a new leader epoch under a broker, for whatever reason a controller may have.

        No tool of Kafka asks for this; scenarios do, where history had its own reasons.

        Raises:
            INVALID_REQUEST: that broker is not in sync, or not alive.
        """
        if broker not in self._state(name).isr:
            says = f"broker {broker} is not in the ISR of {name}"
            raise KafkaError(Errors.INVALID_REQUEST, says)
        if broker not in self._image.alive():
            says = f"broker {broker} is fenced or about to stop"
            raise KafkaError(Errors.INVALID_REQUEST, says)
        why = f"broker {broker} is to lead"
        self._log.commit(list(self._decisions.new_leader_epoch(name, broker, why=why)), context)

    def _state(self, name: TopicPartition) -> PartitionState:
        if name not in self._image.partitions:
            says = f"there is no partition {name}"
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, says)
        return self._image.partitions[name]

    # --- topics ----------------------------------------------------------------------------------

    def _create_topics(self, request: CreateTopicsRequest, context: Context) -> object:
        """Make topics; each is checked whole before anything is decided on it."""
        twice = named_twice(new.name for new in request.topics)
        refused = tuple(CreatedTopic(name, (), *TWICE) for name in sorted(twice))
        once = (new for new in request.topics if new.name not in twice)
        created = tuple(self._create(new, context, request.validate_only) for new in once)
        return CreateTopicsResponse((*refused, *created))

    def _create(self, new: NewTopic, context: Context, validate_only: bool) -> CreatedTopic:
        try:
            placed, config = self._checked(new)
        except KafkaError as error:
            return CreatedTopic(new.name, (), error.error, str(error))
        if not validate_only:
            records: list[Record] = [
                TopicRecord(new.name, random_uuid(self._random)),
                ConfigRecord(new.name, config),
                *self._partitions(new.name, placed, first=0),
            ]
            context.tell(TopicCreated(new.name, placed, settings_told(config)))
            self._log.commit(records, context)
        return CreatedTopic(new.name, placed)

    def _checked(self, new: NewTopic) -> tuple[Assignment, TopicConfig]:
        """Return where the partitions of a new topic go, and its settings.

        Raises:
            INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_CONFIG, INVALID_PARTITIONS,
            INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT, INVALID_REQUEST (an assignment,
            and numbers beside it).
        """
        if checked_topic(new.name) in self._image.topics:
            raise KafkaError(Errors.TOPIC_ALREADY_EXISTS, f"topic {new.name!r} exists already")
        for known in self._image.topics:
            if collides(new.name, known):
                says = f"topic {new.name!r} collides with the existing topic {known!r}"
                raise KafkaError(Errors.INVALID_TOPIC_EXCEPTION, says)
        if unset := sorted(name for name, text in new.settings if text is None):
            says = f"a new topic has no value to give back: {', '.join(unset)}"
            raise KafkaError(Errors.INVALID_CONFIG, says)
        config = TopicConfig().with_texts(new.settings)
        if new.assignment is not None and (new.partitions, new.replication_factor) != (-1, -1):
            says = "beside an assignment the numbers of partitions and replicas must be -1"
            raise KafkaError(Errors.INVALID_REQUEST, says)
        wanted = self._log.config.default_replication_factor, self._log.config.num_partitions
        factor = wanted[0] if new.replication_factor == -1 else new.replication_factor
        partitions = wanted[1] if new.partitions == -1 else new.partitions
        placed = self._placed(new.assignment, partitions, factor, first=0)
        self._partitions(new.name, placed, first=0)
        return placed, config

    def _create_partitions(self, request: CreatePartitionsRequest, context: Context) -> object:
        """Let topics grow.

        What is in the old partitions stays there, so a key may have records in two of them.
        """
        twice = named_twice(grown.name for grown in request.topics)
        refused = tuple(CreatedTopic(name, (), *TWICE) for name in sorted(twice))
        once = (grown for grown in request.topics if grown.name not in twice)
        grew = tuple(self._grow(grown, context, request.validate_only) for grown in once)
        return CreatePartitionsResponse((*refused, *grew))

    def _grow(self, grown: GrownTopic, context: Context, validate_only: bool) -> CreatedTopic:
        try:
            placed, first = self._placed_more(grown)
            records = self._partitions(grown.name, placed, first=first)
        except KafkaError as error:
            return CreatedTopic(grown.name, (), error.error, str(error))
        if not validate_only:
            context.tell(PartitionsAdded(grown.name, first, placed))
            self._log.commit(records, context)
        return CreatedTopic(grown.name, placed)

    def _placed_more(self, grown: GrownTopic) -> tuple[Assignment, int]:
        """Return where the new partitions of a topic go, and the number of the first one.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS (it has as many already), and as above;
            an assignment needs one list for each new partition, as long as those of the topic.
        """
        known = self._topic(grown.name)
        first = len(known.partitions)
        if grown.total <= first:
            says = f"topic {grown.name!r} has {first} partitions, {grown.total} is no growth"
            raise KafkaError(Errors.INVALID_PARTITIONS, says)
        factor = len(self._image.partitions[known.partitions[0]].replicas)
        more = grown.total - first
        placed = self._placed(grown.assignment, more, factor, first=first)
        if [len(replicas) for replicas in placed] != [factor] * more:
            says = (
                f"topic {grown.name!r} needs {more} lists of {factor} brokers, not {list(placed)}"
            )
            raise KafkaError(Errors.INVALID_REPLICA_ASSIGNMENT, says)
        return placed, first

    def _delete_topics(self, request: DeleteTopicsRequest, context: Context) -> object:
        twice = named_twice(request.topics)
        refused = tuple(Result(name, *TWICE) for name in sorted(twice))
        once = (topic for topic in request.topics if topic not in twice)
        gone = tuple(_result(topic, partial(self._delete, topic, context)) for topic in once)
        return DeleteTopicsResponse((*refused, *gone))

    def _delete(self, topic: str, context: Context) -> None:
        self._topic(topic)
        self._log.commit([RemoveTopicRecord(topic)], context)

    def _topic(self, topic: str) -> TopicImage:
        if topic not in self._image.topics:
            says = f"there is no topic {topic!r}"
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, says)
        return self._image.topics[topic]

    def _placed(
        self, assignment: Assignment | None, partitions: int, factor: int, *, first: int
    ) -> Assignment:
        brokers = self._image.brokers
        if assignment is not None:
            return checked_assignment(assignment, brokers)
        known = [PlaceableBroker(b, r.rack, r.is_fenced) for b, r in sorted(brokers.items())]
        return self._log.rules.place(
            known, partitions, factor, random=self._java_random, first_partition=first
        )

    def _partitions(self, topic: str, placed: Assignment, *, first: int) -> list[Record]:
        return [
            PartitionRecord(TopicPartition(topic, number), topic, self._first_state(replicas))
            for number, replicas in enumerate(placed, first)
        ]

    def _first_state(self, replicas: tuple[int, ...]) -> PartitionState:
        """All live replicas are in sync with nothing; the first of them leads."""
        alive = self._image.alive()
        isr = [replica for replica in replicas if replica in alive]
        if not isr:
            says = f"no broker of {list(replicas)} is alive"
            raise KafkaError(Errors.INVALID_REPLICA_ASSIGNMENT, says)
        return PartitionState(replicas, frozenset(isr), isr[0])


def named_twice(names: Iterable[str]) -> set[str]:
    """Return the names that come more than once: none of those topics is touched.

    Source: kafka, core `ControllerApis.scala` `createTopics`, `createPartitions`, `deleteTopics`.
    """
    return {name for name, times in Counter(names).items() if times > 1}


def random_uuid(random: Random) -> str:
    """Draw a topic id: 16 bytes of a version 4 UUID in URL-safe base64; none begins with a dash.

    Source: kafka, clients `Uuid.java` `randomUuid`.
    """
    drawn = bytearray(random.randbytes(16))
    drawn[6], drawn[8] = drawn[6] & 0x0F | 0x40, drawn[8] & 0x3F | 0x80
    uuid = urlsafe_b64encode(drawn).decode().rstrip("=")
    return random_uuid(random) if uuid.startswith("-") else uuid


def checked_assignment(
    assignment: Sequence[Sequence[int]], brokers: Mapping[int, object]
) -> Assignment:
    """Return an assignment given by hand.

    Raises:
        INVALID_REPLICA_ASSIGNMENT: an unknown broker, a broker twice, or lists of several lengths.
    """
    placed = tuple(tuple(replicas) for replicas in assignment)
    for number, replicas in enumerate(placed):
        unknown = sorted(set(replicas) - set(brokers))
        if unknown or len(set(replicas)) != len(replicas) or not replicas:
            why = f"broker {unknown[0]} is not registered" if unknown else "a broker twice, or none"
            says = f"partition {number}: {list(replicas)}: {why}"
            raise KafkaError(Errors.INVALID_REPLICA_ASSIGNMENT, says)
    if len({len(replicas) for replicas in placed}) != 1:
        says = "every partition needs the same number of replicas"
        raise KafkaError(Errors.INVALID_REPLICA_ASSIGNMENT, says)
    return placed


def _result(name: str, act: Callable[[], None]) -> Result:
    """Do one part of a request, and say what became of it."""
    try:
        act()
    except KafkaError as error:
        return Result(name, error.error, str(error))
    return Result(name)
