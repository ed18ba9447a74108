"""The command line: `kafkabook lab | book | grade | inspect | storm | explain`.

Only click and the errors are imported here; each command imports what it needs when it runs, so
that `kafkabook --help` answers at once. A wish that cannot be met is one sentence and exit code 1,
a command line that cannot be understood exit code 2; neither is a traceback.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from kafkabook import __version__
from kafkabook.base.errors import KafkaError
from kafkabook.book.sources import BookError

Params = ParamSpec("Params")
Result = TypeVar("Result")

_FOLDER = click.Path(file_okay=False, path_type=Path)
# For a command whose own package reads its options, `--help` among them.
_WITHOUT_OPTIONS: dict[str, Any] = {
    "context_settings": {"ignore_unknown_options": True, "allow_extra_args": True},
    "add_help_option": False,
}


def plainly(command: Callable[Params, Result]) -> Callable[Params, Result]:
    """Turn what a command may refuse into one sentence for the reader."""

    @wraps(command)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except (BookError, KafkaError, LookupError, OSError) as error:
            if isinstance(error, (KeyError, IndexError)):
                raise  # a fault of ours, not an answer
            raise click.ClickException(str(error)) from error

    return wrapped


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
    epilog="Example: kafkabook lab   (the chapters in JupyterLab; your work is kept in one folder)",
)
@click.version_option(__version__, prog_name="kafkabook")
def main() -> None:
    """Apache Kafka from the inside: run it, break it, and build its parts."""


@main.command(
    short_help="Open the chapters in JupyterLab.",
    epilog="Example: kafkabook lab ~/kafka --no-browser --port 8890",
)
@click.argument("directory", type=_FOLDER, required=False, metavar="[DIR]")
@click.option("--no-browser", is_flag=True, help="Only serve, and print the address to open.")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Port to serve on; 8888 if omitted."
)
@click.pass_context
@plainly
def lab(context: click.Context, directory: Path | None, no_browser: bool, port: int | None) -> None:
    """Open the chapters in JupyterLab, in a working copy of your own.

    DIR is where your copy lies: `work` in a checkout, else `kafkabook-work` right here. Run it
    again after an update: what you changed is kept, what you did not touch is brought up to date,
    and a table says which is which.
    """
    from kafkabook.book.lab import start_lab

    context.exit(start_lab(directory, browser=not no_browser, port=port, say=click.echo))


@main.command(short_help="Build the HTML book.", epilog="Example: kafkabook book ~/kafka-book")
@click.argument("out", type=_FOLDER, required=False, metavar="[OUT]")
@plainly
def book(out: Path | None) -> None:
    """Build the HTML book, which needs neither a kernel nor a network.

    OUT is the folder to fill: `build/book` in a checkout, else `kafkabook-book` right here. Open
    its index.html.
    """
    from kafkabook.book.builder import build_book

    click.echo(f"The book is ready: {build_book(out, say=click.echo) / 'index.html'}")


@main.command(short_help="Mark the exercises.", epilog="Example: kafkabook grade work")
@click.argument("directory", type=_FOLDER, required=False, metavar="[DIR]")
@plainly
def grade(directory: Path | None) -> None:
    """Mark every exercise of a working copy and show the table of marks.

    DIR is the working copy that `kafkabook lab` made; the same default holds.
    """
    from kafkabook.book.lab import default_folder
    from kafkabook.book.sources import find_sources

    folder = directory or default_folder(find_sources())
    if not folder.is_dir():
        raise BookError(f"there is no working copy at {folder}; `kafkabook lab` makes one")
    click.echo(_part("kafkabook.grading.marks", "grade_folder")(folder))


@main.command(short_help="Show any file of a Kafka log directory.", **_WITHOUT_OPTIONS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="PATH [OPTIONS]")
@click.pass_context
@plainly
def inspect(context: click.Context, words: tuple[str, ...]) -> None:
    """Show a Kafka partition directory, segment, index or checkpoint file."""
    _hand_on(context, "inspect", words)


@main.command(short_help="Let random faults rage over a cluster.", **_WITHOUT_OPTIONS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]")
@click.pass_context
@plainly
def storm(context: click.Context, words: tuple[str, ...]) -> None:
    """Let random faults rage over a cluster, and hold every property against what happens."""
    _hand_on(context, "storm", words)


@main.command(
    short_help="Tell a setting's default, then and now.",
    epilog="Example: kafkabook explain linger.ms",
)
@click.argument("setting")
@click.option("--scope", help="Where the setting stands, if several do: producer, topic, broker…")
@plainly
def explain(setting: str, scope: str | None) -> None:
    """Tell a Kafka setting's default then and now, its range and its KIP."""
    from kafkabook.base.settings import explain as explained

    click.echo(explained(setting, scope=scope))


def _part(module: str, name: str) -> Any:
    """Import a part of the package by name, when its command is run and not before."""
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name and not error.name.startswith("kafkabook"):
            raise BookError(f"the Python package {error.name} is missing; install it") from error
        raise BookError(f"this release has no {module} yet") from error


def _hand_on(context: click.Context, name: str, words: tuple[str, ...]) -> None:
    """Let the package of a command read its words, and end with its exit code."""
    command = _part(f"kafkabook.{name}.command", name)
    line = f"kafkabook {name}"
    context.exit(command.main(list(words), prog_name=line, standalone_mode=False) or 0)
