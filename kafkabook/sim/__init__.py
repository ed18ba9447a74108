"""The kernel that owns time, order and chance, and the network where every message can be held; it knows no Kafka word."""
