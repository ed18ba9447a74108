"""Messages of magic 0 and 1 as rows, by their own fields: they have no producers and no epochs.

Source: kafka, clients `LegacyRecord`; KIP-32.
"""

from kafkabook.inspect.findings import Fields, Row
from kafkabook.records.batch_header import CODEC_BITS, BatchHeader, TimestampType
from kafkabook.records.record import Record

_TYPES = {TimestampType.CREATE_TIME: "CreateTime", TimestampType.LOG_APPEND_TIME: "LogAppendTime"}


def message_fields(file: str, position: int, header: BatchHeader) -> Fields:
    """Return the fields of a message as it stands in the log; of a wrapper also what it spans."""
    fields = {
        "file": file,
        "position": position,
        "offset": header.last_offset,
        "messageSize": header.batch_length,
        "crc": header.crc,
        "magic": header.magic,
        "attributes": header.attributes,
        **_time(header, header.max_timestamp_ms),
        "compression": str(header.codec),
    }
    span = {"baseOffset": header.base_offset, "messages": header.records_count}
    return fields | (span if _is_wrapper(header) else {})


def message_row(file: str, position: int, header: BatchHeader, record: Record) -> Row:
    """Return what a message says to a consumer; of one inside a wrapper, whose it is."""
    if _is_wrapper(header):
        fields = {
            "file": file,
            "position": position,
            "offset": record.offset,
            "wrapperOffset": header.last_offset,
            "magic": header.magic,
            **_time(header, record.timestamp_ms),
            "compression": str(header.codec),
        }
    else:
        fields = message_fields(file, position, header)
    return Row("message", fields | {"key": record.key, "value": record.value})


def _is_wrapper(header: BatchHeader) -> bool:
    return bool(header.attributes & CODEC_BITS)


def _time(header: BatchHeader, timestamp_ms: int) -> Fields:
    """Return a timestamp and whose clock it is from; magic 0 has none."""
    if header.timestamp_type is TimestampType.NO_TIMESTAMP_TYPE:
        return {}
    return {"timestamp": timestamp_ms, "timestampType": _TYPES[header.timestamp_type]}
