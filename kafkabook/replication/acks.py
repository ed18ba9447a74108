"""When a producer is told that its records are stored, for each value of `acks`.

Source: kafka, core `Partition.scala`; notes, Part 1 ch 01 §07, ch 02 §03.
"""

from kafkabook.replication.facts import Ack, AckFacts


def acknowledge(facts: AckFacts) -> Ack:
    """Say what becomes of a produce request, before it is appended and afterwards.

    Simplified: afterwards Kafka counts the members that may still be refused too; since 3.7 that
    makes no difference, for the high watermark waits for enough confirmed ones.
    Source: kafka, Partition.scala `appendRecordsToLeader`, `checkEnoughReplicasReachOffset`.
    """
    too_few = facts.acks == -1 and facts.isr_size < facts.min_insync_replicas
    if facts.next_offset is None:
        return Ack.NOT_ENOUGH_REPLICAS if too_few else Ack.APPEND
    if facts.acks != -1:
        return Ack.ACKNOWLEDGE
    if facts.high_watermark < facts.next_offset:
        return Ack.WAIT
    return Ack.NOT_ENOUGH_REPLICAS_AFTER_APPEND if too_few else Ack.ACKNOWLEDGE
