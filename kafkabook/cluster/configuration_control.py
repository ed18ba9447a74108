"""Which settings topics have, and brokers at run time.

Source: kafka, metadata `ConfigurationControlManager.java`; KIP-339, KIP-966.
"""

from collections import Counter

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Component, Context, Handler
from kafkabook.cluster.dynamic_broker_config import changed
from kafkabook.cluster.metadata import BrokerConfigRecord, ConfigRecord, Record
from kafkabook.cluster.metadata_log import MetadataLog
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    ResourceType,
    Result,
)

LEAST = "min.insync.replicas"


class ConfigurationControl(Component):
    """Decides on settings, in records of the metadata log.

    Args:
        log: where decisions are written.

    Simplified: settings of topics and brokers alone. Of those of brokers these act:
    `min.insync.replicas`, a broker's defaults for the logs of topics such as `log.retention.ms`,
    and for all brokers by default `unclean.leader.election.enable`; what else is altered is kept
    and described.
    """

    def __init__(self, log: MetadataLog) -> None:
        self._log = log

    def handlers(self) -> dict[type, Handler]:
        """Answer administrators."""
        return {IncrementalAlterConfigsRequest: self._alter}

    def _alter(self, request: IncrementalAlterConfigsRequest, context: Context) -> object:
        times = Counter(asked.resource for asked in request.resources)
        twice = sorted(resource.name for resource in times if times[resource] > 1)
        says = "the request names this topic more than once"
        refused = tuple(Result(topic, Errors.INVALID_REQUEST, says) for topic in twice)
        once = (asked for asked in request.resources if times[asked.resource] == 1)
        altered = tuple(self._alter_one(asked, context, request.validate_only) for asked in once)
        return IncrementalAlterConfigsResponse((*refused, *altered))

    def _alter_one(self, asked: AlteredConfigs, context: Context, validate_only: bool) -> Result:
        resource = asked.resource
        of_broker = resource.type is ResourceType.BROKER
        try:
            records = self._of_brokers(asked) if of_broker else self._records(asked)
        except KafkaError as error:
            return Result(resource.name, error.error, str(error))
        if not validate_only:
            self._log.commit(records, context)
        return Result(resource.name)

    def _of_brokers(self, asked: AlteredConfigs) -> list[Record]:
        """Return the settings of a broker, or of all by default; also where nothing differs.

        With eligible leader replicas a minimum is that of the whole cluster, and there must be one.
        Whoever sets it, be it to the same number, voids those of all topics.

        Raises:
            INVALID_CONFIG.

        Source: kafka, ConfigurationControlManager `isDisallowedBrokerMinIsrTransition`,
        `isDisallowedClusterMinIsrTransition`, `createClearElrRecordsAsNeeded`; KIP-966.
        """
        broker, settings = asked.resource.name, dict(asked.settings)
        if LEAST in settings and self._log.rules.is_elr_enabled:
            _check_least(broker, settings[LEAST])
        image = self._log.image
        known = image.broker_configs.get(broker, {})
        records: list[Record] = [BrokerConfigRecord(broker, changed(known.items(), asked.settings))]
        if LEAST in settings:
            for topic in image.topics:
                records += self._log.decisions.without_eligible(topic)
        return records

    def _records(self, asked: AlteredConfigs) -> list[Record]:
        """Return what changes; nothing where every setting has been set to its value already.

        Another `min.insync.replicas` voids the eligible leader replicas, the same one does not.

        Raises:
            UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG, INVALID_REQUEST (a setting twice).
        """
        names = [name for name, _ in asked.settings]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            says = f"the request names {twice[0]} more than once"
            raise KafkaError(Errors.INVALID_REQUEST, says)
        topics, topic = self._log.image.topics, asked.resource.name
        known = topics.get(topic)
        if known is None:
            says = f"there is no topic {topic!r}"
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, says)
        config = known.config.with_texts(asked.settings)
        if (config, config.named) == (known.config, known.config.named):
            return []
        records: list[Record] = [ConfigRecord(topic, config)]
        if config.min_insync_replicas != known.config.min_insync_replicas:
            records += self._log.decisions.without_eligible(topic)
        return records


def _check_least(broker: str, text: str | None) -> None:
    """Refuse a minimum of one broker, or none at all."""
    if broker:
        says = f"Broker-level {LEAST} cannot be altered while ELR is enabled."
        raise KafkaError(Errors.INVALID_CONFIG, says)
    if text is None:
        says = f"Cluster-level {LEAST} cannot be removed while ELR is enabled."
        raise KafkaError(Errors.INVALID_CONFIG, says)
