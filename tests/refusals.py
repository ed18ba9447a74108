"""What a test expects to be refused, by Kafka's name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kafkabook.base.errors import Errors, KafkaError


@contextmanager
def refused(*errors: Errors, match: str = "") -> Iterator[pytest.ExceptionInfo[KafkaError]]:
    """Expect one of these errors, in words that `match`."""
    with pytest.raises(KafkaError, match=match or None) as caught:
        yield caught
    assert caught.value.error in errors
