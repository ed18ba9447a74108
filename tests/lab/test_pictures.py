"""What a lab looks like: the words of kafka-topics, and the lanes of a partition."""

from dataclasses import replace

from kafkabook.base.names import TopicPartition
from kafkabook.lab import Lab
from kafkabook.lab.pictures import layout
from kafkabook.replication.snapshots import StoredRecord


def a_lab() -> Lab:
    """Three brokers in two racks, orders-0 and orders-1, and m0 in the first."""
    lab = Lab(seed=3, racks=["a", "a", "b"])
    lab.create_topic("orders", assignment=[[1, 2, 3], [3, 1, 2]], min_insync_replicas=2)
    lab.produce("m0")
    lab.run_for(600)
    return lab


def test_a_topic_is_described_as_kafka_topics_does() -> None:
    """The ISR in the order of assignment; settings that differ from the default."""
    lab = a_lab()
    topic_id = lab.world.controller.image.topics["orders"].topic_id
    assert (
        f"Topic: orders\tTopicId: {topic_id}\tPartitionCount: 2\tReplicationFactor: 3"
        "\tConfigs: min.insync.replicas=2\n"
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3"
        "\tElr: \tLastKnownElr: \n"
        "\tTopic: orders\tPartition: 1\tLeader: 3\tReplicas: 3,1,2\tIsr: 3,1,2"
        "\tElr: \tLastKnownElr: \n"
    ) == str(lab.describe())


def test_settings_of_a_topic_stand_in_the_order_of_kafkas_tool() -> None:
    """Those that it sets itself, be it to the default, and what the controller set for all."""
    lab = Lab(seed=3)
    lab.create_topic("bills", partitions=1, segment_bytes=2_000_000, retention_ms=604_800_000)
    configs = "min.insync.replicas=1,segment.bytes=2000000,retention.ms=604800000"
    assert f"\tConfigs: {configs}\n" in lab.describe()


def test_a_controller_from_before_eligible_replicas_has_none_to_tell_of() -> None:
    """Nor has it written down the brokers' minimum; what a broker's file sets is told."""
    lab = Lab(version="2.x", seed=3)
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    assert "\tConfigs: \n" in lab.describe()
    assert str(lab.describe()).endswith("\tIsr: 1,2,3\tElr: N/A\tLastKnownElr: N/A\n")
    strict = Lab(version="2.x", seed=3, config=replace(lab.config, min_insync_replicas=2))
    strict.create_topic("orders", assignment=[[1, 2, 3]])
    assert "\tConfigs: min.insync.replicas=2\n" in strict.describe()


def test_who_is_back_in_sync_stands_where_the_leader_lists_it() -> None:
    """A fenced member is taken out of the list; a proposal of the leader is in order of ids."""
    lab = Lab(seed=3)
    lab.create_topic("orders", assignment=[[3, 1, 2]])
    lab.crash(1)
    lab.run_until(lambda: lab.isr() == {2, 3})
    assert "\tIsr: 3,2\t" in lab.describe()
    lab.restart(1)
    lab.run_until(lambda: lab.isr() == {1, 2, 3})
    assert "\tIsr: 1,2,3\t" in lab.describe()


def test_a_partition_without_a_leader_names_who_may_still_be_trusted() -> None:
    """The eligible, and who led last."""
    lab = a_lab()
    for broker in (3, 2, 1):
        lab.crash(broker)
        lab.run_for(10_000)
    line = str(lab.describe()).splitlines()[1]
    words = "\tLeader: none\tReplicas: 1,2,3\tIsr: \tElr: 1,2\tLastKnownElr: 1"
    assert line.endswith(words)
    assert repr(lab.describe()) == str(lab.describe())


def test_each_replica_has_a_lane_with_what_it_holds_and_believes() -> None:
    """In the order of assignment; a record that a producer was told is safe is marked."""
    lanes = a_lab().snapshot().lanes
    roles = [(lane.broker, lane.role, lane.believes_leader, lane.rack) for lane in lanes]
    assert [(1, "leader", 1, "a"), (2, "follower", 1, "a"), (3, "follower", 1, "b")] == roles
    held = [(lane.log_end, lane.high_watermark, lane.leader_epoch, lane.records) for lane in lanes]
    assert [(1, 1, 0, (StoredRecord(0, 0, "m0", True),))] * 3 == held


def test_a_record_that_nobody_promised_is_not_marked() -> None:
    """Its producer still waits, or did not want to know."""
    lab = a_lab()
    lab.produce("m1", acks=0)
    lab.run_for(600)
    records = lab.snapshot().lane(1).records
    assert [("m0", True), ("m1", False)] == [(r.value, r.is_acked) for r in records]


def test_a_dead_broker_shows_what_its_disk_holds_and_looking_changes_nothing() -> None:
    """Its process is gone, and with it what it believed."""
    lab = a_lab()
    lab.crash(1)
    disk = lab.world.hosts[1].disk
    before = {path: disk.read(f"orders-0/{path}") for path in disk.list("orders-0")}
    lane = lab.snapshot().lane(1)
    assert ("offline", False, None, 1) == (
        lane.role,
        lane.is_alive,
        lane.believes_leader,
        lane.log_end,
    )
    assert before == {path: disk.read(f"orders-0/{path}") for path in disk.list("orders-0")}


def test_a_lost_disk_has_an_empty_lane() -> None:
    """And a partition that is not there at all has one, too."""
    lab = a_lab()
    lab.lose_disk(2)
    assert (0, ()) == (lab.snapshot().lane(2).log_end, lab.snapshot().lane(2).records)


def test_a_snapshot_carries_the_controllers_word() -> None:
    """Which may be newer than what any lane believes."""
    lab = a_lab()
    lab.crash(1)
    lab.run_until(lambda: lab.leader() == 2)
    seen = lab.snapshot()
    assert (2, 1, {2, 3}, 2) == (seen.leader, seen.leader_epoch, seen.isr, seen.min_insync_replicas)
    assert 1 == seen.lane(2).believes_leader  # the news is on its way


def test_the_layout_says_where_everything_is() -> None:
    """Racks and leaders by the controller's word; the dead as they are."""
    lab = a_lab()
    lab.crash(3)
    seen = layout(lab.view)
    assert {"orders-0": (1, 2, 3), "orders-1": (3, 1, 2)} == seen.placement
    assert ({1: "a", 2: "a", 3: "b"}, {"orders-0": 1, "orders-1": 3}) == (seen.racks, seen.leaders)
    assert {3} == seen.dead


def test_a_partition_is_named_by_topic_and_number() -> None:
    """As Kafka does, also if the topic has a dash."""
    assert "new-orders-2" == TopicPartition("new-orders", 2)
