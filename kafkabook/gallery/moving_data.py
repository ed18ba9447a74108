"""Use cases that move data: messages, logs, database changes, ETL, and batch readers."""

from collections import Counter
from random import Random

from kafkabook.gallery.use_case import AppEvent, Feeds, Generated, UseCase, told

SERVICES = ("cart", "login", "search")
WON_PER = {"KRW": 1, "USD": 1_300, "EUR": 1_400}
BATCH_RECORDS = 25


def _messages(random: Random) -> Generated:
    sent = [(f"m{n}", random.choice("abcd")) for n in range(60)]
    opened = {number for number, _ in sent if random.random() < 0.7}
    events = [told("messages", to, 10 * n, id=number) for n, (number, to) in enumerate(sent)]
    events += [
        told("receipts", to, 10 * n + 900, id=number)
        for n, (number, to) in enumerate(sent)
        if number in opened
    ]
    return Generated(
        tuple(events), dict(Counter(to for number, to in sent if number not in opened))
    )


def _unread(feeds: Feeds) -> dict[str, int]:
    opened = {event["id"] for event in feeds.read("receipts")}
    return dict(Counter(e.key for e in feeds.read("messages") if e["id"] not in opened))


def _log_lines(random: Random) -> Generated:
    lines = [(random.choice(SERVICES), random.random() < 0.1) for _ in range(300)]
    events = tuple(
        told("logs", service, 5 * n, level="ERROR" if failed else "INFO", line=f"request {n}")
        for n, (service, failed) in enumerate(lines)
    )
    return Generated(events, dict(Counter(service for service, failed in lines if failed)))


def _errors(feeds: Feeds) -> dict[str, int]:
    return dict(Counter(e.key for e in feeds.read("logs") if e["level"] == "ERROR"))


def _row_changes(random: Random) -> Generated:
    table: dict[str, int] = {}
    events: list[AppEvent] = []
    for n in range(200):
        row = f"order-{random.randrange(20)}"
        if row in table and random.random() < 0.25:
            del table[row]
            events.append(told("orders.changes", row, n, after=None))
        else:
            table[row] = random.randrange(1_000)
            events.append(told("orders.changes", row, n, after=table[row]))
    return Generated(tuple(events), table)


def _copy_of_the_table(feeds: Feeds) -> dict[str, int]:
    table: dict[str, int] = {}
    for change in feeds.read("orders.changes", by="shipping service"):
        if change["after"] is None:
            del table[change.key]
        else:
            table[change.key] = change["after"]
    return table


def _raw_sales(random: Random) -> Generated:
    sales = [(random.choice(list(WON_PER)), random.randrange(-2, 50)) for _ in range(200)]
    events = tuple(
        told("sales.raw", f"s{n}", n, currency=currency, amount=amount)
        for n, (currency, amount) in enumerate(sales)
    )
    return Generated(events, sum(WON_PER[unit] * amount for unit, amount in sales if amount > 0))


def _cleaned(feeds: Feeds) -> int:
    for sale in feeds.read("sales.raw", by="cleaner"):
        if sale["amount"] > 0:
            won = WON_PER[sale["currency"]] * sale["amount"]
            feeds.write(told("sales.won", sale.key, sale.at_ms, won=won))
    return sum(sale["won"] for sale in feeds.read("sales.won", by="dashboard"))


def _page_views(random: Random) -> Generated:
    pages = [random.choice(("/", "/cart", "/pay")) for _ in range(180)]
    events = tuple(told("views", page, n) for n, page in enumerate(pages))
    batches = [pages[at : at + BATCH_RECORDS] for at in range(0, len(pages), BATCH_RECORDS)]
    return Generated(events, [dict(Counter(batch)) for batch in batches])


def _batch_by_batch(feeds: Feeds) -> list[dict[str, int]]:
    """Read by ranges of offsets, as Spark and Flink do: a range read again is the same."""
    log = feeds.topics["views"].logs[0]
    starts = range(log.log_start, log.log_end, BATCH_RECORDS)
    ranges = [(start, min(start + BATCH_RECORDS, log.log_end)) for start in starts]
    return [dict(Counter((r.key or b"").decode() for r in log.records(*span))) for span in ranges]


MOVING_DATA = (
    UseCase(
        "messaging",
        "use case",
        "Messaging System",
        "Who has unread messages, and how many?",
        {"chat": ("messages",), "phones": ("receipts",)},
        {"inbox": ("messages", "receipts"), "push service": ("messages",)},
        _messages,
        _unread,
    ),
    UseCase(
        "log collection",
        "use case",
        "애플리케이션에 발생하는 로그 수집",
        "Which service logs how many errors?",
        dict.fromkeys(SERVICES, ("logs",)),
        {"error counter": ("logs",), "archive": ("logs",)},
        _log_lines,
        _errors,
    ),
    UseCase(
        "database sync",
        "use case",
        "DB 동기화 (MSA)",
        "Does another service's copy equal the table, rows deleted included?",
        {"order service": ("orders.changes",)},
        {"shipping service": ("orders.changes",), "search index": ("orders.changes",)},
        _row_changes,
        _copy_of_the_table,
    ),
    UseCase(
        "real-time ETL",
        "use case",
        "실시간 ETL",
        "What were the sales in won, bad rows left out?",
        {"shops": ("sales.raw",), "cleaner": ("sales.won",)},
        {"cleaner": ("sales.raw",), "dashboard": ("sales.won",)},
        _raw_sales,
        _cleaned,
    ),
    UseCase(
        "batch hand-off",
        "use case",
        "Spark, Flink, Storm, Hadoop",
        "What does each range of 25 offsets hold, every time it is read?",
        {"web shop": ("views",)},
        {"batch reader": ("views",)},
        _page_views,
        _batch_by_batch,
    ),
)
