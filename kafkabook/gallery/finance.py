"""Finance: fraud, payments sent twice, and the limits of a trading desk."""

from random import Random

from kafkabook.gallery.use_case import AppEvent, Feeds, Generated, UseCase, told

CITIES_KM = {"Seoul": 0, "Daejeon": 140, "Busan": 325}  # along one railway line
FASTEST_KM_PER_HOUR = 300
HOUR_MS = 3_600_000
LIMIT = 500


def _card_payments(random: Random) -> Generated:
    cards = [f"card-{n}" for n in range(12)]
    stolen = sorted(random.sample(cards, 3))
    events = [
        told("payments", card, n * 2 * HOUR_MS + random.randrange(1_000), city="Seoul")
        for n in range(4)
        for card in cards
    ]
    events += [told("payments", card, 4 * HOUR_MS + 600_000, city="Busan") for card in stolen]
    return Generated(tuple(events), stolen)


def _impossible_journeys(feeds: Feeds) -> list[str]:
    """A card that moved faster than any train was in two hands."""
    last: dict[str, AppEvent] = {}
    found: set[str] = set()
    for payment in feeds.read("payments"):
        before = last.get(payment.key)
        if before is not None and _too_fast(before, payment):
            found.add(payment.key)
        last[payment.key] = payment
    return sorted(found)


def _too_fast(before: AppEvent, now: AppEvent) -> bool:
    distance_km = abs(CITIES_KM[before["city"]] - CITIES_KM[now["city"]])
    return distance_km * HOUR_MS > FASTEST_KM_PER_HOUR * (now.at_ms - before.at_ms)


def _transfers(random: Random) -> Generated:
    ids = [f"tx-{n}" for n in range(80)]
    twice = sorted(random.sample(ids, 5))
    events = [told("transfers", number, 10 * n, won=1_000 + n) for n, number in enumerate(ids)]
    events += [told("transfers", number, 900 + n, won=0) for n, number in enumerate(twice)]
    return Generated(tuple(events), twice)


def _seen_before(feeds: Feeds) -> list[str]:
    seen: set[str] = set()
    again: set[str] = set()
    for transfer in feeds.read("transfers"):
        (again if transfer.key in seen else seen).add(transfer.key)
    return sorted(again)


def _trades(random: Random) -> Generated:
    desks = dict.fromkeys("ABC", 0)
    over: dict[str, int] = {}
    events = list[AppEvent]()
    for n in range(150):
        desk, lots = random.choice("ABC"), random.choice((-40, 60))
        desks[desk] += lots
        if abs(desks[desk]) > LIMIT:
            over.setdefault(desk, n)
        events.append(told("trades", desk, n, lots=lots))
    return Generated(tuple(events), over)


def _first_over_the_limit(feeds: Feeds) -> dict[str, int]:
    position: dict[str, int] = {}
    over: dict[str, int] = {}
    for trade in feeds.read("trades"):
        position[trade.key] = position.get(trade.key, 0) + trade["lots"]
        if abs(position[trade.key]) > LIMIT:
            over.setdefault(trade.key, trade.at_ms)
    return over


FINANCE = (
    UseCase(
        "card fraud",
        "finance",
        "사기 감지",
        "Which cards were in two cities faster than any train?",
        {"shops": ("payments",)},
        {"fraud desk": ("payments",), "ledger": ("payments",)},
        _card_payments,
        _impossible_journeys,
    ),
    UseCase(
        "duplicate transactions",
        "finance",
        "중복 거래 감지",
        "Which transfers arrived twice?",
        {"bank app": ("transfers",)},
        {"ledger": ("transfers",), "duplicate alarm": ("transfers",)},
        _transfers,
        _seen_before,
    ),
    UseCase(
        "trading and risk",
        "finance",
        "거래, 위험 시스템",
        "Which trade first took a desk over its limit?",
        {"trading desks": ("trades",)},
        {"risk": ("trades",), "settlement": ("trades",)},
        _trades,
        _first_over_the_limit,
    ),
)
