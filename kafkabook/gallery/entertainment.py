"""Entertainment: recommend, catch bots, and grant each purchase once."""

from collections import Counter
from itertools import permutations
from random import Random

from kafkabook.gallery.use_case import Feeds, Generated, UseCase, told

FILMS = tuple("ABCDEF")
FASTEST_HUMAN_MS = 1_000


def _viewings(random: Random) -> Generated:
    pair = tuple(random.sample(FILMS, 2))
    events, n = [], 0
    for viewer in range(40):
        films = pair if viewer < 25 else tuple(random.sample(FILMS, 2))
        for film in films:
            events.append(told("viewings", f"v{viewer}", n, film=film))
            n += 1
    return Generated(tuple(events), sorted(pair))


def _seen_together(feeds: Feeds) -> list[str]:
    by_viewer: dict[str, list[str]] = {}
    for event in feeds.read("viewings"):
        by_viewer.setdefault(event.key, []).append(event["film"])
    pairs: Counter[tuple[str, str]] = Counter()
    for films in by_viewer.values():
        pairs.update((a, b) for a, b in permutations(films, 2) if a < b)
    best: tuple[str, str] = max(pairs, key=lambda pair: (pairs[pair], pair))
    return list(best)


def _plays(random: Random) -> Generated:
    players = [f"p{n}" for n in range(10)]
    bots = sorted(random.sample(players, 2))
    events = [
        told("plays", player, n * (200 if player in bots else 5_000) + index, level=n)
        for index, player in enumerate(players)
        for n in range(10)
    ]
    return Generated(tuple(events), bots)


def _inhumanly_fast(feeds: Feeds) -> list[str]:
    last: dict[str, int] = {}
    found: set[str] = set()
    for play in feeds.read("plays"):
        if play.at_ms - last.get(play.key, -FASTEST_HUMAN_MS) < FASTEST_HUMAN_MS:
            found.add(play.key)
        last[play.key] = play.at_ms
    return sorted(found)


def _purchases(random: Random) -> Generated:
    coins = {f"receipt-{n}": random.choice((10, 50, 100)) for n in range(40)}
    sent = [*coins, *random.sample(list(coins), 10)]  # phones send again when a reply is late
    events = tuple(told("purchases", r, n, coins=coins[r]) for n, r in enumerate(sent))
    return Generated(events, sum(coins.values()))


def _granted(feeds: Feeds) -> int:
    coins = {purchase.key: purchase["coins"] for purchase in feeds.read("purchases")}
    return sum(coins.values())


ENTERTAINMENT = (
    UseCase(
        "recommendation",
        "entertainment",
        "실시간 추천",
        "Which two films are watched together most?",
        {"player": ("viewings",)},
        {"recommender": ("viewings",), "charts": ("viewings",)},
        _viewings,
        _seen_together,
    ),
    UseCase(
        "bots",
        "entertainment",
        "사기 감지 (오락)",
        "Who plays faster than a human can?",
        {"game": ("plays",)},
        {"fair play": ("plays",), "leaderboard": ("plays",)},
        _plays,
        _inhumanly_fast,
    ),
    UseCase(
        "in-app purchase",
        "entertainment",
        "In-App 구매",
        "How many coins are granted when phones send a receipt twice?",
        {"game": ("purchases",)},
        {"wallet": ("purchases",), "finance": ("purchases",)},
        _purchases,
        _granted,
    ),
)
