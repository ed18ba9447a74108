"""Figures as values: SVG, a text twin and a caption, drawn from snapshots and traces alone."""
