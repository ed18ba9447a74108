"""All checkers of a cluster over one trace: each is called only for the events that it reads."""

from collections.abc import Callable, Iterable

from kafkabook.base.trace import Entry, Event
from kafkabook.checkers.all import CLUSTER_CHECKERS
from kafkabook.checkers.cluster_checker import ClusterChecker
from kafkabook.checkers.replicas import Replicas
from kafkabook.checkers.watch import Watch


class ClusterWatch(Watch):
    """The properties of replicated partitions, watched together.

    Args:
        kinds: which checkers; all of them unless told.

    >>> from kafkabook.base.trace import Trace
    >>> watch = ClusterWatch.over(Trace())
    >>> watch.broken, watch.anomalies
    ((), ())
    """

    def __init__(self, kinds: Iterable[type[ClusterChecker]] = CLUSTER_CHECKERS) -> None:
        self.replicas = Replicas()
        self.checkers: tuple[ClusterChecker, ...] = tuple(kind(self.replicas) for kind in kinds)
        self._looks: dict[type[Event], list[Callable[[Entry], None]]] = {}
        for checker in self.checkers:
            for kind in checker.kinds:
                self._looks.setdefault(kind, []).append(checker.observe)

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The events that the shared model or a checker reads."""
        return tuple({*self.replicas.kinds, *self._looks})

    def observe(self, entry: Entry) -> None:
        """Bring the shared model up to date, then show the entry to whom it concerns."""
        self.replicas.observe(entry)
        for look in self._looks.get(type(entry.event), ()):
            look(entry)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the properties that did not hold; diagnostic ones are left out."""
        found = (c for c in self.checkers if c.anomalies and not c.is_diagnostic)
        return tuple(checker.name for checker in found)
