"""What a broker says to altered settings of brokers before it hands them on to the controller.

Source: kafka, core `ConfigAdminManager.scala` `preprocess`; KIP-226, KIP-590.
"""

from collections import Counter

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.cluster.dynamic_broker_config import check_altered
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    IncrementalAlterConfigsRequest,
    ResourceType,
    Result,
)


def preprocess(
    request: IncrementalAlterConfigsRequest, broker: int
) -> tuple[tuple[Result, ...], tuple[AlteredConfigs, ...]]:
    """Return what this broker refuses by itself, and what the controller has to decide.

    Simplified: settings of topics are looked at by the controller alone.
    """
    times = Counter(altered.resource for altered in request.resources)
    refused, rest = [], []
    for altered in request.resources:
        if altered.resource.type is ResourceType.TOPIC:
            rest.append(altered)
            continue
        try:
            _check(altered, broker, is_alone=times[altered.resource] == 1)
        except KafkaError as error:
            refused.append(Result(altered.resource.name, error.error, str(error)))
        else:
            rest.append(altered)
    return tuple(refused), tuple(rest)


def _check(altered: AlteredConfigs, broker: int, *, is_alone: bool) -> None:
    """Look at the settings of one broker, or of all by default.

    Raises:
        INVALID_REQUEST: the resource or a setting is named twice; another broker is meant; and as
            in `check_altered`.
    """
    if not is_alone:
        raise KafkaError(Errors.INVALID_REQUEST, "Each resource must appear at most once.")
    names = [name for name, _ in altered.settings]
    if len(set(names)) < len(names):
        raise KafkaError(Errors.INVALID_REQUEST, "Error due to duplicate config keys")
    name = altered.resource.name
    if name and not name.isdecimal():
        raise KafkaError(Errors.INVALID_REQUEST, f"Node id must be an integer, but it is: {name}")
    if name and int(name) != broker:
        says = f"Unexpected broker id, expected {broker}, but received {name}"
        raise KafkaError(Errors.INVALID_REQUEST, says)
    check_altered(altered.settings)
