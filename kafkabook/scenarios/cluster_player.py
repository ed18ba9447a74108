"""The player of scenarios of a cluster: it does the steps in a lab, and all checkers watch."""

from collections.abc import Iterable, Sequence

from kafkabook.base.errors import KafkaError
from kafkabook.checkers.history import HistoryChecker
from kafkabook.lab.command import Command
from kafkabook.lab.lab import Lab
from kafkabook.replication.snapshots import PartitionSnapshot
from kafkabook.scenarios.cluster_end import ClusterEnd, ClusterOutcome, ClusterSetup
from kafkabook.scenarios.cluster_steps import Stage, do
from kafkabook.scenarios.conditions import TOPIC
from kafkabook.scenarios.scenario import Scenario, Step
from kafkabook.sim.kernel import LimitReached

SEED = 7
QUIET_MS = 1_000


def played(
    scenario: Scenario, end: ClusterEnd, steps: Sequence[Step | Command], *, seed: int = SEED
) -> ClusterOutcome:
    """Do `steps` with the setup of `end`, and say what can be read afterwards."""
    stage = Stage(_lab(end.setup, seed), end.setup.acks)
    moments = tuple(_done(step, stage) for step in steps)
    lab = stage.lab
    return ClusterOutcome(
        scenario=scenario,
        end=end,
        readable=stage.readable,
        broken=lab.watch.broken,
        anomalies=tuple(_first_ones(lab)),
        trace=lab.trace,
        lab=lab,
        acked=" ".join(sent.value for sent in stage.sends if sent.outcome == "ok"),
        held=tuple(_held(lab)),
        allowed=tuple(_allowed(lab)),
        moments=moments,
        sends=tuple(map(repr, stage.sends)),
        refused=tuple(stage.refused),
    )


def _lab(setup: ClusterSetup, seed: int) -> Lab:
    lab = Lab(
        brokers=setup.brokers,
        racks=setup.racks,
        seed=seed,
        rules=setup.rules,
        config=setup.config,
    )
    lab.create_topic(TOPIC, assignment=[setup.replicas], **dict(setup.topic))
    if setup.leader is not None:
        lab.make_leader(setup.leader)
    lab.run_for(QUIET_MS)  # until everybody follows
    return lab


def _done(step: Step | Command, stage: Stage) -> PartitionSnapshot:
    """Do a step; one that makes no sense in this end is left out, and told."""
    try:
        do(step, stage)
    except (KafkaError, LookupError, LimitReached) as error:
        stage.refused.append(f"{step.says}: {error}")
    return stage.lab.snapshot()


def _first_ones(lab: Lab) -> Iterable[str]:
    """Tell the first anomaly of each broken property: the others are its consequences."""
    for checker in lab.watch.checkers:
        if checker.name in lab.watch.broken:
            yield f"{checker.name}: {checker.anomalies[0].says}"


def _held(lab: Lab) -> Iterable[str]:
    for lane in lab.snapshot().lanes:
        values = " ".join(record.value for record in lane.records)
        yield f"{lane.broker}: {values or 'nothing'}"


def _allowed(lab: Lab) -> Iterable[str]:
    for checker in lab.watch.checkers:
        if isinstance(checker, HistoryChecker) and checker.allowed:
            yield checker.name
