"""The exercises whose parts run in a cluster: who leads, what is committed, what is kept."""

from typing import Any

from kafkabook.cluster.election import Elected, elect
from kafkabook.grading import printed_cluster as printed
from kafkabook.grading.exercise import Exercise
from kafkabook.grading.laws import (
    acks,
    election,
    high_watermark,
    in_sync,
    leader_facts,
    truncation,
)
from kafkabook.grading.laws.running_cluster import running
from kafkabook.replication.facts import Ack, Truncation
from kafkabook.replication.rules import ReplicationRules
from kafkabook.storm.setup import Setup

_OURS = ReplicationRules()
_LEADING, _MEMBERS = "05_replication", "06_in_sync_replicas"
_PARTING: dict[str, Any] = {  # leaders that change before their followers have fetched
    "setups": (
        Setup(fetch_ms=60, min_insync_replicas=1),
        Setup(fetch_ms=60, min_insync_replicas=1, asks=1),
    ),
    "verbs": ("make_leader", "make_leader", "cut", "slow", "pause"),
    "acks": (1, 1, "all"),
}
_FAILURE, _CLUSTER = "09_failure_and_recovery", "a cluster under faults"

_ELECT = Exercise(
    number="05.1",
    title="Elect a leader",
    chapter=_LEADING,
    slot="elect",
    hardness=1,
    hours=0.5,
    part="my_election",
    reference=elect,
    kinds=(Elected,),
    examples=printed.ELECT,
    laws=(*election.LAWS, *running("elect", verbs=("crash", "cut", "pause"))),
    given=("kafkabook.cluster.election:elect", "kafkabook.cluster.election:elect_preferred"),
    zoo="election",
    told=election.told,
    normal=election.in_any_words,
    runs_in=_CLUSTER,
)

_HIGH_WATERMARK = Exercise(
    number="06.1",
    title="High watermark",
    chapter=_MEMBERS,
    slot="high_watermark",
    hardness=2,
    hours=0.7,
    part="my_high_watermark",
    reference=_OURS.high_watermark,
    kinds=(int,),
    examples=printed.HIGH_WATERMARK,
    laws=(*high_watermark.LAWS, *running("high_watermark")),
    given=(
        "kafkabook.replication.high_watermark:high_watermark",
        "kafkabook.replication.in_sync:is_caught_up",
    ),
    zoo="high_watermark",
    told=leader_facts.told,
    runs_in=_CLUSTER,
)

_IN_SYNC = Exercise(
    number="06.2",
    title="In-sync replicas",
    chapter=_MEMBERS,
    slot="in_sync",
    hardness=2,
    hours=0.8,
    part="my_isr",
    reference=_OURS.in_sync,
    kinds=(frozenset,),
    examples=printed.IN_SYNC,
    laws=(*in_sync.LAWS, *running("in_sync", in_sync.slotted)),
    given=(
        "kafkabook.replication.in_sync:in_sync",
        "kafkabook.replication.in_sync:is_caught_up",
        "kafkabook.replication.in_sync:may_join",
    ),
    zoo="in_sync",
    told=leader_facts.told,
    slotted=in_sync.slotted,
    normal=in_sync.in_a_frozenset,
    runs_in=_CLUSTER,
)

_ACKNOWLEDGE = Exercise(
    number="09.1",
    title="When to acknowledge",
    chapter=_FAILURE,
    slot="acknowledge",
    hardness=2,
    hours=0.7,
    part="my_acknowledge",
    reference=_OURS.acknowledge,
    kinds=(Ack,),
    examples=printed.ACKNOWLEDGE,
    laws=(*acks.LAWS, *running("acknowledge")),
    given=("kafkabook.replication.acks:acknowledge",),
    zoo="acks",
    told=acks.told,
    runs_in=_CLUSTER,
)

_TRUNCATE = Exercise(
    number="09.2",
    title="Truncation",
    chapter=_FAILURE,
    slot="truncate",
    hardness=3,
    hours=2.0,
    part="my_truncation",
    reference=_OURS.truncate,
    kinds=(Truncation,),
    examples=printed.TRUNCATE,
    laws=(*truncation.LAWS, *running("truncate", **_PARTING)),
    given=(
        "kafkabook.replication.truncation:truncate",
        "kafkabook.replication.truncation:end_of_own",
    ),
    zoo="truncation",
    told=truncation.told,
    runs_in=_CLUSTER,
)

EXERCISES = (_ELECT, _HIGH_WATERMARK, _IN_SYNC, _ACKNOWLEDGE, _TRUNCATE)
