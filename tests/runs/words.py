"""What an entry of a lab's trace is in a run: its kinds, by which it is chosen, and one sentence.

Events are known by the names of their classes and fields alone. One without a sentence here is of
the kind "others", and told as its own text. Numbers of messages are left out: one message more
would change them all.
"""

from collections.abc import Callable
from dataclasses import fields
from textwrap import wrap

from kafkabook.base.trace import Entry, Event

WIDTH = 150
Facts = dict[str, str]
Sentence = str | Callable[[Facts], str]

# The kinds that are told unless a run says otherwise.
DEFAULT = ("controller", "roles", "isr", "marks", "truncations", "clients", "faults")


def labels(entry: Entry) -> frozenset[str]:
    """Return what an entry can be chosen by: its kind, its class, and for a message its name."""
    name = type(entry.event).__name__
    is_way = name.startswith("Message") and name != "MessageSent"  # it is told when it arrives
    message = getattr(entry.event, "name", "") if is_way else ""
    return frozenset({kind(entry.event), name, message} - {""})


def kind(event: Event) -> str:
    """Return the kind of an event; a follower's high watermark is another kind than a leader's."""
    name = type(event).__name__
    if name == "HighWatermarkMoved" and not getattr(event, "is_leader", True):
        return "follower marks"
    return SENTENCES.get(name, ("others", ""))[0]


def line(entry: Entry) -> str:
    """Return an entry as one line of a run, or as several if it is long.

    >>> from kafkabook.cluster.events import BrokerFenced
    >>> line(Entry(12, 9012, "controller", BrokerFenced(1, "its session timed out")))
    '    9012 ms  controller  broker 1 was fenced: its session timed out'
    """
    start = f"{entry.at_ms:>8} ms  {entry.place:<10}  "
    return folded(start + sentence(entry.event), indent=len(start))


def folded(text: str, *, indent: int = 2) -> str:
    """Return a text in lines of at most `WIDTH` characters."""
    if len(text) <= WIDTH:
        return text
    return "\n".join(wrap(text, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False))


def sentence(event: Event) -> str:
    """Return an event in words."""
    _, told = SENTENCES.get(type(event).__name__, ("", ""))
    if not told:
        return event.sentence()
    facts = {field.name: plain(getattr(event, field.name)) for field in fields(event)}
    try:
        return told(facts) if callable(told) else told.format(**facts)
    except KeyError:  # a field has another name now
        return str(event)


def plain(value: object) -> str:
    """Return a value as a run shows it: sets in order, and settings as Kafka writes them.

    >>> plain(frozenset({2, 1})), plain((("min.insync.replicas", "2"),)), plain(None)
    ('{1, 2}', 'min.insync.replicas=2', 'nobody')
    """
    if value is None:
        return "nobody"
    if isinstance(value, frozenset):
        return "{" + ", ".join(map(str, sorted(value))) + "}"
    if isinstance(value, tuple) and value and all(_is_setting(part) for part in value):
        return ", ".join(f"{name}={text}" for name, text in value)
    return str(value)


def _is_setting(part: object) -> bool:
    return isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], str)


def _settings(facts: Facts) -> str:
    none = "no settings of its own"
    return none if facts["settings"] == "()" else facts["settings"]


def _partition_changed(facts: Facts) -> str:
    said = [f"leader {facts['leader']} in epoch {facts['leader_epoch']}", f"isr {facts['isr']}"]
    said += [f"elr {facts['elr']}"] if facts["elr"] != "{}" else []
    said += [f"last led by {facts['last_known_elr']}"] if facts["last_known_elr"] != "()" else []
    said += [f"partition epoch {facts['partition_epoch']}"]
    said += ["unclean"] if facts["is_unclean"] == "True" else []
    return f"{facts['partition']}: {', '.join(said)}; {facts['reason']}"


def _registered(facts: Facts) -> str:
    before = "after a clean end" if facts["was_clean"] == "True" else "after an unclean end or none"
    whom = f"broker {facts['broker']} was registered"
    told = f"{whom} in incarnation {facts['incarnation']}, {before}"
    return told + (", while the last one counted as alive" if facts["was_alive"] == "True" else "")


def _marked(facts: Facts) -> str:
    moved = f"{facts['partition']}: high watermark {facts['from_offset']} → {facts['to_offset']}"
    if facts["is_leader"] != "True":
        return f"{moved} of log end {facts['log_end']}"
    back = f", held back by {facts['held_back_by']}" if facts["held_back_by"] != "{}" else ""
    return f"{moved} of log end {facts['log_end']}, waited for {facts['counted']}{back}"


