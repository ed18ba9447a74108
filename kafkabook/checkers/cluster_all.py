"""All checkers of a cluster, in the order of their names."""

from kafkabook.checkers.cluster_checker import ClusterChecker

CLUSTER_CHECKERS: tuple[type[ClusterChecker], ...] = ()
