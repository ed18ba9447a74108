"""Which settings topics have.

Source: kafka, metadata `ConfigurationControlManager.java`; KIP-339, KIP-966.
"""

from collections import Counter

from kafkabook.base.errors import Errors, KafkaError
from kafkabook.base.machine import Component, Context, Handler
from kafkabook.cluster.metadata import ConfigRecord, Record
from kafkabook.cluster.metadata_log import MetadataLog
from kafkabook.protocol.admin_api import (
    AlteredConfigs,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    Result,
)


class ConfigurationControl(Component):
    """Decides on settings, in records of the metadata log.

    Args:
        log: where decisions are written.

    Simplified: settings of topics alone.
    """

    def __init__(self, log: MetadataLog) -> None:
        self._log = log

    def handlers(self) -> dict[type, Handler]:
        """Answer administrators."""
        return {IncrementalAlterConfigsRequest: self._alter}

    def _alter(self, request: IncrementalAlterConfigsRequest, context: Context) -> object:
        times = Counter(asked.topic for asked in request.topics)
        twice = sorted(topic for topic in times if times[topic] > 1)
        says = "the request names this topic more than once"
        refused = tuple(Result(topic, Errors.INVALID_REQUEST.name, says) for topic in twice)
        once = (asked for asked in request.topics if asked.topic not in twice)
        altered = tuple(self._alter_one(asked, context, request.validate_only) for asked in once)
        return IncrementalAlterConfigsResponse((*refused, *altered))

    def _alter_one(self, asked: AlteredConfigs, context: Context, validate_only: bool) -> Result:
        try:
            records = self._records(asked)
        except KafkaError as error:
            return Result(asked.topic, error.error.name, str(error))
        if not validate_only:
            self._log.commit(records, context)
        return Result(asked.topic)

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
        topics = self._log.image.topics
        known = topics.get(asked.topic)
        if known is None:
            says = f"there is no topic {asked.topic!r}"
            raise KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, says)
        config = known.config.with_texts(asked.settings)
        if (config, config.named) == (known.config, known.config.named):
            return []
        records: list[Record] = [ConfigRecord(asked.topic, config)]
        if config.min_insync_replicas != known.config.min_insync_replicas:
            records += self._log.decisions.without_eligible(asked.topic)
        return records
