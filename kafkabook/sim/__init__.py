"""Time, order and chance, and a network where any message can be held; it knows no Kafka word."""
