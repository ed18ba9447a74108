"""R16, R18 and C13: another leader epoch, or another incarnation, does not count."""

from kafkabook.base.trace import Entry
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.replicas import Replicas
from kafkabook.cluster.events import AlterPartitionAccepted, BrokerRegistered, PartitionChanged
from kafkabook.replication.events import FetchRefused, FetchServed

UNTOLD = (
    -1
)  # a leader that has not heard of a member's incarnation; the controller then skips the check


class FetchFencing(ClusterChecker):
    """R16: a leader serves and counts a follower only in its own leader epoch."""

    name = "R16"
    promise = "a fetch of another leader epoch is neither served nor counted"
    scope = "before KIP-320 (Kafka 2.1) a fetch named no epoch"
    kinds = (FetchServed, FetchRefused)

    def observe(self, entry: Entry) -> None:
        """Compare the two epochs of each fetch."""
        event = entry.event
        assert isinstance(event, FetchServed | FetchRefused)
        self.saw += 1
        served = isinstance(event, FetchServed)
        if event.request_epoch != event.leader_epoch and (served or event.is_counted):
            what = " and ".join(["served"] * served + ["counted"] * event.is_counted)
            says = (
                f"{event.partition}: leader {event.broker}, in epoch {event.leader_epoch}, {what}"
                f" a fetch of {event.follower} from epoch {event.request_epoch}"
            )
            self.report_once((event.partition, event.broker, event.follower), says, entry)


class BrokerEpochAba(ClusterChecker):
    """C13: what was true of an older incarnation, or of an older set, changes nothing."""

    name = "C13"
    promise = (
        "a proposal with a stale broker or partition epoch, or a second incarnation, is refused"
    )
    scope = "before KIP-903 (Kafka 3.5) members were named without their epochs"
    kinds = (AlterPartitionAccepted, BrokerRegistered)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._incarnations: dict[int, tuple[int, Entry]] = {}

    def observe(self, entry: Entry) -> None:
        """Compare what was accepted with what was current."""
        self.saw += 1
        match entry.event:
            case AlterPartitionAccepted() as event:
                for stale in (*_stale_epochs(event), *_stale_members(event)):
                    told = f"{event.partition}: a proposal of {event.broker} was accepted"
                    self.report_once((event.partition, stale), f"{told} {stale}", entry)
            case BrokerRegistered() as event:
                self._judge_incarnation(entry, event)

    def _judge_incarnation(self, entry: Entry, event: BrokerRegistered) -> None:
        incarnation, told_by = self._incarnations.get(event.broker, (event.incarnation, entry))
        if event.was_alive and event.incarnation != incarnation:
            says = (
                f"broker {event.broker} was registered as incarnation {event.incarnation} while"
                f" incarnation {incarnation} was alive"
            )
            self.report_once((event.broker, event.incarnation), says, told_by, entry)
        self._incarnations[event.broker] = event.incarnation, entry


def _stale_epochs(event: AlterPartitionAccepted) -> list[str]:
    pairs = (
        ("broker", event.broker_epoch, event.registered_broker_epoch),
        ("partition", event.partition_epoch, event.current_partition_epoch),
    )
    return [f"with {w} epoch {told}, not {now}" for w, told, now in pairs if told != now]


def _stale_members(event: AlterPartitionAccepted) -> list[str]:
    return [
        f"with member {member} of broker epoch {proposed}, which is registered under {registered}"
        for member, proposed, registered in event.member_epochs
        if proposed not in (registered, UNTOLD)
    ]


class UncleanExclusion(ClusterChecker):
    """R18: who comes back from an unclean shutdown is no candidate until it has caught up.

    Its log may lack what was not flushed. It joins again when a leader that knows its new one
    proposes it.
    """

    name = "R18"
    promise = "after an unclean shutdown a replica leads and counts only once it has caught up"
    scope = "without eligible leader replicas the last member stays, whatever became of its log"
    kinds = (BrokerRegistered, AlterPartitionAccepted, PartitionChanged)

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas)
        self._back: dict[int, Entry] = {}
        self._caught_up: dict[int, set[str]] = {}

    def observe(self, entry: Entry) -> None:
        """Follow each incarnation of a broker, and in which partitions it has caught up."""
        match entry.event:
            case BrokerRegistered(broker=broker, was_clean=False):
                self._back[broker], self._caught_up[broker] = entry, set()
            case AlterPartitionAccepted() as event:
                self._judge_members(entry, event)
            case PartitionChanged() as event:
                self._join(event)
                self._judge(entry, event)

    def _judge_members(self, entry: Entry, event: AlterPartitionAccepted) -> None:
        for member, proposed, registered in event.member_epochs:
            back = self._back.get(member)
            if back is None:
                continue
            self.saw += 1
            if proposed not in (registered, UNTOLD):
                says = (
                    f"{event.partition}: {member} was in sync as of broker epoch {proposed}, but"
                    f" came back uncleanly under {registered}, and was taken in all the same"
                )
                self.report_once((event.partition, member, registered), says, back, entry)

    def _join(self, event: PartitionChanged) -> None:
        """Who is new in a set whose leader stays was proposed by it; that is judged elsewhere."""
        fresh = event.isr if event.partition_epoch == 0 else _joiners(event)
        for broker in sorted(fresh & self._back.keys()):
            self._caught_up[broker].add(event.partition)

    def _judge(self, entry: Entry, event: PartitionChanged) -> None:
        if not event.is_elr_enabled:
            return
        for broker in sorted(_candidates(event) & self._back.keys()):
            self.saw += 1
            if event.partition not in self._caught_up[broker]:
                says = (
                    f"{event.partition}: {broker} {_part_of(event, broker)}, but came back"
                    " from an unclean shutdown and has not caught up since"
                )
                back = self._back[broker]
                self.report_once((event.partition, broker, back.number), says, back, entry)


def _joiners(event: PartitionChanged) -> frozenset[int]:
    """Return who joined: by a proposal of the leader, or alone, elected although it may lack."""
    if event.is_unclean:
        return event.isr
    return event.isr - event.was_isr if event.leader == event.was_leader else frozenset()


def _candidates(event: PartitionChanged) -> frozenset[int]:
    led = frozenset() if event.leader is None else frozenset({event.leader})
    return event.isr | event.elr | led


def _part_of(event: PartitionChanged, broker: int) -> str:
    if event.leader == broker:
        return "was elected"
    return "is in sync" if broker in event.isr else "is eligible"
