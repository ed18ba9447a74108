"""Brokers, the controller and its metadata: who leads, who is in sync, where replicas lie."""
