"""What the names of a segment's files tell: the offset that it begins with, in 20 digits.

Source: kafka, storage `LogFileUtils.java`.
"""

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.units import INT64_MAX
from kafkabook.log.disk import Files


def base_name(offset: int) -> str:
    """Return the 20 digits that name the files of a segment.

    >>> base_name(18)
    '00000000000000000018'
    """
    return f"{offset:020d}"


def segment_bases(disk: Files, folder: str) -> list[int]:
    """Return the base offsets of the segments in a partition's directory, ascending.

    Raises:
        KAFKA_STORAGE_ERROR: a `.log` file with a name that is no offset.
    """
    names = (name for name in disk.list(folder) if name.endswith(".log"))
    return sorted(base_offset_in(f"{folder}/{name}", ".log") for name in names)


def base_offset_in(path: str, suffix: str) -> int:
    """Return the base offset that the name of a segment's file tells.

    Raises:
        KAFKA_STORAGE_ERROR: the name before `suffix` is not an offset in 20 digits.
    """
    digits = path.rpartition("/")[2].removesuffix(suffix)
    is_number = len(digits) == 20 and digits.isascii() and digits.isdigit()
    if not is_number or int(digits) > INT64_MAX:
        raise KafkaError(
            Errors.KAFKA_STORAGE_ERROR,
            f"{path}: a segment is named by its base offset in 20 digits",
        )
    return int(digits)
