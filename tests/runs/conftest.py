"""Whether the answers in the files of runs are compared, or written anew."""

import pytest


@pytest.fixture
def is_rewriting(request: pytest.FixtureRequest) -> bool:
    """Say whether `--rewrite-runs` was given."""
    return bool(request.config.getoption("--rewrite-runs"))
