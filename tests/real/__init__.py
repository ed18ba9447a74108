"""The oracle: what we write and read, held against real Apache Kafka."""
