"""Errors of the controller: what it refuses to an administrator, to a broker, to a leader.

Source: kafka, clients `org.apache.kafka.common.protocol.Errors`.
"""

from kafkabook.base.errors import KafkaError


class TopicAlreadyExists(KafkaError):
    """A topic with this name exists."""

    code = 36


class InvalidPartitions(KafkaError):
    """A number of partitions that a topic cannot have."""

    code = 37


class InvalidReplicationFactor(KafkaError):
    """More replicas than brokers, or fewer than one."""

    code = 38


class InvalidReplicaAssignment(KafkaError):
    """A list of replicas with unknown brokers, doubles, or of another length."""

    code = 39


class InvalidConfig(KafkaError):
    """A setting that does not exist, or a value that it cannot have."""

    code = 40


class InvalidRequest(KafkaError):
    """A request that contradicts itself."""

    code = 42


class StaleBrokerEpoch(KafkaError):
    """The request comes from an earlier life of that broker."""

    code = 77


class PreferredLeaderNotAvailable(KafkaError):
    """The first replica of the list is dead, or not in sync."""

    code = 80
    retriable = True


class EligibleLeadersNotAvailable(KafkaError):
    """No replica is alive and may lead."""

    code = 83
    retriable = True


class ElectionNotNeeded(KafkaError):
    """The partition has the leader that was asked for."""

    code = 84
    retriable = True


class InvalidUpdateVersion(KafkaError):
    """The in-sync set was changed meanwhile: the proposal builds on an old one."""

    code = 95


class UnknownTopicId(KafkaError):
    """No topic has this id: it is gone, or has not been heard of; one of its name may exist."""

    code = 100
    retriable = True


class DuplicateBrokerRegistration(KafkaError):
    """Another process is registered, and alive, under this broker id."""

    code = 101


class BrokerIdNotRegistered(KafkaError):
    """The controller does not know this broker."""

    code = 102


class IneligibleReplica(KafkaError):
    """A proposed member is fenced, shutting down, or an earlier life of its broker."""

    code = 107


class NewLeaderElected(KafkaError):
    """The proposal was met, and made another broker the leader."""

    code = 108
