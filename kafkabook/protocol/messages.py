"""The names of all messages: a lab holds, loses and doubles a message by its name."""

from collections.abc import Iterator
from types import ModuleType

from kafkabook.protocol import admin_api, control_api, records_api
from kafkabook.sim.connection import NameByKind

_APIS = (records_api, control_api, admin_api)
_WITHOUT_ANSWER = frozenset({"MetadataUpdate"})  # what the controller sends is no request


def _messages(api: ModuleType) -> Iterator[type]:
    """Yield the classes of an API that travel by themselves, and are no part of another one."""
    for name, kind in vars(api).items():
        is_own = isinstance(kind, type) and kind.__module__ == api.__name__
        if is_own and (name.endswith(("Request", "Response")) or name in _WITHOUT_ANSWER):
            yield kind


MESSAGE_NAMES = tuple(NameByKind()[kind] for api in _APIS for kind in _messages(api))
