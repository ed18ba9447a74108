"""The ground: units, errors by Kafka's names, settings per version, and the trace of events."""
