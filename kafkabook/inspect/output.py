"""Lines to a terminal, a file or a pipe that may be closed early."""

import os
import sys
from contextlib import suppress

import click

from kafkabook.base.units import KIB, bytes_text

_BUFFER_LETTERS = 64 * KIB


class Output:
    """Standard output by the buffer, so that a million lines do not take a million system calls."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._letters = 0
        self._encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        self._shows_progress = sys.stderr.isatty() and not sys.stdout.isatty()
        self._is_progress_shown = False

    def write(self, line: str) -> None:
        """Add a line."""
        self._lines.append(line)
        self._letters += len(line)
        if self._letters > _BUFFER_LETTERS:
            self.flush()

    def say(self, sentence: str) -> None:
        """Say something on standard error, behind all that was written."""
        self.flush()
        self._clear_progress()
        click.echo(self._encodable(sentence), err=True)

    def progress(self, file: str, position: int, size_bytes: int) -> None:
        """Tell how far a large file is read, if somebody watches and the output goes elsewhere."""
        if self._shows_progress:
            told = f"\r{file}: {bytes_text(position)} of {bytes_text(size_bytes)}"
            click.echo(f"{told:<70}", err=True, nl=False)
            self._is_progress_shown = True

    def flush(self) -> None:
        """Bring out what was written."""
        lines, self._lines, self._letters = self._lines, [], 0
        if lines:
            click.echo(self._encodable("\n".join(lines)))

    def close(self) -> None:
        """Bring out the rest."""
        self.flush()
        self._clear_progress()

    def abandon(self) -> None:
        """Nobody reads any more: let the interpreter flush into nothing when it ends."""
        self._lines = []
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _clear_progress(self) -> None:
        if self._is_progress_shown:
            click.echo("\r" + " " * 70 + "\r", err=True, nl=False)
            self._is_progress_shown = False

    def _encodable(self, text: str) -> str:
        """Return what this terminal's letters can say; the others as escapes, not as an error."""
        return text.encode(self._encoding, "backslashreplace").decode(self._encoding)
