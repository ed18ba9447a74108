"""How the package's objects look in a notebook; loaded when the first of them is displayed."""

from kafkabook.base.shown import renders
from kafkabook.base.trace import Trace
from kafkabook.lab import Lab
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.snapshots import PartitionSnapshot
from kafkabook.scenarios.scenario import Outcome, Scenario
from kafkabook.viz.byte_map import byte_map
from kafkabook.viz.cluster_map import rack_map
from kafkabook.viz.replay import run_told
from kafkabook.viz.replica_lanes import replica_lanes
from kafkabook.viz.scenario_view import outcome_view, script_view
from kafkabook.viz.strips import offset_strip
from kafkabook.viz.trace_view import trace_view


@renders(Trace)
def _trace(trace: Trace) -> dict[str, str]:
    return {"text/plain": repr(trace), "image/svg+xml": trace_view(trace).svg}


@renders(RecordBatch)
def _batch(batch: RecordBatch) -> dict[str, str]:
    return {"text/plain": repr(batch), "image/svg+xml": byte_map(batch).svg}


@renders(PartitionLog)
def _log(log: PartitionLog) -> dict[str, str]:
    figure = offset_strip(log, title=f"What does {log.name} hold?")
    return {"text/plain": figure.text, "image/svg+xml": figure.svg}


@renders(PartitionSnapshot)
def _partition(snapshot: PartitionSnapshot) -> dict[str, str]:
    is_of_a_run = snapshot.seed is not None
    when = f"t = {snapshot.at_ms} ms · seed {snapshot.seed}" if is_of_a_run else ""
    figure = replica_lanes(snapshot, subtitle=when)
    return {"text/plain": figure.text, "image/svg+xml": figure.svg}


@renders(Lab)
def _lab(lab: Lab) -> dict[str, str]:
    """Draw brokers and what lies on them; a cluster too large for a figure stays text."""
    try:
        figure = rack_map(
            **lab.layout()._asdict(),
            title="Who leads, and where do copies lie?",
            subtitle=run_told(lab),
        )
    except ValueError:
        return {"text/plain": repr(lab)}
    return {"text/plain": f"{lab!r}\n{figure.text}", "image/svg+xml": figure.svg}


@renders(Scenario)
def _scenario(scenario: Scenario) -> dict[str, str]:
    return {"text/plain": repr(scenario), "image/svg+xml": script_view(scenario).svg}


@renders(Outcome)
def _outcome(outcome: Outcome) -> dict[str, str]:
    return {"text/plain": repr(outcome), "image/svg+xml": outcome_view(outcome).svg}
