"""Frozen requests and responses by Kafka's API names: what brokers, controller and clients say."""
