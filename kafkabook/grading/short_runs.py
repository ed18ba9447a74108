"""Short runs of a cluster in which one rule after the other has to decide, the shortest first.

A film of a failure begins here: random schedules find the same, and need longer for it. Broker 1
leads, and two of three replicas must be in sync, unless a `set` line says more.
"""

from functools import cache

from kafkabook.sim.faults import Fault, parse

_ENDS_MS = 700
_ASKED = "t=0 set asks 1\nt=0 set min_insync_replicas 1\nt=0 set fetch_ms 60\n"


@cache
def short_runs() -> tuple[tuple[Fault, ...], ...]:
    """Return the runs, as lines; each ends when all that follows from it has happened."""
    parting = _runs(_PARTING)
    texts = (*_runs(_TEXTS), *parting, *(_ASKED + text for text in parting), *_runs(_NO_EPOCH))
    return tuple(ended(parse(text)) for text in texts)


def ended(lines: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Let time pass behind the last line."""
    last_ms = lines[-1].at_ms + _ENDS_MS
    return (*lines, Fault(last_ms, "run", ("until",)))


def _runs(text: str) -> list[str]:
    """Cut a text into its runs, between which an empty line stands."""
    return text.strip().split("\n\n")


_TEXTS = """
t=60 send a orders-0 all

t=60 send a orders-0 1

t=60 send a orders-0 0

t=60 cut 3 1
t=61 send a orders-0 all
t=75 send b orders-0 all

t=60 cut 2 1
t=60 cut 3 1
t=61 send a orders-0 all

t=60 pause 3
t=61 send a orders-0 all
t=90 resume 3

t=60 slow 3 30
t=61 send a orders-0 all
t=80 send b orders-0 all
t=120 crash 1

t=60 crash 3
t=300 send a orders-0 all
t=310 restart 3
t=330 send b orders-0 all

t=60 cut 2 1
t=60 cut 3 1
t=61 send a orders-0 all
t=75 crash 1

t=60 cut 3 1
t=61 send a orders-0 all
t=75 crash 2
t=76 crash 1

t=500 send a orders-0 all

t=60 send a orders-0 all
t=90 crash 1

t=60 send a orders-0 all
t=90 crash 1
t=300 send b orders-0 all
t=310 restart 1

t=60 send a orders-0 all
t=90 stop 1

t=60 cut 3 1
t=61 send a orders-0 all
t=180 crash 1

t=60 cut 2 1
t=60 send a orders-0 all
t=62 crash 1

t=60 cut 2 1
t=61 send a orders-0 1
t=62 send b orders-0 all
t=75 crash 1
t=300 restart 1

t=60 crash 2
t=60 crash 3
t=61 send a orders-0 all
t=300 send b orders-0 all

t=60 crash 2
t=60 crash 3
t=300 send a orders-0 1
t=310 restart 2

t=60 cut 2 1
t=60 cut 3 1
t=150 send a orders-0 all
t=290 send b orders-0 1

t=0 set min_insync_replicas 1
t=60 crash 2
t=60 crash 3
t=300 send a orders-0 all

t=0 set min_insync_replicas 1
t=60 crash 2
t=60 crash 3
t=300 send a orders-0 all
t=330 crash 1
t=360 restart 2

t=0 set min_insync_replicas 1
t=60 crash 3
t=300 send a orders-0 all
t=330 crash 2
t=500 crash 1
t=560 restart 3

t=0 set unclean 1
t=0 set min_insync_replicas 1
t=60 crash 2
t=60 crash 3
t=300 send a orders-0 all
t=330 crash 1
t=360 restart 3

t=0 set unclean 1
t=0 set min_insync_replicas 1
t=60 crash 2
t=60 crash 3
t=300 crash 1
t=360 restart 2
t=360 restart 3

t=60 crash 3
t=200 crash 2
t=400 crash 1
t=430 restart 3
t=440 restart 2

t=60 crash 2
t=200 crash 3
t=400 crash 1
t=430 restart 2
t=440 restart 3

t=60 crash 1
t=60 crash 2
t=250 stop 3
t=500 restart 2

t=60 crash 2
t=60 crash 3
t=250 stop 1
t=450 restart 1

t=60 crash 2
t=60 crash 3
t=250 power_off 0 1
t=500 restart 1

t=60 stop 2
t=60 send a orders-0 all
t=62 crash 1

t=100 crash 2
t=120 power_off 50 3
t=400 send a orders-0 all
t=430 power_off 100 1
t=900 restart_everything

t=60 stop 3
t=240 stop 2
t=241 stop 1
t=390 restart 1
t=800 send a orders-0 all
t=850 power_off 0 1
t=1600 restart_everything

t=0 set beat_ms 20
t=66 crash 1
t=73 restart 1
t=136 cut 2 1
t=162 pause 2
t=166 cut 1 3
t=203 reset 3 controller
t=224 reset 3 controller
t=340 send a orders-0 all
t=345 send b orders-0 1

t=0 set partitions 2
t=79 stop 2
t=683 send a orders-1 1
t=691 make_leader orders-0 3

t=0 set unclean 1
t=0 set elr 0
t=0 set beat_ms 20
t=77 stop 1
t=95 stop 2
t=180 send a orders-0 1
t=189 restart 2
t=219 lose_disk 3
t=224 send b orders-0 all
t=324 send c orders-0 1

t=0 set beat_ms 20
t=64 pause 2
t=91 make_leader orders-0 3
t=120 resume 2
t=127 send a orders-0 1
t=128 send b orders-0 1
t=149 cut 2 controller

t=0 set beat_ms 20
t=64 pause 2
t=120 resume 2
t=127 send a orders-0 1
t=130 make_leader orders-0 2
t=138 send b orders-0 1

t=300 cut 2 controller
t=307 send a orders-0 all
t=429 send b orders-0 all
t=449 send c orders-0 1

t=217 crash 1
t=222 restart 1
t=399 crash 1
t=407 restart 1
t=463 slow 1 60
t=507 send a orders-0 all
t=530 send b orders-0 all

t=60 send a orders-0 all
t=62 slow 1 30
t=68 send b orders-0 all
t=150 send c orders-0 all
t=271 heal 3 1

t=69 crash 3
t=94 send a orders-0 all
t=101 power_off 0 1
t=148 restart 3
t=1000 restart 1

t=60 send a orders-0 1
t=80 lose_disk 3
t=300 restart 3
t=340 make_leader orders-0 3
t=356 cut 3 controller
t=690 send b orders-0 all
t=1700 heal 3 controller

t=445 crash 1
t=452 restart 1
t=460 send a orders-0 all
t=499 make_leader orders-0 3
t=519 pause 2
t=575 lose_disk 3
t=708 slow 2 60
t=797 resume 2
t=824 send b orders-0 1
t=828 slow 1 20
t=1033 send c orders-0 all
t=1102 slow 2 60

t=0 set min_insync_replicas 1
t=0 set lag_ms 50
t=83 send a orders-0 all
t=438 crash 2
t=516 crash 3
t=603 stop 1
t=797 send b orders-0 all
t=1155 restart 3
t=1230 make_leader orders-0 2

t=300 cut 2 1
t=1144 heal 2 1

t=0 set min_insync_replicas 3
t=69 stop 2
t=142 send a orders-0 1
t=151 send b orders-0 all
t=152 cut 3 2
t=154 make_leader orders-0 3

t=100 send a orders-0 0
t=101 send b orders-0 all
t=117 send c orders-0 1

t=0 set fetch_ms 10
t=363 send a orders-0 0
t=370 stop 1
t=394 power_off 0 3
t=398 power_off 50 2
t=491 restart 1
t=617 restart 2
t=621 restart 3
t=857 send b orders-0 1

t=93 send a orders-0 all
t=104 cut 1 2
t=105 send b orders-0 1
t=108 make_leader orders-0 2
t=117 send c orders-0 all
t=125 send d orders-0 all
t=131 make_leader orders-0 1
t=136 send e orders-0 all
t=140 send f orders-0 all
t=159 heal 2 1
t=188 send g orders-0 all

t=0 set asks 1
t=0 set beat_ms 80
t=187 send a orders-0 all
t=188 make_leader orders-0 3
t=207 cut 1 2
t=217 make_leader orders-0 1
t=226 send b orders-0 1
t=287 crash 1
t=294 restart 1
t=385 make_leader orders-0 2
t=405 make_leader orders-0 1
t=551 restart_everything

t=0 set lag_ms 200
t=0 set beat_ms 20
t=276 send a orders-0 1
t=370 hold FetchResponse 3 *
t=418 hold BrokerHeartbeat 1 controller
t=486 send b orders-0 1
t=518 hold FetchResponse 2 3
t=581 release BrokerHeartbeat 1 controller
t=606 make_leader orders-0 2
t=636 send c orders-0 all
t=806 make_leader orders-0 3
t=827 send d orders-0 all
t=841 make_leader orders-0 1
t=849 make_leader orders-0 3
t=885 send e orders-0 1
t=892 send f orders-0 all

t=0 set partitions 2
t=0 set min_insync_replicas 1
t=60 crash 3
t=60 crash 1
t=300 crash 2
t=320 restart 3
t=320 restart 1
t=400 alter_topic orders unclean.leader.election.enable=true
"""

# Leaders that change before their followers have fetched: what a follower has must be cut.
_PARTING = """
t=60 send a orders-0 all
t=75 cut 2 1
t=75 cut 3 1
t=76 send b orders-0 1
t=80 make_leader orders-0 2
t=90 send c orders-0 1
t=100 heal 2 1
t=100 heal 3 1

t=60 send a orders-0 1
t=62 make_leader orders-0 2
t=70 send b orders-0 1

t=60 cut 2 1
t=60 cut 3 1
t=61 send a orders-0 1
t=65 make_leader orders-0 2
t=75 cut 2 3
t=80 send b orders-0 1
t=90 make_leader orders-0 3
t=100 heal 2 1
t=110 heal 2 3
t=120 heal 3 1

t=60 send a orders-0 all
t=71 power_off 0 2
t=71 crash 1
t=300 restart 2
t=330 restart 1
"""

# A leader without the epochs of its follower: it was started again, and leads for a moment only.
_NO_EPOCH = """
t=0 set asks 1
t=96 crash 1
t=103 restart 1
t=143 make_leader orders-0 2
t=148 send a orders-0 0
t=150 make_leader orders-0 1
"""
