"""Named anomalies: observers that are fed a trace entry by entry and share no code with the engine."""
