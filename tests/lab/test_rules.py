"""The parts of a whole cluster, found by name, and those of each era."""

import pytest

from kafkabook.cluster.config import ClusterConfig
from kafkabook.cluster.placement import place_legacy, place_striped
from kafkabook.cluster.rules import ClusterRules
from kafkabook.lab import Lab
from kafkabook.lab.rules import LabVersion, Rules, config_of, rules_of
from kafkabook.log.rules import LogRules
from kafkabook.replication.history import start_of_next_epoch
from kafkabook.replication.rules import ReplicationRules


def test_a_part_finds_its_package_by_its_name() -> None:
    """All others stay as they were."""
    rules = Rules().having(end_of_epoch=start_of_next_epoch, is_elr_enabled=False)
    assert (
        Rules(
            replication=ReplicationRules(end_of_epoch=start_of_next_epoch),
            cluster=ClusterRules(is_elr_enabled=False),
        )
        == rules
    )
    assert LogRules() == rules.log


def test_a_part_that_nobody_has_is_refused_with_those_that_exist() -> None:
    """A typing mistake must not leave a cluster unchanged."""
    with pytest.raises(LookupError, match="there is no part 'truncat'; there are .*truncate"):
        Rules().having(truncat=start_of_next_epoch)


def test_no_two_packages_have_a_part_of_the_same_name() -> None:
    """Else a name would not say where it belongs."""
    kinds = (LogRules, ReplicationRules, ClusterRules)
    names = [name for kind in kinds for name in kind.__dataclass_fields__]
    assert len(set(names)) == len(names)


def test_todays_kafka_is_the_default_and_zookeepers_placed_and_trusted_otherwise() -> None:
    """Eligible leader replicas came with 4.x."""
    today, then = rules_of("4.x"), rules_of("2.x")
    assert Rules() == today
    assert (place_striped, True) == (today.cluster.place, today.cluster.is_elr_enabled)
    assert (place_legacy, False) == (then.cluster.place, then.cluster.is_elr_enabled)


def test_an_era_has_its_settings_too() -> None:
    """A session of ZooKeeper lasted twice as long."""
    assert ClusterConfig() == config_of("4.x")
    assert 18_000 == config_of("2.x").broker_session_timeout_ms


def test_leadership_goes_back_by_the_rule_of_the_era() -> None:
    """One of eleven partitions is led elsewhere: today it goes back, in 2.x nine percent may."""
    led_by_1 = []
    versions: tuple[LabVersion, ...] = ("4.x", "2.x")
    for version in versions:
        lab = Lab(version=version)
        lab.create_topic("orders", assignment=[[1, 2, 3]] * 11)
        lab.crash(1)
        lab.run_for(20_000)
        lab.restart(1)
        lab.run_for(30_000)
        for partition in range(10):
            lab.elect("orders", partition)
        lab.run_for(300_000)
        led_by_1.append(sum(state.leader == 1 for state in lab.view.partitions.values()))
    assert [11, 10] == led_by_1
