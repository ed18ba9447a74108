"""The online market: live stock, and orders that never sell what is not there."""

from random import Random

from kafkabook.gallery.use_case import AppEvent, Feeds, Generated, UseCase, told

GOODS = ("apple", "bread", "coffee")


def _movements(random: Random) -> Generated:
    stock = dict.fromkeys(GOODS, 0)
    events = list[AppEvent]()
    for n in range(200):
        good = random.choice(GOODS)
        pieces = random.randrange(1, 6) if random.random() < 0.5 else -min(stock[good], 3)
        stock[good] += pieces
        events.append(told("stock.movements", good, n, pieces=pieces))
    return Generated(tuple(events), stock)


def _stock(feeds: Feeds) -> dict[str, int]:
    stock = dict.fromkeys(GOODS, 0)
    for movement in feeds.read("stock.movements"):
        stock[movement.key] += movement["pieces"]
    return stock


def _rush(random: Random) -> Generated:
    left, refused, events = 100, list[str](), list[AppEvent]()
    for n in range(60):
        pieces = random.randrange(1, 6)
        if pieces > left:
            refused.append(f"order-{n}")
        else:
            left -= pieces
        events.append(told("orders", f"order-{n}", n, pieces=pieces))
    return Generated(tuple(events), refused)


def _in_log_order(feeds: Feeds) -> list[str]:
    """Every reader of the log comes to the same decision, for all read the same order."""
    left, refused = 100, list[str]()
    for order in feeds.read("orders", by="stock keeper"):
        accepted = order["pieces"] <= left
        left -= order["pieces"] if accepted else 0
        refused += [] if accepted else [order.key]
        feeds.write(told("decisions", order.key, order.at_ms, accepted=accepted))
    return refused


MARKET = (
    UseCase(
        "live inventory",
        "online market",
        "실시간 재고 정보",
        "How many pieces of each are in stock now?",
        {"warehouse": ("stock.movements",), "tills": ("stock.movements",)},
        {"shop window": ("stock.movements",), "purchasing": ("stock.movements",)},
        _movements,
        _stock,
    ),
    UseCase(
        "safe orders",
        "online market",
        "대용량 주문의 안전한 처리",
        "Which orders of a rush must be refused so that nothing is sold twice?",
        {"web shop": ("orders",), "stock keeper": ("decisions",)},
        {"stock keeper": ("orders",), "customers": ("decisions",)},
        _rush,
        _in_log_order,
    ),
)