def _stored(facts: Facts) -> str:
    how = "as the leader" if facts["is_leader"] == "True" else "as a follower"
    batch = f"{facts['base_offset']} to {facts['last_offset']} of epoch {facts['epoch']}"
    return f"{facts['partition']}: stored {batch} {how} in epoch {facts['leader_epoch']}"


def _proposed(facts: Facts) -> str:
    both = f"{facts['partition']}: proposed isr {facts['was']} → {facts['now']}"
    return f"{both}, waits for {facts['counted']}; log ends {facts['log_ends']}"


def _served(facts: Facts) -> str:
    asked = f"from offset {facts['fetch_offset']} in epoch {facts['request_epoch']}"
    note = "" if facts["is_counted"] == "True" else ", took no note of it"
    return f"{facts['partition']}: served follower {facts['follower']} {asked}{note}"


def _answered(facts: Facts) -> str:
    what = facts["error"] or f"offset {facts['base_offset']}"
    if facts["error"] and facts["base_offset"] != "-1":
        what += f", appended at {facts['base_offset']}"
    marks = f"high watermark {facts['high_watermark']}, isr {facts['isr']}"
    return f"{facts['partition']}: answered a producer of acks={_acks(facts)} with {what}; {marks}"


def _sent(facts: Facts) -> str:
    return f"{facts['partition']}: sent {facts['value']} with acks={_acks(facts)}"


def _ended(facts: Facts) -> str:
    outcomes = {"ok": "acknowledged", "fail": "refused", "info": "unknown"}
    where = f" at offset {facts['offset']}" if facts["offset"] != "-1" else ""
    error = f", {facts['error']}" if facts["error"] else ""
    return f"{facts['partition']}: {facts['value']} {outcomes[facts['outcome']]}{where}{error}"


def _acks(facts: Facts) -> str:
    return "all" if facts["acks"] == "-1" else facts["acks"]


def _created(facts: Facts) -> str:
    return f"topic {facts['topic']} was created on {facts['assignment']}"


def _altered(facts: Facts) -> str:
    return f"topic {facts['topic']} has {_settings(facts)}"


def _brokers_altered(facts: Facts) -> str:
    who = "every broker by default" if facts["broker"] == "nobody" else f"broker {facts['broker']}"
    return f"{who} has {_settings(facts)}"


