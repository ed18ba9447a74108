"""Use cases that watch: telemetry from devices, and what is out of the ordinary in it."""

from random import Random
from statistics import mean, pstdev

from kafkabook.gallery.use_case import Feeds, Generated, UseCase, told

SENSORS = tuple(f"sensor-{n}" for n in range(6))
EVERY_MS = 1_000
SILENT_AFTER_MS = 60_000
RUN_MS = 180_000
WINDOW_RECORDS = 30
DEVIATIONS = 5


def _telemetry(random: Random) -> Generated:
    died_at = dict.fromkeys(SENSORS, RUN_MS)
    dead = sorted(random.sample(SENSORS, 2))
    died_at |= {sensor: random.randrange(20_000, 100_000) for sensor in dead}
    events = tuple(
        told("telemetry", sensor, at, celsius=round(random.gauss(21, 0.5), 1))
        for at in range(0, RUN_MS, EVERY_MS)
        for sensor in SENSORS
        if at < died_at[sensor]
    )
    return Generated(events, dead)


def _silent(feeds: Feeds) -> list[str]:
    last = {event.key: event.at_ms for event in feeds.read("telemetry")}
    now_ms = max(last.values())
    return sorted(sensor for sensor, at in last.items() if now_ms - at > SILENT_AFTER_MS)


def _with_spikes(random: Random) -> Generated:
    spikes = sorted(random.sample(range(WINDOW_RECORDS, 400, WINDOW_RECORDS + 5), 4))
    events = tuple(
        told("latency", "checkout", 100 * n, ms=900 if n in spikes else random.randrange(95, 106))
        for n in range(400)
    )
    return Generated(events, [100 * n for n in spikes])


def _outliers(feeds: Feeds) -> list[int]:
    """Compare each value with the window before it, anomalies themselves left out of the window."""
    usual: list[int] = []
    found: list[int] = []
    for event in feeds.read("latency"):
        window = usual[-WINDOW_RECORDS:]
        wide = DEVIATIONS * max(pstdev(window), 1) if len(window) == WINDOW_RECORDS else None
        if wide is not None and abs(event["ms"] - mean(window)) > wide:
            found.append(event.at_ms)
        else:
            usual.append(event["ms"])
    return found


WATCHING = (
    UseCase(
        "IoT telemetry",
        "use case",
        "IOT 디바이스로부터 데이터 수집",
        "Which sensors have been silent for more than a minute?",
        {"sensors": ("telemetry",)},
        {"watchdog": ("telemetry",), "history": ("telemetry",)},
        _telemetry,
        _silent,
    ),
    UseCase(
        "anomaly detection",
        "use case",
        "이상 감지",
        "When did a request take far longer than the thirty before it?",
        {"checkout": ("latency",)},
        {"detector": ("latency",)},
        _with_spikes,
        _outliers,
    ),
)
