"""A lab as text: how it was made, then its journal, in the lines that a schedule has.

    t=0 lab brokers=3 seed=7 version=4.x
    t=812 create_topic orders 1 3 1:2:3
    t=900 run until t=900 ms
    t=900 crash 1

So the journal of a stage, the solution of a puzzle and the schedule of a storm are one format, and
`sim.faults.parse` reads them all.
"""

from collections.abc import Callable, Sequence
from typing import Any, get_args

from kafkabook.base.door import meant
from kafkabook.base.errors import WrongValue
from kafkabook.lab.commands import COMMANDS, command_of
from kafkabook.lab.lab import Lab
from kafkabook.lab.rules import LabVersion, Rules, config_of, rules_of
from kafkabook.sim.faults import Argument, Fault, word

MADE, TIME, MARK = "lab", "run", "mark"  # lines that are no command
Change = Callable[[Rules], Rules]
_NONE = "-"  # a broker without a rack


def text_of(lab: Lab) -> str:
    """Return the text that makes a lab what it is, to the byte of its trace.

    Raises:
        ValueError: it has rules or settings of its own, which have no text.
    """
    made = f"t=0 {MADE} {' '.join(map(word, _words(lab)))}"
    return "\n".join((made, *str(lab.journal).splitlines()))


def _words(lab: Lab) -> list[str]:
    """Return how a lab was made, as words with names."""
    version = next((it for it in get_args(LabVersion) if rules_of(it) == lab.rules), None)
    if version is None or lab.config != config_of(version):
        raise WrongValue("only a lab with the rules and settings of a version has a text")
    racks = [broker.rack for broker in lab.view.brokers]
    told = [f"brokers={len(racks)}", f"seed={lab.view.seed}", f"version={version}"]
    return [*told, *([f"racks={','.join(it or _NONE for it in racks)}"] if any(racks) else [])]


def made_by(line: Fault, change: Change) -> Lab:
    """Make the lab of a `lab` line; `change` puts parts into the rules of its version.

    Raises:
        ValueError: a word that no lab has, or of another kind.
    """
    known: dict[str, Callable[[str], Any]]
    known = {"brokers": int, "seed": int, "version": str, "racks": _racks}
    given: dict[str, Any] = {"version": "4.x"}
    for told in map(str, line.args):
        name, _, value = told.partition("=")
        if name not in known:
            hint = meant(name, known) or f"; there are {', '.join(known)}"
            raise WrongValue(f"{line}: a lab has no {name!r}{hint}")
        given[name] = _read(line, known[name], value)
    if given["version"] not in get_args(LabVersion):
        raise WrongValue(f"{line}: there is no version {given['version']!r}")
    return Lab(**given, rules=change(rules_of(given["version"])))


def _read(line: Fault, kind: Callable[[str], Any], value: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise WrongValue(f"{line}: {value!r} is no whole number") from None


def _racks(value: str) -> list[str | None]:
    return [None if it == _NONE else it for it in value.split(",")]


def check_line(line: Fault) -> None:
    """Check whether a line is a command, or lets time pass, or names a moment.

    Raises:
        LookupError: there is no such verb. ValueError: its words are not what it takes.
    """
    if line.verb == TIME:
        is_known = _events(line.args) is not None or line.args[:1] == ("until",)
        if not is_known:
            raise WrongValue(f"{line}: write `run 12 events` or `run until`")
    elif line.verb == MARK:
        if len(line.args) != 1:
            raise WrongValue(f"{line}: `mark` takes one name")
    else:
        command_of(line.verb, line.args).check()


def do_line(lab: Lab, line: Fault) -> None:
    """Let time pass up to a line, and do it.

    Raises:
        KafkaError: it makes no sense now, and nothing has happened.
    """
    events = _events(line.args) if line.verb == TIME else None
    if events is not None:
        lab.step(events)
        return
    if line.at_ms > lab.now_ms:  # a run of no time would let go on what is due just now
        lab.run_for(line.at_ms - lab.now_ms)
    if line.verb == MARK:
        lab.mark(str(line.args[0]))
    elif line.verb != TIME:
        lab.do(command_of(line.verb, line.args))


def _events(args: Sequence[Argument]) -> int | None:
    """Return how many events a line lets happen; None if it says no number."""
    is_number = len(args) == 2 and isinstance(args[0], int) and args[1] == "events"
    return int(args[0] or 0) if is_number else None


def commands_in(lines: Sequence[Fault]) -> list[Fault]:
    """Return the lines that are commands.

    >>> commands_in([Fault(4, "crash", (1,)), Fault(9, "run", ("until",))])
    [Fault(at_ms=4, verb='crash', args=(1,))]
    """
    return [line for line in lines if line.verb in COMMANDS]
