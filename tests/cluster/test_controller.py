"""A controller as a node: what it is made of begins when it does."""

from kafkabook.cluster.config import ClusterConfig
from tests.cluster.controllers import SomeController


def test_a_controller_that_starts_arms_its_two_periodic_looks() -> None:
    """Both every five minutes by default; the first can be switched off."""
    some = SomeController(0)
    some.perform(some.node.start_all)
    assert [("leader imbalance", 300_000), ("unclean election", 300_000)] == some.armed()
    off = SomeController(0, config=ClusterConfig(auto_leader_rebalance_enable=False))
    off.perform(off.node.start_all)
    assert [("unclean election", 300_000)] == off.armed()
