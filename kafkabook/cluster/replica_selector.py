"""Which replica a consumer had better read from: one in its own rack (KIP-392).

Source: kafka, server `RackAwareReplicaSelector.java`, core `ReplicaManager.scala`
`findPreferredReadReplica`.
"""

from kafkabook.cluster.metadata import ClusterImage
from kafkabook.replication.leader import Leader


def nearest(leading: Leader, image: ClusterImage, *, rack: str | None, offset: int) -> int | None:
    """Return the in-sync follower in a rack that holds `offset` and has most; None to stay.

    Who is in the leader's own rack stays with the leader, and so does who names no rack.

    Simplified: Kafka also leaves out a follower whose log starts above `offset`.
    """
    leader = leading.replica_log.broker
    if rack is None or image.brokers[leader].rack == rack:
        return None
    near = [
        (facts.log_end, facts.caught_up_ms, facts.broker)
        for facts in leading.members.facts().followers
        if facts.broker in leading.members.state.isr
        and image.brokers[facts.broker].rack == rack
        and facts.log_end >= offset
    ]
    return max(near)[-1] if near else None
