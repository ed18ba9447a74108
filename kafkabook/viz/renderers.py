"""How the package's objects look in a notebook; loaded when the first of them is displayed."""

from kafkabook.base.settings import Explanation
from kafkabook.base.shown import renders
from kafkabook.base.trace import Trace
from kafkabook.lab import Lab
from kafkabook.log.partition_log import PartitionLog
from kafkabook.records.record_batch import RecordBatch
from kafkabook.replication.snapshots import PartitionSnapshot
from kafkabook.scenarios.scenario import Outcome, Scenario
from kafkabook.viz.byte_map import byte_map
from kafkabook.viz.cluster_map import rack_map
from kafkabook.viz.modes import STILL, mode
from kafkabook.viz.replay import run_told
from kafkabook.viz.replica_lanes import replica_lanes
from kafkabook.viz.scenario_view import outcome_view, script_view
from kafkabook.viz.settings_card import settings_card
from kafkabook.viz.strips import offset_strip
from kafkabook.viz.trace_view import trace_view


@renders(Explanation)
def _explanation(explanation: Explanation) -> dict[str, str]:
    """Show a card where somebody looks at it; a still is compared as text."""
    told = {"text/plain": repr(explanation)}
    return told if mode() == STILL else told | {"text/html": settings_card(explanation)}


@renders(Trace)
def _trace(trace: Trace) -> dict[str, str]:
    return trace_view(trace).shown(repr(trace))


@renders(RecordBatch)
def _batch(batch: RecordBatch) -> dict[str, str]:
    return byte_map(batch).shown(repr(batch))


@renders(PartitionLog)
def _log(log: PartitionLog) -> dict[str, str]:
    return offset_strip(log, title=f"What does {log.name} hold?").shown()


@renders(PartitionSnapshot)
def _partition(snapshot: PartitionSnapshot) -> dict[str, str]:
    is_of_a_run = snapshot.seed is not None
    when = f"t = {snapshot.at_ms} ms · seed {snapshot.seed}" if is_of_a_run else ""
    return replica_lanes(snapshot, subtitle=when).shown()


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
    return figure.shown(f"{lab!r}\n{figure.text}")


@renders(Scenario)
def _scenario(scenario: Scenario) -> dict[str, str]:
    return script_view(scenario).shown(repr(scenario))


@renders(Outcome)
def _outcome(outcome: Outcome) -> dict[str, str]:
    return outcome_view(outcome).shown(repr(outcome))
