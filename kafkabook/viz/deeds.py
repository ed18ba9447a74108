"""What a reader can do to a thing on the stage: a sign, a few words, and the line of code.

A line is a call of a verb of `Lab`. `done` carries out such a line and nothing else.
"""

import ast
from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, NamedTuple

from kafkabook.base.machine import Address
from kafkabook.viz.flights import HELD, STALLED, Flight
from kafkabook.viz.stage_state import BrokerSeen, Held, StageState, name_in_lab

if TYPE_CHECKING:
    from kafkabook.lab import Lab

VERBS = frozenset(
    {
        *("crash", "restart", "stop", "pause", "resume", "power_off", "lose_disk", "flush"),
        *("cut", "heal", "slow", "reset", "heal_everything", "restart_everything", "elect"),
        *("hold", "release", "deliver", "drop", "double"),
        *("send", "produce", "start_reading", "run_for"),
    }
)
SLOW_MS = 200


class Deed(NamedTuple):
    """One thing that can be done."""

    sign: str
    words: str
    line: str


def broker_deeds(it: BrokerSeen) -> list[Deed]:
    """Return what can happen to a broker."""
    n = it.id
    if not it.is_up:
        again = Deed("▶", "Start again", f"lab.restart({n})")
        return [again, Deed("◌", "Lose the disk", f"lab.lose_disk({n})")]
    goes_on = Deed("▶", "Go on", f"lab.resume({n})")
    stands = Deed("❙❙", "Pause", f"lab.pause({n})")
    return [
        Deed("✕", "Kill", f"lab.crash({n})"),
        goes_on if it.is_paused else stands,
        Deed("ϟ", "Cut the power", f"lab.power_off({n})"),
        Deed("◌", "Lose the disk", f"lab.lose_disk({n})"),
        Deed("■", "Stop cleanly", f"lab.stop({n})"),
    ]


def link_deeds(one: Address, other: int, state: StageState) -> list[Deed]:
    """Return what can happen to a link; clients are called as the lab calls them."""
    ends, goes_on = f"{_end(one)}, {other}", _releases(one, other, state)
    if state.is_cut(one, other):
        return [Deed("○", "Heal", f"lab.heal({ends})"), *goes_on]
    deeds = [
        *goes_on,
        Deed("✂", "Cut", f"lab.cut({ends})"),
        Deed("↯", "Reset connections", f"lab.reset({ends})"),
    ]
    slow = Deed("◔", f"Slow broker {other}: {SLOW_MS} ms", f"lab.slow({other}, {SLOW_MS})")
    return [*deeds, *([slow] if isinstance(one, int) else [])]


def _releases(one: Address, other: Address, state: StageState) -> list[Deed]:
    """Return an end for each hold that stops messages on a link; no link means any."""
    ends = {_node(one), _node(other)}
    named = [held for held in state.holds if {held[1], held[2]} - {None} <= ends]
    return [_release(held, f"Let {held[0] or 'messages'} go on") for held in named]


def _release(held: Held, words: str) -> Deed:
    given = [_literal(word) for word in held]
    while len(given) > 1 and given[-1] == "None":
        given.pop()
    return Deed("▶", words, f"lab.release({', '.join(given)})")


def message_deeds(flight: Flight, state: StageState, why: str = "") -> list[Deed]:
    """Return what can happen to a message on its way; these are tools of thought, not of TCP.

    Args:
        why: it stands still; "" while it moves.
    """
    words = f'"{flight.name}", {_literal(flight.sender)}, {_literal(flight.receiver)}'
    own = (flight.name, flight.sender, flight.receiver)
    holds = [it for it in state.holds if all(a in (None, b) for a, b in zip(it, own, strict=True))]
    return [
        *_goes_on(flight, words, why),
        *(_release(held, "Let such messages go on") for held in holds),
        *([] if holds else [Deed("❙❙", "Hold such messages", f"lab.hold({words})")]),
        Deed("✕", "Lose it", f"lab.drop({words})"),
        Deed("×2", "Let it arrive twice", f"lab.double({words})"),
    ]


def _goes_on(flight: Flight, words: str, why: str) -> list[Deed]:
    """Return what ends the reason for which a message stands still."""
    ends = f"{_literal(flight.sender)}, {_literal(flight.receiver)}"
    return {
        HELD: [Deed("→", "Deliver it now", f"lab.deliver({words})")],
        STALLED: [Deed("○", "Heal its link", f"lab.heal({ends})")],
        "paused": [Deed("▶", "Let its receiver go on", f"lab.resume({flight.receiver})")],
    }.get(why, [])


def producer_deeds(state: StageState, topic: str) -> list[Deed]:
    """Return what a producer can do: send the next letter."""
    used = {sent.value for sent in state.sends}
    value = next((it for it in ascii_lowercase if it not in used), f"m{len(used)}")
    return [Deed("→", f"Send {value}", f'lab.send("{value}", {_quoted(topic)})')]


def consumer_deeds(topic: str) -> list[Deed]:
    """Return what a consumer can do."""
    return [Deed("○", "Read from the start", f"lab.start_reading({_quoted(topic)}, 0)")]


def controller_deeds(brokers: Sequence[int], topic: str) -> list[Deed]:
    """Return what can happen to the controller."""
    prefer = Deed("♛", "Elect the preferred leader", f"lab.elect({_quoted(topic)}, 0)")
    cuts = [
        Deed("✂", f"Cut it off from broker {n}", f'lab.cut({n}, "controller")') for n in brokers
    ]
    return [*cuts, Deed("○", "Heal everything", "lab.heal_everything()"), prefer]


def done(lab: "Lab", line: str) -> Any:
    """Carry out a line such as `lab.crash(1)`.

    Raises:
        ValueError: it is no call of a verb that a stage has, or its words are no plain values.
    """
    verb, words, named = _parsed(line)
    return getattr(lab, verb)(*words, **named)


def waits(line: str) -> bool:
    """Say whether a line runs until something is answered, so that it may be refused late."""
    return _parsed(line)[0] in ("elect", "produce")


def passes_time(line: str) -> bool:
    """Say whether a line does nothing but let time pass."""
    return _parsed(line)[0] == "run_for"


def _parsed(line: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Read a line without running it."""
    try:
        owner, verb, call = _call(ast.parse(line, mode="eval").body)
        words = [ast.literal_eval(it) for it in call.args]
        named = {str(it.arg): ast.literal_eval(it.value) for it in call.keywords}
    except (SyntaxError, ValueError):
        raise ValueError(f"{line!r} is no line such as lab.crash(1)") from None
    if owner != "lab" or verb not in VERBS:
        raise ValueError(f"a stage has no {line!r}; it has {', '.join(sorted(VERBS))}")
    return verb, words, named


def _call(tree: ast.expr) -> tuple[str, str, ast.Call]:
    """Return whose method is called, its name and the call."""
    match tree:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=verb)) as call:
            return owner, verb, call
    raise ValueError("no call of a method")


def _end(node: Address) -> str:
    return str(node) if isinstance(node, int) else _quoted(name_in_lab(node))


def _node(node: Address) -> Address:
    """Return an end of a link as messages name it."""
    return node if isinstance(node, int) else name_in_lab(node)


def _literal(word: Address | None) -> str:
    return _quoted(word) if isinstance(word, str) else str(word)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
