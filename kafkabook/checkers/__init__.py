"""Named anomalies: observers that are fed a trace, and share no code with what they judge."""
