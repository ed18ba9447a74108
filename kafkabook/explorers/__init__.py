"""A question, a finite grid of knobs, and a pure function to a figure; one module per chapter."""
