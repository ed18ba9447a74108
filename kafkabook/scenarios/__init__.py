"""Named failures as data, each with its bad and its good end."""
