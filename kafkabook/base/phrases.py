"""Phrases that the sentences of events are made of: counts, sets of brokers, spans of offsets.

Text from outside, such as a key, stays as it is: whoever draws a sentence makes it harmless.
"""

from collections.abc import Iterable, Sequence


def members_text(brokers: Iterable[int]) -> str:
    """Write a set of brokers in order, so that one seed gives one text.

    >>> members_text(frozenset({3, 1})), members_text(())
    ('{1, 3}', '{}')
    """
    return "{" + ", ".join(map(str, sorted(brokers))) + "}"


def brokers_text(brokers: Iterable[int]) -> str:
    """Name brokers in a sentence, in order.

    >>> brokers_text({3}), brokers_text({3, 1, 2})
    ('broker 3', 'brokers 1, 2 and 3')
    """
    *most, last = map(str, sorted(brokers))
    return f"brokers {', '.join(most)} and {last}" if most else f"broker {last}"


def replicas_text(assignment: Iterable[Iterable[int]]) -> str:
    """Write the replicas of each partition, in their order.

    >>> replicas_text(((1, 2), (2, 3)))
    '1 2 | 2 3'
    """
    return " | ".join(" ".join(map(str, replicas)) for replicas in assignment)


def offsets_text(first: int, last: int) -> str:
    """Name the offsets from `first` to `last`, both included.

    >>> offsets_text(5, 5), offsets_text(5, 7)
    ('offset 5', 'offsets 5 to 7')
    """
    return f"offsets {first} to {last}" if last > first else f"offset {first}"


def span_text(names: Sequence[str]) -> str:
    """Write up to six names; of more, the first and the last.

    >>> span_text(["m0", "m1"]), span_text([f"m{number}" for number in range(7)])
    ('m0 m1', 'm0 to m6')
    """
    return " ".join(names) if len(names) <= 6 else f"{names[0]} to {names[-1]}"


def count_text(number: int, noun: str) -> str:
    """Count things whose plural ends in s.

    >>> count_text(1, "record"), count_text(0, "record")
    ('1 record', '0 records')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def settings_text(settings: Iterable[tuple[str, str]]) -> str:
    """Write settings as Kafka's tools do.

    >>> settings_text((("min.insync.replicas", "2"),)), settings_text(())
    ('min.insync.replicas=2', 'no settings of its own')
    """
    return ", ".join(f"{name}={value}" for name, value in settings) or "no settings of its own"


def key_text(key: bytes | None) -> str:
    r"""Write a record's key as text; bytes that are no UTF-8 are escaped.

    >>> key_text(b"kim"), key_text(b"\xff"), key_text(None)
    ('key kim', 'key \\xff', 'no key')
    """
    return "no key" if key is None else f"key {key.decode('utf-8', 'backslashreplace')}"


def acks_text(acks: int) -> str:
    """Write `acks` as a producer's setting does.

    >>> acks_text(-1), acks_text(1)
    ('acks=all', 'acks=1')
    """
    return "acks=all" if acks == -1 else f"acks={acks}"
