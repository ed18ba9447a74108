"""What `kafkabook storm` says: as JSON for a machine, as a page for a reader."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kafkabook.storm.many import StormOutcome, Total


def as_json(outcome: StormOutcome) -> str:
    """Return one storm as one line of JSON."""
    return json.dumps(
        {
            "seed": outcome.seed,
            "events": outcome.events,
            "entries": outcome.entries,
            "actions": outcome.actions,
            "faults": dict(sorted(outcome.faults.items())),
            "marks": dict(sorted(outcome.marks.items())),
            "judged": dict(sorted(outcome.judged.items())),
            "broken": list(outcome.broken),
            "says": outcome.says,
        }
    )


def with_progress(storms: Iterable[StormOutcome], *, total: int) -> Iterator[StormOutcome]:
    """Show on stderr how many storms are over, and how many of them broke something."""
    columns = (
        *(TextColumn("storms"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()),
        TextColumn("{task.fields[failed]} broken"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("storms", total=total, failed=0)
        failed = 0
        for outcome in storms:
            failed += bool(outcome.broken)
            progress.update(task, advance=1, failed=failed)
            yield outcome


def summary(total: Total) -> str:
    """Return counts of events, faults and situations, and how it went."""
    broken = f"{len(total.failed)} broke something" if total.failed else "nothing broke"
    return "\n".join(
        (
            f"{total.runs} storms, {total.events} events: {broken}",
            f"faults: {_listed(total.faults)}",
            f"met:    {_listed(total.marks)}",
        )
    )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
