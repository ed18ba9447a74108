"""Real files of a partition, read only: as a table, as JSON, as a map of bytes."""
