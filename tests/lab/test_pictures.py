"""What a lab looks like: the words of kafka-topics, and the lanes of a partition."""

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
    """The in-sync set in the order of assignment; settings that differ from the default."""
    head = "PartitionCount: 2  ReplicationFactor: 3  Configs: min.insync.replicas=2"
    first = "Partition: 0  Leader: 1  Replicas: 1,2,3  Isr: 1,2,3  Elr:   LastKnownElr:"
    second = "Partition: 1  Leader: 3  Replicas: 3,1,2  Isr: 3,1,2  Elr:   LastKnownElr:"
    lines = [f"Topic: orders  {head}", f"  Topic: orders  {first}", f"  Topic: orders  {second}"]
    assert lines == str(a_lab().describe()).splitlines()


def test_a_partition_without_a_leader_names_who_may_still_be_trusted() -> None:
    """The eligible, and who led last."""
    lab = a_lab()
    for broker in (3, 2, 1):
        lab.crash(broker)
        lab.run_for(10_000)
    line = str(lab.describe()).splitlines()[1]
    assert "Leader: none  Replicas: 1,2,3  Isr:   Elr: 1,2  LastKnownElr: 1" in line
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
