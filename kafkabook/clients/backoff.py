"""How long a client waits before it tries again.

Source: kafka, clients `ExponentialBackoff.java`; KIP-580.
"""

RETRY_BACKOFF_MS, RETRY_BACKOFF_MAX_MS = 100, 1_000  # Kafka's retry.backoff.ms and …max.ms


def backoff_ms(
    failures: int, *, first_ms: int = RETRY_BACKOFF_MS, most_ms: int = RETRY_BACKOFF_MAX_MS
) -> int:
    """Return the pause after so many failures before the last one; it doubles up to a limit.

    Simplified: Kafka draws it within 20 percent; a client has no chance of its own here.

    >>> [backoff_ms(failures) for failures in range(6)]
    [100, 200, 400, 800, 1000, 1000]
    """
    doublings = min(failures, 30)  # a pause of years is longer than any limit
    return min(first_ms << doublings, most_ms)
