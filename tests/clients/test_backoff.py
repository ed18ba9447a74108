"""How long clients wait before they try again."""

from kafkabook.clients.backoff import backoff_ms


def test_a_pause_doubles_until_it_is_as_long_as_it_may_be() -> None:
    """retry.backoff.ms and retry.backoff.max.ms, however often it failed."""
    assert [100, 200, 400, 800, 1_000, 1_000] == [backoff_ms(failures) for failures in range(6)]
    assert 1_000 == backoff_ms(10_000)
    assert [50, 60] == [backoff_ms(failures, first_ms=50, most_ms=60) for failures in range(2)]
