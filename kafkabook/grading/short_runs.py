"""Short runs of a cluster in which one rule after the other has to decide, the shortest first.

A film of a failure begins here: random schedules find the same, and need longer for it. Replicas
are 1, 2 and 3, broker 1 leads, and two of them must be in sync, unless a `set` line says more.
"""

from kafkabook.sim.faults import Fault, parse

_ENDS_MS = 700
_ALONE = "t=0 set min_insync_replicas 1"
_LOSSY = "t=0 set unclean 1\nt=0 set min_insync_replicas 1"
_OLD = "t=0 set unclean 1\nt=0 set elr 0\nt=0 set beat_ms 20"
_TEXTS = (
    # one record, however it is asked for
    "t=60 send a orders-0 all",
    "t=60 send a orders-0 1",
    "t=60 send a orders-0 0",
    # a follower that is far away, stands still, or is gone
    "t=60 cut 3 1\nt=61 send a orders-0 all\nt=75 send b orders-0 all",
    "t=60 cut 2 1\nt=60 cut 3 1\nt=61 send a orders-0 all",
    "t=60 pause 3\nt=61 send a orders-0 all\nt=90 resume 3",
    "t=60 slow 3 30\nt=61 send a orders-0 all\nt=80 send b orders-0 all\nt=120 crash 1",
    "t=60 crash 3\nt=300 send a orders-0 all\nt=310 restart 3\nt=330 send b orders-0 all",
    "t=60 cut 2 1\nt=60 cut 3 1\nt=61 send a orders-0 all\nt=75 crash 1",
    "t=60 cut 3 1\nt=61 send a orders-0 all\nt=75 crash 2\nt=76 crash 1",
    # nobody writes for long
    "t=500 send a orders-0 all",
    # the leader dies, is stopped, or comes back
    "t=60 send a orders-0 all\nt=90 crash 1",
    "t=60 send a orders-0 all\nt=90 crash 1\nt=300 send b orders-0 all\nt=310 restart 1",
    "t=60 send a orders-0 all\nt=90 stop 1",
    "t=60 cut 3 1\nt=61 send a orders-0 all\nt=180 crash 1",
    "t=60 cut 2 1\nt=60 send a orders-0 all\nt=62 crash 1",
    "t=60 cut 2 1\nt=61 send a orders-0 1\nt=62 send b orders-0 all\nt=75 crash 1\nt=300 restart 1",
    # fewer are in sync than a topic asks for
    "t=60 crash 2\nt=60 crash 3\nt=61 send a orders-0 all\nt=300 send b orders-0 all",
    "t=60 crash 2\nt=60 crash 3\nt=300 send a orders-0 1\nt=310 restart 2",
    "t=60 cut 2 1\nt=60 cut 3 1\nt=150 send a orders-0 all\nt=290 send b orders-0 1",
    f"{_ALONE}\nt=60 crash 2\nt=60 crash 3\nt=300 send a orders-0 all",
    f"{_ALONE}\nt=60 crash 2\nt=60 crash 3\nt=300 send a orders-0 all\nt=330 crash 1\nt=360 restart 2",
    f"{_ALONE}\nt=60 crash 3\nt=300 send a orders-0 all\nt=330 crash 2\nt=500 crash 1\nt=560 restart 3",
    f"{_LOSSY}\nt=60 crash 2\nt=60 crash 3\nt=300 send a orders-0 all\nt=330 crash 1\nt=360 restart 3",
    f"{_LOSSY}\nt=60 crash 2\nt=60 crash 3\nt=300 crash 1\nt=360 restart 2\nt=360 restart 3",
    # eligible leader replicas, and who led last
    "t=60 crash 3\nt=200 crash 2\nt=400 crash 1\nt=430 restart 3\nt=440 restart 2",
    "t=60 crash 2\nt=200 crash 3\nt=400 crash 1\nt=430 restart 2\nt=440 restart 3",
    "t=60 crash 1\nt=60 crash 2\nt=250 stop 3\nt=500 restart 2",
    "t=60 crash 2\nt=60 crash 3\nt=250 stop 1\nt=450 restart 1",
    "t=60 crash 2\nt=60 crash 3\nt=250 power_off 0 1\nt=500 restart 1",
    "t=60 stop 2\nt=60 send a orders-0 all\nt=62 crash 1",
    "t=100 crash 2\nt=120 power_off 50 3\nt=400 send a orders-0 all\nt=430 power_off 100 1\n"
    "t=900 restart_everything",
    "t=60 stop 3\nt=240 stop 2\nt=241 stop 1\nt=390 restart 1\nt=800 send a orders-0 all\n"
    "t=850 power_off 0 1\nt=1600 restart_everything",
    "t=0 set beat_ms 20\nt=66 crash 1\nt=73 restart 1\nt=136 cut 2 1\nt=162 pause 2\nt=166 cut 1 3\n"
    "t=203 reset 3 controller\nt=224 reset 3 controller\nt=340 send a orders-0 all\n"
    "t=345 send b orders-0 1",
    "t=0 set partitions 2\nt=79 stop 2\nt=683 send a orders-1 1\nt=691 make_leader orders-0 3",
    f"{_OLD}\nt=77 stop 1\nt=95 stop 2\nt=180 send a orders-0 1\nt=189 restart 2\nt=219 lose_disk 3\n"
    "t=224 send b orders-0 all\nt=324 send c orders-0 1",
    # followers that come and go while a leader is new
    "t=0 set beat_ms 20\nt=64 pause 2\nt=91 make_leader orders-0 3\nt=120 resume 2\n"
    "t=127 send a orders-0 1\nt=128 send b orders-0 1\nt=149 cut 2 controller",
    "t=0 set beat_ms 20\nt=64 pause 2\nt=120 resume 2\nt=127 send a orders-0 1\n"
    "t=130 make_leader orders-0 2\nt=138 send b orders-0 1",
    "t=300 cut 2 controller\nt=307 send a orders-0 all\nt=429 send b orders-0 all\nt=449 send c orders-0 1",
    "t=217 crash 1\nt=222 restart 1\nt=399 crash 1\nt=407 restart 1\nt=463 slow 1 60\n"
    "t=507 send a orders-0 all\nt=530 send b orders-0 all",
    "t=60 send a orders-0 all\nt=62 slow 1 30\nt=68 send b orders-0 all\nt=150 send c orders-0 all\n"
    "t=271 heal 3 1",
    "t=69 crash 3\nt=94 send a orders-0 all\nt=101 power_off 0 1\nt=148 restart 3\nt=1000 restart 1",
    "t=60 send a orders-0 1\nt=80 lose_disk 3\nt=300 restart 3\nt=340 make_leader orders-0 3\n"
    "t=356 cut 3 controller\nt=690 send b orders-0 all\nt=1700 heal 3 controller",
    "t=445 crash 1\nt=452 restart 1\nt=460 send a orders-0 all\nt=499 make_leader orders-0 3\n"
    "t=519 pause 2\nt=575 lose_disk 3\nt=708 slow 2 60\nt=797 resume 2\nt=824 send b orders-0 1\n"
    "t=828 slow 1 20\nt=1033 send c orders-0 all\nt=1102 slow 2 60",
    f"{_ALONE}\nt=0 set lag_ms 50\nt=83 send a orders-0 all\nt=438 crash 2\nt=516 crash 3\nt=603 stop 1\n"
    "t=797 send b orders-0 all\nt=1155 restart 3\nt=1230 make_leader orders-0 2",
    "t=300 cut 2 1\nt=1144 heal 2 1",
    # a minimum of three, and acks=0 before another send
    "t=0 set min_insync_replicas 3\nt=69 stop 2\nt=142 send a orders-0 1\nt=151 send b orders-0 all\n"
    "t=152 cut 3 2\nt=154 make_leader orders-0 3",
    "t=100 send a orders-0 0\nt=101 send b orders-0 all\nt=117 send c orders-0 1",
    # leader epochs of which a follower has records that no leader has
    "t=0 set fetch_ms 10\nt=363 send a orders-0 0\nt=370 stop 1\nt=394 power_off 0 3\nt=398 power_off 50 2\n"
    "t=491 restart 1\nt=617 restart 2\nt=621 restart 3\nt=857 send b orders-0 1",
    "t=93 send a orders-0 all\nt=104 cut 1 2\nt=105 send b orders-0 1\nt=108 make_leader orders-0 2\n"
    "t=117 send c orders-0 all\nt=125 send d orders-0 all\nt=131 make_leader orders-0 1\n"
    "t=136 send e orders-0 all\nt=140 send f orders-0 all\nt=159 heal 2 1\nt=188 send g orders-0 all",
    "t=0 set asks 1\nt=0 set beat_ms 80\nt=187 send a orders-0 all\nt=188 make_leader orders-0 3\n"
    "t=207 cut 1 2\nt=217 make_leader orders-0 1\nt=226 send b orders-0 1\nt=287 crash 1\nt=294 restart 1\n"
    "t=385 make_leader orders-0 2\nt=405 make_leader orders-0 1\nt=551 restart_everything",
    "t=0 set lag_ms 200\nt=0 set beat_ms 20\nt=276 send a orders-0 1\nt=370 hold FetchResponse 3 *\n"
    "t=418 hold BrokerHeartbeat 1 controller\nt=486 send b orders-0 1\nt=518 hold FetchResponse 2 3\n"
    "t=581 release BrokerHeartbeat 1 controller\nt=606 make_leader orders-0 2\nt=636 send c orders-0 all\n"
    "t=806 make_leader orders-0 3\nt=827 send d orders-0 all\nt=841 make_leader orders-0 1\n"
    "t=849 make_leader orders-0 3\nt=885 send e orders-0 1\nt=892 send f orders-0 all",
)
_PARTING = (
    "t=60 send a orders-0 all\nt=75 cut 2 1\nt=75 cut 3 1\nt=76 send b orders-0 1\nt=80 make_leader orders-0 2\n"
    "t=90 send c orders-0 1\nt=100 heal 2 1\nt=100 heal 3 1",
    "t=60 send a orders-0 1\nt=62 make_leader orders-0 2\nt=70 send b orders-0 1",
    "t=60 cut 2 1\nt=60 cut 3 1\nt=61 send a orders-0 1\nt=65 make_leader orders-0 2\nt=75 cut 2 3\n"
    "t=80 send b orders-0 1\nt=90 make_leader orders-0 3\nt=100 heal 2 1\nt=110 heal 2 3\nt=120 heal 3 1",
    "t=60 send a orders-0 all\nt=71 power_off 0 2\nt=71 crash 1\nt=300 restart 2\nt=330 restart 1",
)
_ASKED = "t=0 set asks 1\nt=0 set min_insync_replicas 1\nt=0 set fetch_ms 60\n"


def short_runs() -> tuple[tuple[Fault, ...], ...]:
    """Return the runs, as lines; each ends when all that follows from it has happened."""
    texts = (*_TEXTS, *_PARTING, *(_ASKED + text for text in _PARTING))
    return tuple(ended(parse(text)) for text in texts)


def ended(lines: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Let time pass behind the last line."""
    last_ms = lines[-1].at_ms + _ENDS_MS
    return (*lines, Fault(last_ms, "run", ("until",)))
