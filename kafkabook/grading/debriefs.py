"""What a reader is told after full marks: what the real code does beyond it, and what to try next.

A wrong idea is named by its variant in the zoo, which a test looks up.
"""

from typing import NamedTuple


class Debrief(NamedTuple):
    """A look back at a part that holds.

    Attributes: `beyond` (what the real code does beyond it, with file and function), `avoided`
    (variants of the zoo, each with what it would have done), `then` (what to try next).
    """

    beyond: str
    avoided: tuple[tuple[str, str], ...]
    then: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """The whole, in three parts."""
        ideas = "; ".join(f"a part that {name} {does}" for name, does in self.avoided)
        return (self.beyond, f"Wrong ideas that you avoided: {ideas}.", f"Next: {self.then}")


DEBRIEFS = {
    "01.1": Debrief(
        "Kafka's `LogValidator.java`, `validateMessagesAndAssignOffsets`, does the same to whole"
        " batches. It writes only the base offset of each, and also checks magic, sizes and keys.",
        (
            ("ends at the last offset", "gives one offset twice"),
            ("keeps offsets that are there", "lets a producer choose its own"),
        ),
        "append to a log in chapter 01 and cut its end. Which offsets do new records get?",
    ),
    "01.2": Debrief(
        "Kafka's `LogSegment.java`, `shouldRoll`, asks the same questions. `UnifiedLog.java`,"
        " `maybeRoll`, then makes the segment, and flushes the old one in the background.",
        (
            ("checks the size after the append", "lets a segment grow past its limit"),
            (
                "asks the clock for the age",
                "rolls at other offsets when old records are written again",
            ),
        ),
        "set `segment_ms` to one second and write nothing. How many segments are there?",
    ),
    "01.3": Debrief(
        "Kafka's `UnifiedLog.java`, `deletableSegments`, walks the same way. With tiered storage it"
        " also waits until a segment is copied to the remote store.",
        (
            ("goes past the high watermark", "deletes what a follower still needs"),
            ("counts in the middle", "leaves a hole in the log"),
        ),
        "let a consumer stand still for longer than `retention_ms`. What does it read next?",
    ),
    "05.1": Debrief(
        "Kafka's `PartitionChangeBuilder.java`, `electLeader`, decides this. It also serves the"
        " preferred and the unclean election that an administrator asks for, and looks at log"
        " directories that went offline.",
        (
            ("elects any live replica", "loses what is committed"),
            ("elects the longest log", "trusts records that no leader acknowledged"),
        ),
        'solve `puzzle("05.p1")`, and let the last of the list lead.',
    ),
    "06.1": Debrief(
        "Kafka's `Partition.scala`, `maybeIncrementLeaderHW`, computes this under a lock. The"
        " broker then wakes the requests that wait for the mark, and keeps the mark on disk.",
        (
            ("asks a majority", "loses a record when a slow member is elected"),
            ("waits for every replica", "stops all producers when one broker dies"),
        ),
        'solve `puzzle("06.p2")`, then run `your_cluster()`.',
    ),
    "06.2": Debrief(
        "Kafka's `Partition.scala` has `maybeShrinkIsr` for the way out, and `maybeExpandIsr` for"
        " the way in. Both only propose. The controller confirms by AlterPartition, and refuses old"
        " broker epochs.",
        (
            ("counts missing records", "removes members in every burst, as before 0.9"),
            ("lets everybody in who fetches", "lets a broker lead that lacks committed records"),
        ),
        'solve `puzzle("06.p1")`, and leave the leader alone in sync.',
    ),
    "09.1": Debrief(
        "Kafka splits this: `Partition.scala`, `appendRecordsToLeader`, refuses before the append,"
        " and `DelayedProduce.scala`, `tryComplete`, answers after it. Both handle many partitions"
        " in one request.",
        (
            ("acknowledges at the log end", "acknowledges what only the leader has"),
            ("waits with one too", "makes acks=1 as slow as acks=all"),
        ),
        'solve `puzzle("09.p1")`, and lose a record that acks=all acknowledged.',
    ),
    "09.2": Debrief(
        "Kafka's `AbstractFetcherThread.scala`, `getOffsetTruncationState`, does this. Since 2.7"
        " the leader names the diverging epoch in its fetch response, so that most rounds are"
        " saved.",
        (
            ("cuts to the high watermark", "loses committed records, as before KIP-101"),
            ("asks only once", "keeps foreign records, as before KIP-279"),
        ),
        'play `SCENARIOS["A4"]`, two quick elections, then run `your_cluster()`.',
    ),
    "12.1": Debrief(
        "Kafka's `OffsetIndex.java`, `lookup`, searches a memory-mapped file. `AbstractIndex.java`,"
        " `indexSlotRangeFor`, looks first among the newest entries, which are in memory.",
        (
            ("takes the entry above", "skips the record that is wanted"),
            ("always reads everything", "reads a gigabyte for the last record"),
        ),
        "write the lookup of the time index. Which of its two numbers do you search by?",
    ),
    "12.2": Debrief(
        "Kafka's `DefaultRecordBatch.java`, `iterator`, reads record by record. A broker does"
        " not decode records where it can hand the bytes on. `DefaultRecord.java`, `readFrom`,"
        " refuses sizes that cannot be.",
        (
            ("checks the whole batch", "fails when a leader writes its epoch"),
            ("knows no zigzag", "reads every small number twice as large"),
        ),
        "decode a file of your own with `kafkabook inspect`.",
    ),
}
