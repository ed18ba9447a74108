"""The use cases that the lecture notes list, each as generated events and one small computation."""
