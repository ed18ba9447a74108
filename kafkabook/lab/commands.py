"""The commands of a lab by name: what a journal holds, a schedule of faults, and a scenario."""

from collections.abc import Mapping
from typing import Any

from kafkabook.lab.world import World

_OF_THE_WORLD = (
    *("crash", "restart", "stop", "power_off", "lose_disk", "damage", "flush", "pause", "resume"),
    *("cut", "heal", "slow", "reset", "heal_everything", "come_to_rest"),
    *("send", "send_batch", "read", "ask", "make_leader"),
)
_OF_THE_HOLDS = ("hold", "release")
_OF_ONE_MESSAGE = ("deliver", "drop", "double")
_OF_THE_NEXT = ("drop_next", "double_next")


def carry_out(
    world: World, verb: str, arguments: tuple[Any, ...], options: Mapping[str, Any]
) -> Any:
    """Do one command.

    Raises:
        KafkaError: the cluster refuses it; nothing has happened then.
        LookupError: there is no such command.
    """
    if verb in _OF_THE_WORLD:
        return getattr(world, verb)(*arguments, **options)
    if verb in _OF_THE_HOLDS:
        return getattr(world.holds, verb)(*arguments, **options)
    if verb in _OF_ONE_MESSAGE:
        return getattr(world.network, verb)(world.holds.oldest(*arguments, **options))
    if verb in _OF_THE_NEXT:
        return getattr(world.network, verb)(*arguments, **options)
    known = (*_OF_THE_WORLD, *_OF_THE_HOLDS, *_OF_ONE_MESSAGE, *_OF_THE_NEXT)
    raise LookupError(f"there is no command {verb!r}; there are {', '.join(known)}")
