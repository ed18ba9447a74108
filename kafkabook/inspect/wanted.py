"""What the person at the keyboard asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that decide what is read, not how it is shown.

    Attributes: `limit` (rows, None for all), `from_offset` (first offset shown), `headers_only`
    (batches without their records), `decode` (`offsets`, `transactions` or None), `compacted`
    (offsets may have gaps; None: as the files themselves tell), `hash_values` (hashes instead of
    keys, values and header values), `strict` (what Kafka does not look at counts as damage).
    """

    limit: int | None = None
    from_offset: int = 0
    headers_only: bool = False
    decode: str | None = None
    compacted: bool | None = None
    hash_values: bool = False
    strict: bool = False
