"""Runs of a cluster as data: the same lines are played on real brokers and on the lab.

    create 1,2,3 min.insync.replicas=2   the topic's only partition, on these brokers
    produce a [acks=1] [to=2]            one record to the leader, or to 2; the answer is kept
    produce a+b+c [acks=1] [to=2]        the same with one batch of several
    delete 2                             all records before offset 2; the answer is kept
    ends                                 ISR, and log start and end of each that runs; kept
    elect preferred                      the answer is kept
    wait 800                             until so many milliseconds after the last fault
    observe                              wait until nothing changes, then look at everything
    describe                             what `kafka-topics.sh --describe` prints is kept
    kill 1 · wipe 1 · stop 1 · start 1 · pause 2,3 · resume 2,3

The last line are faults: SIGKILL, that with all partitions gone from the disk, SIGTERM, SIGSTOP,
SIGCONT. They hit whole brokers, so runs with
the same faults are played side by side, each with a topic of its own: a session that must time out
is waited for once, not once a run.
"""

FAIL_OVERS = {
    "leader-kill": """
        create 1,2,3
        observe
        kill 1
        observe
        kill 2
        observe
        start 1
        observe
        start 2
        observe
    """,
    "described": """
        create 3,1,2 min.insync.replicas=2 retention.ms=604800000 flush.ms=9 compression.type=zstd
        observe
        describe
        kill 1
        observe
        describe
        kill 2
        observe
        describe
        start 1
        observe
        describe
        start 2
        observe
        describe
    """,
    "described-plainly": """
        create 1,2
        observe
        describe
        kill 1
        observe
        kill 2
        observe
        describe
        start 1
        observe
        describe
        start 2
        observe
        describe
    """,
    "epoch-files": """
        create 1,2,3
        produce a
        produce b
        kill 1
        produce c
        observe
        kill 2
        produce d
        produce e
        start 1
        observe
        start 2
        observe
        produce f
        observe
    """,
    "silent-leader": """
        create 1,2,3
        produce a
        kill 1
        observe
        kill 2
        produce b
        observe
        start 1
        start 2
        observe
    """,
    "unclean-off": """
        create 1,2
        produce a
        kill 1
        observe
        produce b
        kill 2
        observe
        produce c
        start 1
        observe
        produce d
        start 2
        observe
        produce e
        observe
    """,
    "unclean-on": """
        create 1,2 unclean.leader.election.enable=true
        produce a
        kill 1
        observe
        produce b
        produce c
        kill 2
        observe
        start 1
        observe
        produce d
        observe
        start 2
        observe
    """,
    "unclean-by-hand": """
        create 1,2
        produce a
        elect unclean
        observe
        kill 1
        observe
        produce b
        kill 2
        elect unclean
        elect preferred
        observe
        start 1
        elect preferred
        observe
        elect unclean
        observe
        produce c
        start 2
        observe
    """,
    "min-insync": """
        create 2,1 min.insync.replicas=2
        produce a
        observe
        kill 1
        observe
        produce b
        produce c acks=1
        observe
        kill 2
        observe
        start 1
        observe
        start 2
        observe
        produce d
        observe
    """,
    "eligible": """
        create 1,2,3 min.insync.replicas=2
        produce a
        kill 1
        produce b
        observe
        kill 2
        observe
        produce c
        produce d acks=1
        observe
        start 1
        observe
        produce e
        start 2
        observe
    """,
    "all-must-be-in-sync": """
        create 3,2,1 min.insync.replicas=3
        produce a
        kill 1
        observe
        produce b
        kill 2
        observe
        start 1
        observe
        start 2
        observe
        produce c
        observe
    """,
    "preferred": """
        create 1,2,3
        elect preferred
        kill 1
        elect preferred
        observe
        kill 2
        start 1
        observe
        elect preferred
        observe
        start 2
        observe
        elect preferred
        observe
    """,
}
"""Two brokers die one after the other and come back."""

LAGS = {
    "slow-follower": """
        create 1,2,3
        produce a
        observe
        pause 3
        produce b acks=1
        observe
        produce c
        resume 3
        observe
        pause 2,3
        kill 1
        resume 2,3
        observe
        start 1
        observe
    """,
    "slow-follower-of-two": """
        create 1,3 min.insync.replicas=2
        produce a
        pause 3
        produce b acks=1
        observe
        produce c
        resume 3
        observe
        produce d
        observe
        pause 2,3
        kill 1
        resume 2,3
        observe
        start 1
        observe
    """,
    "diverged-log": """
        create 1,2,3
        produce a
        produce b
        pause 3
        resume 3
        observe
        pause 2,3
        wait 800
        produce x acks=1
        produce y acks=1
        kill 1
        resume 2,3
        observe
        produce c
        observe
        start 1
        observe
    """,
    "diverged-log-of-two": """
        create 1,2
        produce a
        pause 3
        resume 3
        pause 2,3
        wait 800
        produce x acks=1
        kill 1
        resume 2,3
        produce c
        produce d
        produce e
        observe
        start 1
        observe
    """,
}
"""Brokers that stand still: long enough to leave the ISR, or just while a leader writes."""

STOPS = {
    "controlled-shutdown": """
        create 1,2,3 min.insync.replicas=2
        produce a
        observe
        stop 1
        observe
        produce b
        start 1
        observe
    """,
    "wrong-broker": """
        create 1,2
        observe
        produce a to=2
        produce b to=3
        produce c
        observe
        stop 1
        produce d to=3
        observe
        start 1
        observe
        produce e to=1
        produce f to=2
        observe
    """,
    "shutdown-of-the-last": """
        create 1,2 min.insync.replicas=2
        produce a
        observe
        stop 1
        observe
        produce b
        produce c acks=1
        start 1
        observe
        elect preferred
        observe
    """,
    "shutdown-of-the-only": """
        create 1
        produce a
        observe
        stop 1
        observe
        produce b
        start 1
        observe
        produce c
        observe
    """,
}
"""A broker is stopped cleanly and comes back."""

GAPS = {
    "start-inside-a-batch": """
        create 1,2,3
        produce a+b+c+d+e
        observe
        delete 2
        observe
        ends
        wipe 3
        observe
        produce f+g
        observe
        start 3
        observe
        ends
        kill 1
        observe
        ends
        start 1
        observe
        ends
    """,
    "behind-the-start": """
        create 1,2,3
        produce a
        produce b
        observe
        wipe 3
        observe
        produce c+d+e
        produce f
        delete 4
        observe
        ends
        start 3
        observe
        ends
        kill 1
        produce g
        observe
        start 1
        observe
        ends
    """,
    "behind-a-start-between-batches": """
        create 1,2,3
        produce a
        observe
        wipe 3
        observe
        produce b
        produce c
        delete 2
        delete 9
        start 3
        observe
        ends
        kill 1
        delete 3
        observe
        ends
        start 1
        observe
        ends
    """,
}
"""A disk is lost while records are deleted; then the old leader dies."""

PARTED = {
    "parted-inside-the-first-batch": """
        create 1,2,3
        produce a
        pause 3
        resume 3
        observe
        pause 2,3
        wait 800
        produce x acks=1
        produce y acks=1
        kill 1
        resume 2,3
        observe
        produce c+d
        observe
        delete 2
        observe
        ends
        start 1
        wait 15000
        ends
        kill 1
        produce e
        delete 3
        observe
        start 1
        observe
        ends
    """,
}
"""A window of Kafka: a follower that is stuck until its leader's log starts later."""

TOURS = (FAIL_OVERS, LAGS, STOPS, GAPS, PARTED)
RUNS = {name: run for tour in TOURS for name, run in tour.items()}
