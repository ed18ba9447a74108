"""What the gate asks of a block of seeds; two files share it, so that two processes do."""

from collections.abc import Iterable

from kafkabook.storm.many import EVENTS, Total, storms

MET_BY_ALL = (  # a storm that never meets these proves little
    *("election", "offline", "set shrank", "unclean election", "election of an eligible replica"),
    *("truncation", "divergence told", "start after an unclean shutdown"),
    *("start after a clean stop", "expansion proposed", "shrink proposed"),
    *("commit while a proposal is pending", "epoch over while a proposal is pending"),
    *("proposal refused: INVALID_UPDATE_VERSION", "fetch refused: FENCED_LEADER_EPOCH"),
    *("registration refused: DUPLICATE_BROKER_REGISTRATION", "metadata sent again"),
    "leader gone while a produce waited",
    *("send ended: ok", "send ended: NOT_ENOUGH_REPLICAS", "send ended: REQUEST_TIMED_OUT"),
    *("reset met a waiting produce", "reset met a parked fetch"),
    *("reset met an AlterPartition in flight", "AlterPartition asked again"),
    *("administrator asked again", "administrator's request handed on again"),
    "metadata asked for after NOT_LEADER_OR_FOLLOWER",
    *("client met a refused connection", "broker met a refused connection"),
    *("connection ended: reset", "connection ended: no answer came in time"),
    *("connection ended: the server's process ended", "connection ended: nobody is there"),
    # Of two paths to the same end each is asked for: the loss of one would be hidden by the other.
    *("set adopted from the answer", "set adopted from metadata"),
    *("fetch released: new records", "fetch released: the high watermark moved"),
    *("fetch released: the wait is over", "fetch released: NOT_LEADER_OR_FOLLOWER"),
    *("fetch released: FENCED_LEADER_EPOCH", "incremental fetch of what has not changed"),
    *("fetch session made", "fetch session ended: a full fetch closed it"),
    "fetch session ended: no partition is left in it",
    *("leader asked again: reset", "leader asked again: nobody is there"),
    "leader asked again: the server's process ended",
    "leader asked again: no answer came in time",
    "controller (heartbeat) asked again: reset",
    "controller (heartbeat) asked again: no answer came in time",
    "controller (alter-partition) asked again: reset",
    "controller (alter-partition) asked again: no answer came in time",
    *("produce sent again", "read tried again", "produce refused: REQUEST_TIMED_OUT"),
    *("follower asked for its end", "follower asked for its beginning", "log begun anew"),
    *("deletion made at once", "deletion made in the end"),
    *("deletion refused: REQUEST_TIMED_OUT", "deletion refused: OFFSET_OUT_OF_RANGE"),
    *("deletion refused: POLICY_VIOLATION", "deletion refused: NOT_LEADER_OR_FOLLOWER"),
    *("log start moved: segments deleted", "log start moved: records deleted"),
    "log start moved: the leader's start",
    *("segments went: retention.ms", "segments went: retention.bytes", "segments went: log start"),
    *("deleted files removed", "log compacted"),
)
JUDGED_BY_NONE = ["L3", "L7"]  # no tombstones are sent, and nothing is damaged in the middle
MET_BY_NONE = ("restart before the session ended",)  # registration is refused until then: KIP-631


def total_of(seeds: Iterable[int]) -> Total:
    """Run storms over correct rules, and add them up."""
    total = Total()
    for told in storms(seeds, events=EVENTS):
        total.add(told)
    return total


def assert_nothing_broke(seeds: range) -> None:
    """No false alarm, no broken promise, no missing progress; and nothing rare was left out."""
    total = total_of(seeds)
    assert [] == [(told.seed, told.broken, told.says) for told in total.failed]
    assert len(seeds) == total.runs
    assert total.events >= len(seeds) * EVENTS
    assert [] == [mark for mark in MET_BY_ALL if mark not in total.marks]
    assert [] == [mark for mark in MET_BY_NONE if mark in total.marks]
    assert JUDGED_BY_NONE == sorted(name for name, saw in total.judged.items() if saw <= 0)
