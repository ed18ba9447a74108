"""A partition's log on one disk: segments, indexes, epochs, producer state, recovery, cleaning."""
