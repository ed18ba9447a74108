"""Transport: match riders and drivers, keep the arrival time fresh, diagnose vehicles."""

from random import Random

from kafkabook.gallery.use_case import AppEvent, Feeds, Generated, UseCase, told

ROUTE_M = 6_000
TOO_HOT_CELSIUS = 110


def _city(random: Random) -> Generated:
    drivers = random.sample(range(0, 1_000, 7), 8)
    riders = random.sample(range(0, 1_000, 11), 5)
    events = [told("drivers", f"d{x}", n, at_m=x) for n, x in enumerate(drivers)]
    events += [told("riders", f"r{x}", 100 + n, at_m=x) for n, x in enumerate(riders)]
    free, matched = set(drivers), {}
    for rider in riders:  # first come, first served; the nearest free driver, the lower on a tie
        nearest = min(free, key=lambda driver: (abs(driver - rider), driver))
        free.remove(nearest)
        matched[f"r{rider}"] = f"d{nearest}"
    return Generated(tuple(events), matched)


def _match(feeds: Feeds) -> dict[str, str]:
    free = {event.key: event["at_m"] for event in feeds.read("drivers")}
    matched = {}
    for rider in feeds.read("riders"):
        nearest = min(free, key=lambda driver: (abs(free[driver] - rider["at_m"]), free[driver]))
        matched[rider.key] = nearest
        del free[nearest]
    return matched


def _drive(random: Random) -> Generated:
    at_m, events = 0, list[AppEvent]()
    for second in range(1, 41):
        metres = random.randrange(8, 20)
        at_m += metres
        events.append(told("positions", "bus-7", 1_000 * second, at_m=at_m))
    remaining_s = (ROUTE_M - at_m) * 40 / at_m
    return Generated(tuple(events), round(remaining_s))


def _arrival_seconds(feeds: Feeds) -> int:
    latest = feeds.read("positions")[-1]
    metres_per_second = latest["at_m"] / (latest.at_ms / 1_000)
    left_m: int = ROUTE_M - latest["at_m"]
    return round(left_m / float(metres_per_second))


def _engines(random: Random) -> Generated:
    cars = [f"car-{n}" for n in range(10)]
    failing = sorted(random.sample(cars, 3))
    events = [
        told("engine", car, 100 * n, celsius=random.randrange(80, 100) + (40 if ill else 0))
        for n in range(20)
        for car in cars
        for ill in [car in failing and n >= 12]
    ]
    hiccup = random.choice([car for car in cars if car not in failing])
    events.append(told("engine", hiccup, 950, celsius=140))  # one bad reading is no diagnosis
    return Generated(tuple(events), failing)


def _overheating(feeds: Feeds) -> list[str]:
    """A car overheats when three readings in a row are too hot."""
    hot: dict[str, int] = {}
    found: set[str] = set()
    for event in feeds.read("engine"):
        hot[event.key] = hot.get(event.key, 0) + 1 if event["celsius"] > TOO_HOT_CELSIUS else 0
        found |= {event.key} if hot[event.key] >= 3 else set()
    return sorted(found)


TRANSPORT = (
    UseCase(
        "rider and driver matching",
        "transport",
        "운전자-탑승자 매치",
        "Who picks up whom?",
        {"driver app": ("drivers",), "rider app": ("riders",)},
        {"matcher": ("drivers", "riders"), "map": ("drivers",)},
        _city,
        _match,
    ),
    UseCase(
        "time of arrival",
        "transport",
        "도착예상 시간 업데이트",
        "In how many seconds does the bus arrive, going by its average so far?",
        {"bus": ("positions",)},
        {"arrival board": ("positions",), "map": ("positions",)},
        _drive,
        _arrival_seconds,
    ),
    UseCase(
        "vehicle diagnosis",
        "transport",
        "실시간 차량 진단",
        "Which engines stay too hot?",
        {"cars": ("engine",)},
        {"diagnosis": ("engine",)},
        _engines,
        _overheating,
    ),
)
