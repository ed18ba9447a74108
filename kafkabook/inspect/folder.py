"""A directory of a stranger as the reading half of a disk."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.inspect.files import Refused, SourceFile, names_in
from kafkabook.inspect.kinds import MOST_BYTES, Kind, known


class ReadOnlyFolder:
    """What every reader of `kafkabook.log` takes for a disk, and no verb of which changes anything.

    Paths are names of files in the folder itself. The file that was read last stays open.

    Args:
        root: the folder.
        held: files of it that are open already, and stay so.
        is_live: see `SourceFile`.

    Raises:
        Refused: any verb that reads, for what is no regular file or larger than its kind can be.
        KAFKA_STORAGE_ERROR: any verb that would write.
    """

    def __init__(
        self,
        root: Path,
        held: Mapping[str, SourceFile] = MappingProxyType({}),
        *,
        is_live: bool = False,
    ) -> None:
        self.root, self.held, self.is_live = root, held, is_live
        self._open: SourceFile | None = None

    def file(self, path: str) -> SourceFile:
        """Return the file, open; the one before is closed, or forgotten if it is held."""
        if self._open is None or self._open.name != path:
            self.close()
            self._open = self.held.get(path) or self._opened(path)
        return self._open

    def _opened(self, path: str) -> SourceFile:
        what = known(path)
        most_bytes = MOST_BYTES[what.kind if what else Kind.LOG]
        return SourceFile(self.root / path, most_bytes, is_live=self.is_live)

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes `start..stop`, fewer where the file ends before."""
        file = self.file(path)
        return file.read(start, file.size_bytes if stop is None else stop)

    def size(self, path: str) -> int:
        """Return the length in bytes."""
        return self.file(path).size_bytes

    def exists(self, path: str) -> bool:
        """Whether there is such a file; what is there but is no regular file is refused."""
        try:
            return self.file(path) is not None
        except Refused:
            if os.path.lexists(self.root / path):
                raise
            return False

    def list(self, folder: str = "") -> tuple[str, ...]:
        """Return the names in the folder, sorted; those of folders end in "/"."""
        return names_in(self.root / folder)

    def close(self) -> None:
        """Close the file that was read last, unless it is held."""
        if self._open is not None:
            self._open.forget()
            if self._open.name not in self.held:
                self._open.close()
        self._open = None

    def __enter__(self) -> "ReadOnlyFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise KafkaError(Errors.KAFKA_STORAGE_ERROR, f"{self.root} is open for reading only")

    write = append = truncate = preallocate = flush = rename = remove = _refuse
