"""Records as bytes, exactly Kafka's: varints, batches, control records, compression, checksums."""
