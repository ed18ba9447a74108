"""Wrong high watermarks, and right ones that are not ours."""

from collections.abc import Iterable

from kafkabook.grading.zoo.variant import Variant
from kafkabook.replication.facts import UNKNOWN, FollowerFacts, LeaderFacts


def _keeps_up(one: FollowerFacts, leader: LeaderFacts, now_ms: int, limit_ms: int) -> bool:
    return one.log_end == leader.log_end or now_ms - one.caught_up_ms <= limit_ms


def _waited_for(leader: LeaderFacts, now_ms: int, limit_ms: int) -> list[FollowerFacts]:
    return [
        one
        for one in leader.followers
        if one.broker in leader.counted
        or (one.is_eligible and _keeps_up(one, leader, now_ms, limit_ms))
    ]


def _ends(followers: Iterable[FollowerFacts]) -> list[int]:
    return [one.log_end for one in followers]


def _committed(leader: LeaderFacts, ends: Iterable[int]) -> int:
    if len(leader.isr) < leader.min_insync_replicas:
        return leader.high_watermark
    return max(leader.high_watermark, min([leader.log_end, *ends]))


def asks_a_majority(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Commits what more than half of the members have, as Raft does."""
    ends = [leader.log_end, *_ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))]
    return _committed(leader, [sorted(ends, reverse=True)[len(ends) // 2]])


def waits_for_every_replica(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Lets a dead replica stop all that come after."""
    return _committed(leader, _ends(leader.followers)[: now_ms + replica_lag_time_max_ms])


def asks_the_last_follower_only(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Overwrites in its loop what it found before."""
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return _committed(leader, ends[-1:])


def goes_back_to_what_a_member_tells(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Stays where it is after silence, and goes back where a member lacks something."""
    least = min([leader.log_end, *_ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))])
    stays = least == UNKNOWN or len(leader.isr) < leader.min_insync_replicas
    return leader.high_watermark if stays else least


def asks_whether_the_proposed_are_eligible(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Lets a proposed member go that began to shut down, before the controller has answered."""
    waited_for = [
        one
        for one in _waited_for(leader, now_ms, replica_lag_time_max_ms)
        if one.is_eligible or one.broker in leader.isr
    ]
    return _committed(leader, _ends(waited_for))


def can_go_back(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Takes back what was committed when a member has not told its log end yet."""
    if len(leader.isr) < leader.min_insync_replicas:
        return leader.high_watermark
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return max(0, min([leader.log_end, *ends]))


def leaves_the_leader_out(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Asks the followers alone, so that a leader without any commits nothing."""
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return _committed(leader, [min(ends, default=leader.high_watermark)])


def forgets_the_change_under_way(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Counts the members that are confirmed, and not those that it has proposed."""
    waited_for = [
        one
        for one in leader.followers
        if one.broker in leader.isr
        or (
            one.broker not in leader.counted
            and one.is_eligible
            and _keeps_up(one, leader, now_ms, replica_lag_time_max_ms)
        )
    ]
    return _committed(leader, _ends(waited_for))


def leaves_behind_who_has_just_caught_up(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Moves on in the moment in which a follower arrives."""
    members = [one for one in leader.followers if one.broker in leader.counted]
    return _committed(leader, _ends(members)[: now_ms + replica_lag_time_max_ms])


def commits_under_the_minimum(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Commits with fewer members than the topic asks for, as Kafka did before 3.7."""
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return max(leader.high_watermark, min([leader.log_end, *ends]))


def counts_the_proposed_for_the_minimum(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Takes members that nobody has confirmed for members."""
    if len(leader.counted) < leader.min_insync_replicas:
        return leader.high_watermark
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return max(leader.high_watermark, min([leader.log_end, *ends]))


def waits_for_who_may_not_join(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Waits for a broker that is shutting down."""
    waited_for = [
        one
        for one in leader.followers
        if one.broker in leader.counted or _keeps_up(one, leader, now_ms, replica_lag_time_max_ms)
    ]
    return _committed(leader, _ends(waited_for))


def commits_what_the_leader_has(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Waits for nobody."""
    return _committed(leader, [leader.log_end][: now_ms + replica_lag_time_max_ms])


def takes_the_fastest(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Takes the maximum of the followers."""
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return _committed(leader, [max(ends, default=leader.log_end)])


def names_the_last_committed_record(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Answers with the last offset and not with the one after it."""
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return _committed(leader, [min([leader.log_end, *ends]) - 1])


def takes_silence_for_everything(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Skips a member that has not fetched in this leader epoch."""
    ends = _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms))
    return _committed(leader, [end for end in ends if end != UNKNOWN])


def takes_the_limit_for_too_late(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Is a millisecond stricter than the setting."""
    return _committed(leader, _ends(_waited_for(leader, now_ms, replica_lag_time_max_ms - 1)))


def knows_the_limit_of_the_examples(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Has thirty seconds built in, which is what the examples have."""
    limit_ms = max(30_000, replica_lag_time_max_ms)
    return _committed(leader, _ends(_waited_for(leader, now_ms, limit_ms)))


WRONG = (
    Variant(asks_a_majority, "R1", "example 1"),
    Variant(waits_for_every_replica, "R1", "example 2"),
    Variant(asks_the_last_follower_only, "R2", "a record waits for every member"),
    Variant(goes_back_to_what_a_member_tells, "R2", "it never goes back"),
    Variant(asks_whether_the_proposed_are_eligible, "R2", "a member to be counts already"),
    Variant(can_go_back, "R1", "example 5"),
    Variant(leaves_the_leader_out, "R2", "a leader alone commits what it has"),
    Variant(forgets_the_change_under_way, "R1", "example 3"),
    Variant(leaves_behind_who_has_just_caught_up, "R2", "a follower that keeps up counts"),
    Variant(commits_under_the_minimum, "R1", "example 4"),
    Variant(counts_the_proposed_for_the_minimum, "R2", "under the minimum it stands still"),
    Variant(waits_for_who_may_not_join, "R2", "a follower that may not join does not"),
    Variant(commits_what_the_leader_has, "R1", "example 1"),
    Variant(takes_the_fastest, "R1", "example 1"),
    Variant(names_the_last_committed_record, "R1", "example 1"),
    Variant(takes_silence_for_everything, "R1", "example 5"),
    Variant(takes_the_limit_for_too_late, "R2", "a follower that keeps up counts"),
    Variant(knows_the_limit_of_the_examples, "R2", "a laggard outside holds nothing back"),
)


def by_walking_down(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> int:
    """Begins at the leader's end and goes down at each follower that counts."""
    reached = leader.log_end
    for follower in leader.followers:
        counts = follower.broker in leader.counted
        late = follower.caught_up_ms < now_ms - replica_lag_time_max_ms
        if not counts and follower.is_eligible:
            counts = not late or follower.log_end >= leader.log_end
        if counts and follower.log_end < reached:
            reached = follower.log_end
    if leader.min_insync_replicas > len(leader.isr) or reached < leader.high_watermark:
        return leader.high_watermark
    return reached


def by_asking_record_after_record(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> int:
    """Moves one record on while all that count have it."""
    mark = leader.high_watermark
    if len(leader.isr) < leader.min_insync_replicas:
        return mark
    waited_for = _waited_for(leader, now_ms, replica_lag_time_max_ms)
    while mark < leader.log_end and all(one.log_end > mark for one in waited_for):
        mark += 1
    return mark


RIGHT = (by_walking_down, by_asking_record_after_record)
