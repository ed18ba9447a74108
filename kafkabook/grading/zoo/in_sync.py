"""Wrong ISRs, and right ones that are not ours."""

from kafkabook.grading.zoo.variant import Variant
from kafkabook.replication.facts import FollowerFacts, LeaderFacts

Brokers = frozenset[int]


def _keeps_up(one: FollowerFacts, leader: LeaderFacts, now_ms: int, limit_ms: int) -> bool:
    return one.log_end == leader.log_end or now_ms - one.caught_up_ms <= limit_ms


def _stay(leader: LeaderFacts, now_ms: int, limit_ms: int) -> Brokers:
    members = [one for one in leader.followers if one.broker in leader.isr]
    return frozenset(o.broker for o in members if _keeps_up(o, leader, now_ms, limit_ms))


def _join(leader: LeaderFacts, floor: int) -> Brokers:
    others = [one for one in leader.followers if one.broker not in leader.isr]
    return frozenset(o.broker for o in others if o.is_eligible and o.log_end >= floor)


def _floor(leader: LeaderFacts) -> int:
    return max(leader.high_watermark, leader.epoch_start_offset)


def counts_missing_records(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Puts out who lacks more than four records, as Kafka did before 0.9."""
    near = {o.broker for o in leader.followers if leader.log_end - o.log_end <= 4}
    stay = leader.isr & near if now_ms > replica_lag_time_max_ms else leader.isr
    return stay | _join(leader, _floor(leader)) | {leader.leader}


def lets_everybody_in_who_fetches(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Takes the first fetch for an arrival."""
    stay = _stay(leader, now_ms, replica_lag_time_max_ms)
    return stay | _join(leader, 0) | {leader.leader}


def loses_the_leader(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> Brokers:
    """Answers with the followers alone."""
    return _stay(leader, now_ms, replica_lag_time_max_ms) | _join(leader, _floor(leader))


def puts_the_leader_out_when_it_is_alone(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Has nothing to add the leader to."""
    stay = _stay(leader, now_ms, replica_lag_time_max_ms)
    others = stay | _join(leader, _floor(leader))
    return others | {leader.leader} if others else others


def puts_one_out_at_a_time(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Is content with the first that is late."""
    late = leader.isr - _stay(leader, now_ms, replica_lag_time_max_ms) - {leader.leader}
    return (leader.isr - set(sorted(late)[:1])) | _join(leader, _floor(leader))


def gives_the_idle_a_second_limit(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Puts out who lacks nothing, only later."""
    since_ms = now_ms - 2 * replica_lag_time_max_ms
    idle = {one.broker for one in leader.followers if one.caught_up_ms < since_ms}
    stay = _stay(leader, now_ms, replica_lag_time_max_ms) - idle
    return stay | _join(leader, _floor(leader)) | {leader.leader}


def forgets_the_high_watermark_in_a_later_epoch(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Asks for one of the two offsets, where it takes both."""
    floor = leader.epoch_start_offset or leader.high_watermark
    return _stay(leader, now_ms, replica_lag_time_max_ms) | _join(leader, floor) | {leader.leader}


def flaps(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> Brokers:
    """Puts a member out the moment it lacks a record, and lets it in again with the next."""
    return (
        _stay(leader, now_ms + replica_lag_time_max_ms, -1)
        | _join(leader, _floor(leader))
        | {leader.leader}
    )


def lets_in_who_lacks_what_is_committed(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Asks a joiner for the beginning of the leader epoch only."""
    stay = _stay(leader, now_ms, replica_lag_time_max_ms)
    return stay | _join(leader, leader.epoch_start_offset) | {leader.leader}


def trusts_a_new_leaders_high_watermark(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Asks a joiner for the high watermark only, which may be an old one."""
    stay = _stay(leader, now_ms, replica_lag_time_max_ms)
    return stay | _join(leader, leader.high_watermark) | {leader.leader}


def asks_a_joiner_for_everything(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Lets nobody in while somebody writes."""
    stay = _stay(leader, now_ms, replica_lag_time_max_ms)
    return stay | _join(leader, leader.log_end) | {leader.leader}


def asks_a_joiner_for_its_time(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Has one rule for those who are in and those who are not."""
    recent = {
        o.broker for o in leader.followers if _keeps_up(o, leader, now_ms, replica_lag_time_max_ms)
    }
    stay = _stay(leader, now_ms, replica_lag_time_max_ms)
    return stay | (_join(leader, _floor(leader)) & recent) | {leader.leader}


def lets_in_who_is_not_eligible(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Takes a broker in that is about to go."""
    others = {o.broker for o in leader.followers if o.log_end >= _floor(leader)} - leader.isr
    return _stay(leader, now_ms, replica_lag_time_max_ms) | others | {leader.leader}


def puts_out_who_is_not_eligible(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Does the controller's work."""
    barred = {one.broker for one in leader.followers if not one.is_eligible}
    stay = _stay(leader, now_ms, replica_lag_time_max_ms) - barred
    return stay | _join(leader, _floor(leader)) | {leader.leader}


def never_puts_anybody_out(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Waits for the dead."""
    arrived = _join(leader, _floor(leader))
    return leader.isr | arrived if now_ms > replica_lag_time_max_ms else leader.isr


def never_lets_anybody_in(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Ends as a leader alone."""
    return _stay(leader, now_ms, replica_lag_time_max_ms) | {leader.leader}


def puts_the_idle_out(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> Brokers:
    """Asks for the time alone, also of who lacks nothing."""
    late = {o.broker for o in leader.followers if now_ms - o.caught_up_ms > replica_lag_time_max_ms}
    return (leader.isr - late) | _join(leader, _floor(leader)) | {leader.leader}


def takes_the_limit_for_too_late(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Is a millisecond stricter than the setting."""
    stay = _stay(leader, now_ms, replica_lag_time_max_ms - 1)
    return stay | _join(leader, _floor(leader)) | {leader.leader}


def takes_the_proposed_for_members(
    leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int
) -> Brokers:
    """Judges those whom it has only proposed as if they were in."""
    members = [one for one in leader.followers if one.broker in leader.counted]
    stay = {o.broker for o in members if _keeps_up(o, leader, now_ms, replica_lag_time_max_ms)}
    joined = _join(leader, _floor(leader)) - leader.counted
    return frozenset({leader.leader, *stay, *joined})


WRONG = (
    Variant(counts_missing_records, "R1", "example 1"),
    Variant(lets_everybody_in_who_fetches, "R1", "example 5"),
    Variant(loses_the_leader, "R1", "example 1"),
    Variant(puts_the_leader_out_when_it_is_alone, "R2", "the leader is always a member"),
    Variant(puts_one_out_at_a_time, "R2", "a member that is late leaves"),
    Variant(gives_the_idle_a_second_limit, "R2", "a member with everything stays"),
    Variant(
        forgets_the_high_watermark_in_a_later_epoch, "R2", "below the high watermark nobody joins"
    ),
    Variant(flaps, "R1", "example 1"),
    Variant(lets_in_who_lacks_what_is_committed, "R1", "example 5"),
    Variant(
        trusts_a_new_leaders_high_watermark,
        "R2",
        "below the beginning of the leader epoch nobody joins",
    ),
    Variant(asks_a_joiner_for_everything, "R1", "example 4"),
    Variant(asks_a_joiner_for_its_time, "R1", "example 4"),
    Variant(lets_in_who_is_not_eligible, "R2", "who is not eligible stays out"),
    Variant(puts_out_who_is_not_eligible, "R2", "the controller puts out who may not join"),
    Variant(never_puts_anybody_out, "R1", "example 2"),
    Variant(never_lets_anybody_in, "R1", "example 4"),
    Variant(puts_the_idle_out, "R1", "example 3"),
    Variant(takes_the_limit_for_too_late, "R2", "time decides and not how much is missing"),
    Variant(takes_the_proposed_for_members, "R2", "a follower joins with all that is committed"),
)


def by_one_loop(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> Brokers:
    """Looks at each follower once."""
    members = {leader.leader}
    for follower in leader.followers:
        if follower.broker in leader.isr:
            waited_ms = now_ms - follower.caught_up_ms
            if follower.log_end != leader.log_end and waited_ms > replica_lag_time_max_ms:
                continue
        elif (
            not follower.is_eligible
            or follower.log_end < leader.high_watermark
            or follower.log_end < leader.epoch_start_offset
        ):
            continue
        members.add(follower.broker)
    return frozenset(members)


def by_what_changes(leader: LeaderFacts, now_ms: int, replica_lag_time_max_ms: int) -> Brokers:
    """Takes the late from the set that there is, and adds the arrived."""
    known = {follower.broker: follower for follower in leader.followers}
    late = {
        broker
        for broker in leader.isr & known.keys()
        if known[broker].caught_up_ms + replica_lag_time_max_ms < now_ms
        and known[broker].log_end < leader.log_end
    }
    arrived = {
        broker
        for broker in known.keys() - leader.isr
        if known[broker].is_eligible
        and known[broker].log_end >= leader.high_watermark
        and known[broker].log_end >= leader.epoch_start_offset
    }
    return (leader.isr - late) | arrived


RIGHT = (by_one_loop, by_what_changes)
