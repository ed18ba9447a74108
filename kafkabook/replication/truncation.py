"""Where the logs of a leader and a follower part, and what the follower cuts off.

Source: kafka, server `AbstractFetcherThread.scala`, storage `LeaderEpochFileCache.java`; KIP-101,
KIP-279; notes, Part 1 ch 02 §02 and §03.
"""

from collections.abc import Sequence

from kafkabook.log.facts import EpochEntry
from kafkabook.replication.facts import UNDEFINED, UNKNOWN, EpochEnd, FollowerLog, Truncation


def end_of_epoch(epochs: Sequence[EpochEntry], log_end: int, epoch: int) -> EpochEnd:
    """Return the largest epoch of a leader's log at or below `epoch`, and where it ended.

    `UNDEFINED` for an epoch above all that the leader knows. Below all of them, the asked epoch
    ends where the first one begins.

    Source: kafka, LeaderEpochFileCache `endOffsetFor`; KIP-101, KIP-279.
    """
    if epoch == UNKNOWN or not epochs or epoch > epochs[-1].epoch:
        return UNDEFINED
    if epoch == epochs[-1].epoch:
        return EpochEnd(epoch, log_end)
    later = next(entry for entry in epochs if entry.epoch > epoch)
    known = [entry.epoch for entry in epochs if entry.epoch <= epoch]
    return EpochEnd(known[-1] if known else epoch, later.start_offset)


def truncate(log: FollowerLog, answer: EpochEnd) -> Truncation:
    """Return where a follower cuts its log after its leader's answer.

    If it holds the epoch of the answer, the two logs agree up to where that epoch ended first. If
    not, everything after its largest epoch below that one is foreign: it cuts there and asks again,
    so that the two walk back together (KIP-279). A leader that knows nothing leaves it the high
    watermark.

    Source: kafka, AbstractFetcherThread.scala `getOffsetTruncationState`; KIP-101, KIP-279.
    """
    if answer == UNDEFINED:
        return Truncation(min(log.high_watermark, log.log_end))
    own = end_of_own(log, answer.epoch)
    if own is None:
        return Truncation(min(answer.end_offset, log.log_end))
    if own.epoch != answer.epoch:
        return Truncation(own.end_offset, is_complete=False)
    return Truncation(min(own.end_offset, answer.end_offset))


def end_of_own(log: FollowerLog, epoch: int) -> EpochEnd | None:
    """Return the follower's own largest epoch at or below `epoch` and its end, as a leader would.

    Below all that it holds, the epoch ends where the first one begins. None if it holds no epoch.
    """
    own = end_of_epoch(log.epochs, log.log_end, epoch)
    return None if own == UNDEFINED else own
