"""Clients of a cluster: what they know of it, what they send, what they ask as administrators."""
