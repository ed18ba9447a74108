"""All checkers of the log, ready to watch a trace."""

from kafkabook.checkers.all import LOG_CHECKERS
from kafkabook.checkers.watch import Watch


class LogWatch(Watch):
    """The seven properties of a log, L1 to L7, watched together.

    >>> from kafkabook.base.trace import Trace
    >>> watch = LogWatch.over(Trace("orders-0"))
    >>> watch.broken, watch.verdicts["L5"]
    ((), 'vacuous')
    """

    def __init__(self) -> None:
        self.checkers = tuple(kind() for kind in LOG_CHECKERS)
