"""What a reader may say to a lab: names and numbers, looked at before anything is done."""

import re
from collections.abc import Iterable, Sequence
from typing import get_args

from kafkabook.base.door import listed_words, meant, must_be, must_be_whole, nearest
from kafkabook.base.errors import UnknownName, WrongType, WrongValue
from kafkabook.base.settings import settings as rows_of_settings
from kafkabook.cluster.config import ClusterConfig
from kafkabook.lab.rules import LabVersion, Rules
from kafkabook.protocol.messages import MESSAGE_NAMES

CONTROLLER = "controller"
PRODUCER, CONSUMER, ADMIN = "producer-1", "consumer-1", "admin"  # clients that a lab names itself
_TO_COME = re.compile(r"(producer|consumer)-\d+", re.ASCII)


def check_lab(
    brokers: int, racks: object, version: object, seed: object, parts: Iterable[object]
) -> None:
    """Check whether a lab can be made of that.

    Raises:
        TypeError: one is of another kind. ValueError: no lab is like that.
    """
    must_be_whole("Lab", "brokers", brokers, least=1)
    must_be_whole("Lab", "seed", seed)
    versions = get_args(LabVersion)
    if version not in versions:
        raise WrongValue(
            f"Lab: no version is called {version!r}; there are {listed_words(versions)}"
        )
    for kind, name, part in zip((Rules, ClusterConfig), ("rules", "config"), parts, strict=True):
        if part is not None:
            must_be(kind, kind.__name__, "Lab", name, part)
    if racks is not None:
        _check_racks(racks, brokers)


def _check_racks(racks: object, brokers: int) -> None:
    told = "a list of names, one for each broker"
    if isinstance(racks, str) or not isinstance(racks, Sequence):
        raise WrongType(f"Lab: racks must be {told}, not {racks!r}")
    for rack in racks:
        must_be((str, type(None)), "named by text or None", "Lab", "a rack", rack)
    if len(racks) != brokers:
        told = f"one rack for each of {brokers} brokers"
        raise WrongValue(f"Lab: racks must name {told}, not {racks!r}")


def check_message(verb: str, name: str | None) -> None:
    """Check whether messages of a name exist; None means any.

    Raises:
        LookupError: none is called so; the sentence has the nearest name.
    """
    if name is None or name in MESSAGE_NAMES:
        return
    whole = name.removesuffix("Request")  # a request is called without it
    hint = f"; did you mean {whole!r}?" if whole in MESSAGE_NAMES else meant(name, MESSAGE_NAMES)
    raise UnknownName(f"{verb}: no message is called {name!r}{hint or '; lab.messages names all'}")


def check_client(verb: str, name: str, known: Iterable[str]) -> None:
    """Check whether a client has a name, or may still come under it.

    Args:
        known: the clients that there are. Those that a lab names itself may still come, and so may
            those that are numbered likewise.

    Raises:
        LookupError: nobody is called so; the sentence has the nearest name.
    """
    places = list(dict.fromkeys((CONTROLLER, PRODUCER, CONSUMER, ADMIN, *known)))
    if name not in places and not _TO_COME.fullmatch(name):
        hint = meant(name, places) or f"; there are {listed_words(places)}, and brokers by number"
        raise UnknownName(f"{verb}: nobody is called {name!r}{hint}")


def check_settings(verb: str, settings: Iterable[str], own: Sequence[str]) -> None:
    """Check whether a setting is a misspelt word of the verb itself, such as `partition=3`.

    Args:
        own: the words that the verb takes.

    Raises:
        TypeError: one is.
    """
    known = {row.name for row in rows_of_settings() if row.scope == "topic"}
    for name in settings:
        near = nearest(name, own, 0.8)
        if near and name.replace("_", ".") not in known:
            raise WrongType(f"{verb}: there is no {name!r}; did you mean {near!r}?")
