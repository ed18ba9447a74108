"""All that replays must know of a lab's insides; whoever changes those changes this file alone."""

from functools import lru_cache
from typing import Any

from kafkabook.cluster.metadata import Registration
from kafkabook.cluster.rules import Refusal, check_registration
from kafkabook.lab import Lab
from kafkabook.lab.rules import Rules
from kafkabook.protocol.control_api import BrokerRegistrationRequest
from kafkabook.records.record_batch import decode_batch
from kafkabook.records.scan import scan_headers
from kafkabook.replication.facts import PartitionState


def rules(forgotten: set[int], **parts: Any) -> Rules:
    """Today's rules with these parts, but a broker of these may come back before it is fenced.

    Kafka fences at intervals: in between it lets in whose session has ended. The lab fences at
    once.
    """

    def check(request: BrokerRegistrationRequest, known: Registration | None) -> Refusal:
        return None if request.broker in forgotten else check_registration(request, known)

    return Rules().having(check_registration=check, **parts)


def administer_by(lab: Lab, brokers: set[int]) -> None:
    """Let the administrator ask the first of these brokers, as the recorded one did."""
    lab.world.client("admin").metadata.bootstrap = (min(brokers),)


def runs(lab: Lab, broker: int) -> bool:
    """Whether a broker's process has not ended."""
    return lab.world.hosts[broker].is_running


def fenced(lab: Lab) -> set[int]:
    """The brokers that may not lead now, by the controller's word."""
    return set(lab.world.hosts) - set(lab.world.controller.image.alive())


def leaders_know(lab: Lab) -> bool:
    """Whether every leader that is alive has begun its leader epoch."""
    return lab.world.leaders_know()


def state(lab: Lab, topic: str) -> PartitionState:
    """Partition 0 by the controller's word."""
    return lab.world.controller.image.partitions[f"{topic}-0"]


def high_watermark(lab: Lab, topic: str, leader: int) -> int:
    """How far a leader that works believes that all in sync have the log."""
    log = lab.world.hosts[leader].log(f"{topic}-0")
    assert log is not None
    return log.high_watermark


def records(lab: Lab, topic: str, broker: int) -> str:
    """A replica's records as `epoch:value`, from its disk; no log is ever rolled here."""
    disk = lab.world.hosts[broker].disk
    path = f"{topic}-0/{0:020d}.log"
    return told(disk.read(path)) if disk.exists(path) else ""


@lru_cache
def told(data: bytes) -> str:
    """The records of a segment as text."""
    found = (decode_batch(data, at) for at, _ in scan_headers(data, check_crc=True))
    return " ".join(
        f"{batch.header.partition_leader_epoch}:{(record.value or b'').decode()}"
        for batch in found
        for record in batch.records
    )


def epochs(lab: Lab, topic: str, broker: int) -> str:
    """The text of a replica's `leader-epoch-checkpoint`."""
    disk = lab.world.hosts[broker].disk
    path = f"{topic}-0/leader-epoch-checkpoint"
    return disk.read(path).decode() if disk.exists(path) else ""
