"""What the names of a segment's files tell: the offset that it begins with, in 20 digits.

Kafka writes 20 digits, and reads whatever Java takes for a number before the first dot.

Source: kafka, storage `LogFileUtils.java`.
"""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.java_numbers import is_whole_number
from kafkabook.log.disk import Files

DELETED, CLEANED, SWAP = ".deleted", ".cleaned", ".swap"  # how the name of a file ends on its way
SNAPSHOT = ".snapshot"
SUFFIXES = (".log", ".index", ".timeindex", ".txnindex")


def base_name(offset: int) -> str:
    """Return the 20 digits that name the files of a segment.

    >>> base_name(18)
    '00000000000000000018'
    """
    return f"{offset:020d}"


def files_in(disk: Files, folder: str) -> tuple[str, ...]:
    """Return the names of the files in a partition's directory; folders in it are nobody's."""
    return tuple(name for name in disk.list(folder) if not name.endswith("/"))


def segment_bases(disk: Files, folder: str) -> list[int]:
    """Return the base offsets of the segments in a partition's directory, in order of the names.

    That is the order in which Kafka loads them; names of 20 digits ascend as their offsets do.

    Raises:
        KAFKA_STORAGE_ERROR: a `.log` file with a name that is no offset.
    """
    names = (name for name in files_in(disk, folder) if name.endswith(".log"))
    return list(dict.fromkeys(base_offset_in(f"{folder}/{name}") for name in names))


def offset_in(name: str) -> int | None:
    """Return the offset that a file's name begins with, None if it begins with none.

    >>> offset_in("00000000000000000018.index"), offset_in("18.txt"), offset_in("notes.txt")
    (18, 18, None)
    """
    digits, dot, _ = name.partition(".")
    return int(digits) if dot and is_whole_number(digits, 64) else None


def base_offset_in(path: str) -> int:
    """Return the offset that the name of a segment's file tells.

    Raises:
        KAFKA_STORAGE_ERROR: it tells none; Kafka does not open such a directory either.
    """
    found = offset_in(path.rpartition("/")[2])
    if found is None or found < 0:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR,
            f"{path}: a segment is named by its base offset in 20 digits. Kafka does not open a"
            " log with such a file in its directory; move it elsewhere",
        )
    return found
