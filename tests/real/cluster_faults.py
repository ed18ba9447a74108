"""What the faults of a tour explain; whatever else happened to a cluster is a surprise.

A machine that is short of CPU fences living brokers and lets followers fall behind. Then epochs
rise without a fault of ours, and the tour proves nothing: it is repeated, and counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .metadata_log import PartitionState


@dataclass
class Faults:
    """The faults of one tour.

    Args:
        lag_s: how long a broker may stand still before it leaves the ISR.

    Attributes: `down`: brokers that were killed or stopped and not started again; `paused`: when
    each broker that stands still began to, in seconds; `looked_at`: those of them that were
    observed since, so that they have left the ISR; `late`: what took too long.
    """

    lag_s: float
    down: set[int] = field(default_factory=set)
    paused: dict[int, float] = field(default_factory=dict)
    looked_at: set[int] = field(default_factory=set)
    ends: Counter[int] = field(default_factory=Counter)
    leaves: Counter[int] = field(default_factory=Counter)
    late: list[str] = field(default_factory=list)

    def struck(self, verb: str, broker: int, *, now_s: float) -> None:
        """Note a fault."""
        if verb in ("kill", "wipe", "stop"):
            self.down.add(broker)
            self.ends[broker] += 1
        elif verb == "start":
            self.down.discard(broker)
        elif verb == "pause":
            self.paused[broker] = now_s
        else:
            self._resumed(broker, now_s - self.paused.pop(broker))

    def looked(self) -> None:
        """Note that whoever stands still has left the ISR by now."""
        self.leaves.update(set(self.paused) - self.looked_at)
        self.looked_at |= set(self.paused)

    def surprises(
        self, fences: Counter[int], histories: Iterable[Sequence[PartitionState]]
    ) -> list[str]:
        """What the faults do not explain.

        Args:
            fences: how often each broker was fenced meanwhile.
            histories: the states of each partition since its creation.
        """
        found = list(self.late)
        if fences != self.ends:
            found.append(f"fenced {dict(fences)}, but ended {dict(self.ends)}")
        for history in histories:
            leaves = times_left(history)
            if leaves - (self.ends + self.leaves):
                found.append(f"left the ISR: {dict(leaves)}")
        return found

    def _resumed(self, broker: int, paused_s: float) -> None:
        if broker not in self.looked_at and paused_s >= self.lag_s:
            self.late.append(f"broker {broker} was to stand still briefly, not {paused_s:.1f} s")
        self.looked_at.discard(broker)


def times_left(history: Sequence[PartitionState]) -> Counter[int]:
    """How often each broker left the ISR."""
    changes = pairwise(history)
    return Counter(broker for old, new in changes for broker in set(old.isr) - set(new.isr))
