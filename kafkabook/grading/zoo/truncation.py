"""Wrong ways to cut a follower's log, some of them Kafka's own once, and right ones of others."""

from dataclasses import replace

from kafkabook.grading.zoo.variant import Variant
from kafkabook.replication.facts import UNDEFINED, EpochEnd, FollowerLog, Truncation


def _own_end(log: FollowerLog, epoch: int) -> int:
    later = [entry.start_offset for entry in log.epochs if entry.epoch > epoch]
    return min([log.log_end, *later])


def _holds(log: FollowerLog, epoch: int) -> bool:
    return epoch in {entry.epoch for entry in log.epochs}


def _right(log: FollowerLog, answer: EpochEnd) -> Truncation:
    if answer == UNDEFINED:
        return Truncation(min(log.high_watermark, log.log_end))
    if not _holds(log, answer.epoch):
        return Truncation(_own_end(log, answer.epoch), is_complete=False)
    return Truncation(min(_own_end(log, answer.epoch), answer.end_offset))


def cuts_to_the_high_watermark(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Believes its own high watermark, as Kafka did before KIP-101."""
    return Truncation(log.high_watermark if answer.epoch >= -1 else log.log_end)


def asks_only_once(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Takes the leader's end for its own, as Kafka did between KIP-101 and KIP-279."""
    if answer == UNDEFINED:
        return _right(log, answer)
    return Truncation(min(answer.end_offset, log.log_end))


def cuts_to_nothing(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Copies everything anew."""
    return Truncation(0 * min(log.log_end, answer.end_offset))


def cuts_nothing(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Goes on from where it is."""
    return Truncation(log.log_end if answer.epoch >= -1 else 0)


def never_ends(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Asks again when it knows enough."""
    return replace(_right(log, answer), is_complete=answer == UNDEFINED)


def ends_its_walk_too_early(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Cuts what is foreign, and does not ask about what is left."""
    return replace(_right(log, answer), is_complete=True)


def forgets_where_its_own_epoch_ended(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Keeps foreign records below the leader's end."""
    if answer == UNDEFINED or not _holds(log, answer.epoch):
        return _right(log, answer)
    return Truncation(min(log.log_end, answer.end_offset))


def forgets_where_the_leaders_epoch_ended(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Keeps its own records above the leader's end."""
    right = _right(log, answer)
    return Truncation(_own_end(log, answer.epoch)) if answer != UNDEFINED else right


def cuts_its_last_epoch_away(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Gives its last epoch up whatever the leader says."""
    right = _right(log, answer)
    return replace(right, to_offset=min(right.to_offset, log.epochs[-1].start_offset))


def takes_the_later_end(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Takes the maximum of the two ends."""
    if answer == UNDEFINED or not _holds(log, answer.epoch):
        return _right(log, answer)
    return Truncation(max(_own_end(log, answer.epoch), answer.end_offset))


def takes_undefined_for_an_offset(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Cuts to -1."""
    return Truncation(-1) if answer == UNDEFINED else _right(log, answer)


def keeps_all_where_the_leader_knows_nothing(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Takes no answer for consent."""
    return Truncation(log.log_end) if answer == UNDEFINED else _right(log, answer)


def keeps_what_it_believes_committed(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Never cuts below its high watermark, which another leader may have given it."""
    right = _right(log, answer)
    return replace(right, to_offset=max(right.to_offset, log.high_watermark))


def takes_an_end_for_a_last_record(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Cuts one record too many."""
    right = _right(log, answer)
    return replace(right, to_offset=max(0, right.to_offset - 1))


def cuts_unknown_epochs_to_the_leaders_end(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Asks again, and has cut by the leader's offset instead of its own."""
    right = _right(log, answer)
    if right.is_complete:
        return right
    return Truncation(min(answer.end_offset, log.log_end), is_complete=False)


def _foreign(log: FollowerLog, answer: EpochEnd) -> int:
    return len([entry for entry in log.epochs if entry.epoch > answer.epoch])


def gives_an_epoch_up_that_a_foreign_one_follows(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Starts an epoch anew that both hold."""
    own = [entry for entry in log.epochs if entry.epoch == answer.epoch]
    if not own or own == [log.epochs[-1]]:
        return _right(log, answer)
    return Truncation(min(own[0].start_offset, answer.end_offset))


def cuts_one_foreign_epoch_or_none(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Asks for ever where two epochs are foreign."""
    right = _right(log, answer)
    if right.is_complete or _foreign(log, answer) == 1:
        return right
    return replace(right, to_offset=log.log_end)


def keeps_its_first_epoch_at_most(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Cuts more than the high watermark asks for where the leader knows nothing."""
    right = _right(log, answer)
    if answer != UNDEFINED:
        return right
    return Truncation(min([right.to_offset, *(entry.start_offset for entry in log.epochs[1:2])]))


WRONG = (
    Variant(cuts_to_the_high_watermark, "R1", "example 1"),
    Variant(asks_only_once, "R1", "example 3"),
    Variant(cuts_to_nothing, "R1", "example 1"),
    Variant(cuts_nothing, "R1", "example 1"),
    Variant(never_ends, "R1", "example 1"),
    Variant(ends_its_walk_too_early, "R1", "example 3"),
    Variant(forgets_where_its_own_epoch_ended, "R2", "what the leader lacks goes"),
    Variant(forgets_where_the_leaders_epoch_ended, "R1", "example 1"),
    Variant(cuts_its_last_epoch_away, "R1", "example 1"),
    Variant(takes_the_later_end, "R1", "example 1"),
    Variant(takes_undefined_for_an_offset, "R1", "example 4"),
    Variant(keeps_all_where_the_leader_knows_nothing, "R1", "example 4"),
    Variant(keeps_what_it_believes_committed, "R2", "what the leader lacks goes"),
    Variant(takes_an_end_for_a_last_record, "R1", "example 1"),
    Variant(cuts_unknown_epochs_to_the_leaders_end, "R1", "example 3"),
    Variant(gives_an_epoch_up_that_a_foreign_one_follows, "R2", "what both hold is kept"),
    Variant(cuts_one_foreign_epoch_or_none, "R2", "the walk ends"),
    Variant(
        keeps_its_first_epoch_at_most,
        "R2",
        "a leader that knows nothing leaves the high watermark",
    ),
)


def by_one_epoch_a_round(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Gives up its last epoch only, and asks again; it may ask more often than ours."""
    if answer == UNDEFINED:
        return Truncation(min(log.log_end, log.high_watermark))
    if not any(entry.epoch == answer.epoch for entry in log.epochs):
        return Truncation(log.epochs[-1].start_offset, is_complete=False)
    ends = [entry.start_offset for entry in log.epochs if entry.epoch > answer.epoch]
    return Truncation(min([answer.end_offset, log.log_end, *ends]))


def by_walking_from_the_end(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Walks its epochs from the newest, and knows where each of them ends."""
    if answer.end_offset == -1:
        return Truncation(min(log.high_watermark, log.log_end))
    end = log.log_end
    for entry in reversed(log.epochs):
        if entry.epoch == answer.epoch:
            return Truncation(min(end, answer.end_offset))
        if entry.epoch < answer.epoch:
            break
        end = entry.start_offset
    return Truncation(end, is_complete=False)


RIGHT = (by_one_epoch_a_round, by_walking_from_the_end)
