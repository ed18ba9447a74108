"""The command `kafkabook storm`."""

import os
import sys

import click

from kafkabook.storm.many import EVENTS, Total, paste, storms
from kafkabook.storm.report import as_json, summary, with_progress

SHRUNK_AT_MOST = 3  # failures that are made small; each takes some seconds
_SOME = click.IntRange(min=1)  # no run at all would pass for "nothing broke"


@click.command(
    epilog="Example: kafkabook storm --seeds 200   (exit code 1 if a property broke)",
)
@click.option(
    "--seeds", default=20, show_default=True, type=_SOME, metavar="N", help="How many runs."
)
@click.option(
    "--events",
    default=EVENTS,
    show_default=True,
    type=_SOME,
    metavar="M",
    help="Kernel events per run.",
)
@click.option("--first-seed", default=0, show_default=True, metavar="N", help="Where to begin.")
@click.option("--bug", default="", metavar="NAME", help="Put a seeded bug in place, such as M8.")
@click.option("--json", "is_json", is_flag=True, help="Print one object a run.")
@click.option("--workers", type=_SOME, metavar="N", help="Processes; one per core if omitted.")
def storm(
    seeds: int, events: int, first_seed: int, bug: str, *, is_json: bool, workers: int | None
) -> None:
    """Let random faults rage over a cluster, and hold every property against what happens."""
    cores = workers or min(seeds, os.cpu_count() or 1)
    numbers = range(first_seed, first_seed + seeds)
    total = Total()
    runs = storms(numbers, events=events, bug=bug, workers=cores)
    for outcome in with_progress(runs, total=seeds) if sys.stderr.isatty() else runs:
        total.add(outcome)
        if is_json:
            click.echo(as_json(outcome))
    if not is_json:
        click.echo(summary(total))
        _tell_failures(total, events, bug)
    if total.failed:
        sys.exit(1)


def _tell_failures(total: Total, events: int, bug: str) -> None:
    """Print each failure; the first ones with a schedule to paste."""
    for number, outcome in enumerate(total.failed):
        click.echo(f"\nseed {outcome.seed} broke {', '.join(outcome.broken)}\n{outcome.says}")
        if number < SHRUNK_AT_MOST:
            click.echo(
                f"\nfrom kafkabook.storm import replay\n\n{paste(outcome, events=events, bug=bug)}"
            )
