"""Real Apache Kafka for tests: one combined node, or brokers that may be killed at will.

    with RealKafka.combined(folder) as kafka: ...
    with RealKafka.cluster(folder, brokers=3, settings=IMPATIENT) as kafka: ...

Every process is ended by its own id when the block is left, also when a test fails.
"""

import atexit
import hashlib
import shutil
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from .node import Node, copy_of, free_ports

CONTROLLER_ID = 100

SETTINGS: Mapping[str, str] = {
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.backoff.ms": "300",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "metadata.max.idle.interval.ms": "5000",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
}
"""What every node is given: internal topics of one partition, no waiting for its own sake.

Nor work: the cleaner's buffer has room for 78 000 keys and is not 128 MiB to be zeroed, and a
controller that has nothing to say does not say so twice a second.
"""

IMPATIENT: Mapping[str, str] = {
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "300",
    "replica.lag.time.max.ms": "2000",
    "replica.fetch.wait.max.ms": "200",
    "controller.quorum.election.timeout.ms": "500",
    "group.min.session.timeout.ms": "500",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.session.timeout.ms": "3000",
    "group.consumer.min.heartbeat.interval.ms": "200",
    "group.consumer.heartbeat.interval.ms": "300",
    "log.retention.check.interval.ms": "1000",
}
"""For short tests of failures: a killed leader is seen after two seconds, not after nine."""


class RealKafka:
    """A cluster of real nodes; a context that formats and starts them, and ends them all.

    Args:
        controllers: nodes with the controller's role; a combined node counts as a broker.
        brokers: nodes with the broker's role, in the order of their ids.
        bootstrap: what a client is given as `bootstrap.servers`.
    """

    def __init__(
        self, controllers: Iterable[Node], brokers: Iterable[Node], bootstrap: str
    ) -> None:
        self.controllers = tuple(controllers)
        self.brokers = tuple(brokers)
        self.bootstrap = bootstrap

    @classmethod
    def combined(cls, folder: Path, settings: Mapping[str, str] = {}) -> "RealKafka":
        """One process that is broker and controller: the cheapest Kafka, ready in five seconds."""
        broker, controller = free_ports(2)
        properties = {
            **identity(1, "broker,controller", f"1@127.0.0.1:{controller}"),
            "listeners": f"PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{broker}",
            **replicated(1),
            **settings,
        }
        node = Node(folder / "node-1", properties, gives_classes=True)
        return cls([], [node], f"127.0.0.1:{broker}")

    @classmethod
    def cluster(
        cls, folder: Path, brokers: int = 3, settings: Mapping[str, str] = {}
    ) -> "RealKafka":
        """A controller of its own and `brokers` brokers, so that any broker may be killed."""
        controller, *ports = free_ports(1 + brokers)
        voters = f"{CONTROLLER_ID}@127.0.0.1:{controller}"
        common = {**replicated(brokers), **settings}
        alone = identity(CONTROLLER_ID, "controller", voters) | {
            "listeners": f"CONTROLLER://127.0.0.1:{controller}"
        }
        nodes = []
        for number, port in enumerate(ports, 1):
            address = {
                "listeners": f"PLAINTEXT://127.0.0.1:{port}",
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            }
            properties = identity(number, "broker", voters) | address | common
            nodes.append(Node(folder / f"node-{number}", properties))
        quorum = [Node(folder / f"node-{CONTROLLER_ID}", alone | common)]
        return cls(quorum, nodes, ",".join(f"127.0.0.1:{port}" for port in ports))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, controllers first."""
        return self.controllers + self.brokers

    def broker(self, node_id: int) -> Node:
        """The broker of that id."""
        return next(node for node in self.brokers if node.node_id == node_id)

    def __enter__(self) -> "RealKafka":
        try:
            format_all(self.nodes)
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *reason: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start what does not run, side by side, and wait until all are ready."""
        resting = [node for node in self.nodes if not node.running]
        for node in resting:
            node.start()
        for node in resting:
            node.ready()

    def stop(self) -> None:
        """Stop cleanly, brokers first: without a controller their shutdown takes minutes."""
        for node in (*self.brokers, *self.controllers):
            node.stop()

    def kill(self) -> None:
        """End every process at once, without a clean stop."""
        for node in self.nodes:
            node.kill()


def identity(node_id: int, roles: str, voters: str) -> dict[str, str]:
    """The settings that say which node this is and how it finds its controller."""
    return {
        "node.id": str(node_id),
        "process.roles": roles,
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    }


def replicated(brokers: int) -> dict[str, str]:
    """SETTINGS, with internal topics as safe as so many brokers allow."""
    factor, least = str(min(3, brokers)), str(min(2, brokers))
    topics = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
    factors = {f"{topic}.replication.factor": factor for topic in topics}
    minimums = {f"{topic}.min.isr": least for topic in topics if topic != "offsets.topic"}
    return {**SETTINGS, **factors, **minimums}


def format_all(nodes: Iterable[Node]) -> None:
    """Format nodes that hold no data yet: as copies of one that Kafka's tool has formatted."""
    for node in nodes:
        if not node.data_directory.exists():
            copy_of(formatted(), node.data_directory)
            identify(node)


@cache
def formatted() -> Path:
    """A data directory as Kafka's tool leaves it; all clusters of a session begin with the same."""
    folder = Path(tempfile.mkdtemp(prefix="kafkabook-formatted-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    first = Node(
        folder,
        identity(1, "controller", "1@127.0.0.1:1") | {"listeners": "CONTROLLER://127.0.0.1:1"},
    )
    first.format()
    return first.data_directory


def identify(node: Node) -> None:
    """Give a formatted directory the names of its node and of itself."""
    path = node.data_directory / "meta.properties"
    own = {"node.id": str(node.node_id), "directory.id": directory_id(node.node_id)}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    path.write_text("".join(f"{name}={own.get(name, value)}\n" for name, value in pairs))


def directory_id(node_id: int) -> str:
    """A 128-bit id as Kafka writes it; the same for the same node."""
    data = hashlib.md5(f"directory of node {node_id}".encode()).digest()
    return urlsafe_b64encode(data).decode().rstrip("=")