SENTENCES: dict[str, tuple[str, Sentence]] = {
    # the controller's decisions
    "TopicCreated": ("topics", _created),
    "TopicAltered": ("topics", _altered),
    "BrokersAltered": ("topics", _brokers_altered),
    "TopicDeleted": ("controller", "topic {topic} was deleted"),
    "PartitionsAdded": ("controller", "topic {topic} grew by {assignment}"),
    "PartitionChanged": ("controller", _partition_changed),
    "BrokerRegistered": ("controller", _registered),
    "BrokerFenced": ("controller", "broker {broker} was fenced: {reason}"),
    "BrokerUnfenced": ("controller", "broker {broker} was unfenced"),
    "RegistrationRefused": (
        "controller",
        "registration of broker {broker} in incarnation {incarnation} was refused: {error}",
    ),
    "MetadataSentAgain": ("metadata", "metadata from {first_offset} on went to {broker} again"),
    "AlterPartitionAccepted": ("isr", "{partition}: isr {isr} of broker {broker} was accepted"),
    "AlterPartitionRefused": (
        "isr",
        "{partition}: isr {isr} of broker {broker} was refused: {error}",
    ),
    # replicas
    "ReplicaOpened": (
        "logs",
        "{partition}: opened with {log_start} to {log_end}, high watermark {high_watermark}",
    ),
    "ReplicaFailed": (
        "truncations",
        "{partition}: copies from {leader} no more in epoch {leader_epoch}: {reason}",
    ),
    "ReplicaDeleted": ("logs", "{partition}: deleted"),
    "BecameLeader": (
        "roles",
        (
            "{partition}: leads in epoch {leader_epoch} from {epoch_start_offset} on, isr {isr},"
            " high watermark {high_watermark}, minimum {min_insync_replicas}"
        ),
    ),
    "BecameFollower": ("roles", "{partition}: follows {leader} in epoch {leader_epoch}"),
    "BatchStored": ("appends", _stored),
    "ReplicaTruncated": (
        "truncations",
        "{partition}: cut from {from_offset} to {to_offset} in epoch {leader_epoch}: {reason}",
    ),
    "ReplicaFlushed": ("flushes", "{partition}: flushed up to {to_offset}"),
    "LogStartMoved": (
        "upkeep",
        "{partition}: log start {from_offset} → {to_offset}: {reason}",
    ),
    "OldSegmentsDeleted": (
        "upkeep",
        "{partition}: deleted the segments {base_offsets} up to {next_offset}: {reason}",
    ),
    "ReplicaCompacted": (
        "upkeep",
        (
            "{partition}: compacted {first_dirty_offset} to {end_offset}, {segments_before}"
            " segments of {bytes_before} bytes → {segments_after} of {bytes_after}"
        ),
    ),
    "CleaningFailed": ("upkeep", ""),
    "DeletedFilesRemoved": ("upkeep", ""),
    "DirectoryRemoved": ("upkeep", ""),
    "ProducersForgotten": ("upkeep", ""),
    "HighWatermarkMoved": ("marks", _marked),
    "FetchServed": ("fetches", _served),
    "FetchRefused": (
        "fetches",
        (
            "{partition}: refused {api} of follower {follower} in epoch {request_epoch}, own epoch"
            " {leader_epoch}: {error}"
        ),
    ),
    "EpochEndTold": (
        "fetches",
        (
            "{partition}: told follower {follower}, whose last epoch is {asked_epoch}, that epoch"
            " {epoch} ends at {end_offset}"
        ),
    ),
    "IsrProposed": ("isr", _proposed),
    "IsrAdopted": ("isr", "{partition}: adopted isr {isr}, waits for {counted}"),
    "IsrRefused": ("isr", "{partition}: proposal {proposed} came back: {error}"),
    "ProduceAnswered": ("answers", _answered),
    "ProduceGivenUp": (
        "answers",
        "{partition}: gave up on a producer whose batch is at {base_offset}: {error}",
    ),
    # faults
    "BrokerStarted": ("faults", "broker {broker} started, incarnation {incarnation}"),
    "BrokerCrashed": ("faults", "broker {broker} was killed"),
    "BrokerStopped": ("faults", "broker {broker} stopped cleanly"),
    "BrokerPoweredOff": ("faults", "broker {broker} lost its power"),
    "DiskLost": ("faults", "broker {broker} has an empty disk"),
    "BrokerPaused": ("faults", "broker {broker} stands still"),
    "BrokerResumed": ("faults", "broker {broker} goes on"),
    "LinkCut": ("faults", "the link between {one} and {other} was cut"),
    "LinkHealed": ("faults", "the link between {one} and {other} was healed"),
    "EverythingHealed": ("faults", "everything was healed"),
    "Quiesced": ("faults", "the run came to rest"),
    # clients
    "RecordSent": ("clients", _sent),
    "SendEnded": ("clients", _ended),
    "RecordRead": (
        "clients",
        "{partition}: read {value} of epoch {epoch} at offset {offset} from broker {broker}",
    ),
    # messages
    "HighWatermarkFell": ("marks", ""),
    "FetchParked": ("parked", ""),
    "FetchReleased": ("parked", ""),
    "FetchSessionMade": ("sessions", ""),
    "FetchSessionEnded": ("sessions", ""),
    "FetchSessionRefused": ("sessions", ""),
    "FetchesRepeated": ("parked", ""),
    "PowerCutLeft": ("faults", ""),
    "LinkSlowed": ("faults", ""),
    "ConnectionClosed": ("network", ""),
    "ConnectionsReset": ("faults", ""),
    "MessageDelivered": ("messages", "{name} {sender}→{receiver} arrived, sent at {sent_ms} ms"),
    "MessageDropped": ("network", "{name} {sender}→{receiver} was lost: {reason}"),
    "MessageRefused": ("network", "{name} {sender}→{receiver} was refused: nobody is there"),
    "MessageHeld": ("network", "{name} {sender}→{receiver} is held"),
    "MessageReleased": ("network", "{name} {sender}→{receiver} goes on"),
    "MessageDoubled": ("network", "{name} {sender}→{receiver} was doubled"),
}
KINDS = frozenset({kind for kind, _ in SENTENCES.values()} | {"follower marks", "others", "start"})
