"""The reader's door: a wrong word is refused at once, in one line, with the nearest right one."""

import pickle
import pydoc
import re
import subprocess
import sys
from copy import copy, deepcopy
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import kafkabook
from kafkabook import SCENARIOS, Lab
from kafkabook.base.errors import KafkaError, ToldInOneLine, kind_told
from kafkabook.explorers.chapters.replication import which_rack
from kafkabook.lab.client_commands import SendRecord, StartReading
from kafkabook.lab.words import CONSUMER, PRODUCER
from kafkabook.protocol.messages import MESSAGE_NAMES
from kafkabook.sim.events import MessageSent
from tests.lab.wrong_words import (
    HOME,
    ID,
    LETTER,
    TYPE,
    Wrong,
    cells,
    is_clear,
    played,
    refusal,
    wrong_calls,
)

NAMES = {name: getattr(kafkabook, name) for name in kafkabook.__all__} | {"which_rack": which_rack}
WRONG = {
    # how a lab is made
    "Lab(broker=3)": "TypeError: Lab: there is no 'broker'; did you mean 'brokers'?",
    "Lab(3, 7)": "TypeError: Lab takes brokers, racks, version, seed, rules, config, tell_messages,"
    " is_watched, each with its name, not 7",
    "Lab(brokers=0)": "ValueError: Lab: brokers must be at least 1, not 0",
    "Lab(brokers='3')": "TypeError: Lab: brokers must be a whole number, not '3'",
    "Lab(brokers=True)": "TypeError: Lab: brokers must be a whole number, not True",
    "Lab(version='3.x')": "ValueError: Lab: no version is called '3.x'; there are '4.x' and '2.x'",
    "Lab(racks=['a'])": "ValueError: Lab: racks must name one rack for each of 3 brokers, not"
    " ['a']",
    "Lab(racks='abc')": "TypeError: Lab: racks must be a list of names, one for each broker, not"
    " 'abc'",
    "Lab(rules=7)": "TypeError: Lab: rules must be Rules, not 7",
    "Lab(seed='7')": "TypeError: Lab: seed must be a whole number, not '7'",
    # messages and places
    "lab.hold('Fetsh', 2, 1)": "LookupError: hold: no message is called 'Fetsh'; did you mean"
    " 'Fetch'?",
    "lab.hold('ProduceRequest')": "LookupError: hold: no message is called 'ProduceRequest'; did"
    " you mean 'Produce'?",
    "lab.drop('Nonsense')": "LookupError: drop: no message is called 'Nonsense'; lab.messages names"
    " all",
    "lab.hold('Fetch', 2, 9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.hold('Fetch', 2.0)": "TypeError: hold: sender must be a number, text or None, not 2.0",
    "lab.cut(1, 'contoller')": "LookupError: cut: nobody is called 'contoller'; did you mean"
    " 'controller'?",
    "lab.cut(1, 'x')": "LookupError: cut: nobody is called 'x'; there are 'controller',"
    " 'producer-1', 'consumer-1' and 'admin', and brokers by number",
    "lab.cut(1, 9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.cut(1)": "TypeError: cut needs other; it takes one, other",
    "lab.heal(1, 9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.heal(1)": "ValueError: heal needs both ends of a link, or none; it got 1",
    "lab.reset(1, 9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.drop_next('Fetch', 2, 1, 0)": "ValueError: drop_next: count must be at least 1, not 0",
    # brokers
    "lab.crash(9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.crash('1')": "TypeError: crash: brokers must be whole numbers, not '1'",
    "lab.crash(1, 2)": "TypeError: crash takes broker, not 2",
    "lab.power_off()": "ValueError: power_off needs a broker at least, such as power_off(1)",
    "lab.slow(1, -2)": "ValueError: slow: extra_ms must be at least 0, not -2",
    "lab.damage(1, 'orders-0/000000000000000000.log', 7)": "LookupError: broker 1 has no file"
    " 'orders-0/000000000000000000.log'; did you mean 'orders-0/00000000000000000000.log'?",
    "lab.make_leader(9)": "KafkaError: there is no broker 9; there are 1 to 3",
    # topics and records
    "lab.produce('a', ack=1)": "TypeError: produce: there is no 'ack'; did you mean 'acks'?",
    "lab.produce('a', acks='al')": "KafkaError: acks is \"all\", 1 or 0, not 'al'",
    "lab.produce('a', 'oders')": "KafkaError: there is no topic 'oders'; there are: orders",
    "lab.produce('a', 'orders', 7)": "KafkaError: orders has no partition 7; it has 0 alone",
    "lab.produce('a', to=9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.produce('a', client='controller')": "ValueError: no client can be called 'controller'",
    "lab.send_batch([])": "ValueError: send_batch: values must be at least one",
    "lab.send_batch(['a'], compression_type='gzp')": "LookupError: send_batch: no compression_type"
    " is called 'gzp'; did you mean 'gzip'?",
    "lab.read(ofset=2)": "TypeError: read: there is no 'ofset'; did you mean 'offset'?",
    "lab.read(broker=9)": "KafkaError: there is no broker 9; there are 1 to 3",
    "lab.create_topic('x', partition=2)": "TypeError: create_topic: there is no 'partition'; did"
    " you mean 'partitions'?",
    "lab.create_topic('x', assignment=[1, 2])": "TypeError: assignment must be a list of brokers"
    " for each partition, such as [[1, 2, 3]], not [1, 2]",
    "lab.elect(how='prefered')": "KafkaError: an election is 'preferred' or 'unclean', not"
    " 'prefered'",
    # time
    "lab.run_for('5')": "TypeError: run_for: span_ms must be a whole number, not '5'",
    "lab.run_for(-5)": "ValueError: run_for: span_ms must be at least 0, not -5",
    "lab.step(-1)": "ValueError: step: events must be at least 0, not -1",
    "lab.run_until(lab.leader() == 2)": "TypeError: run_until: when must be something to ask again"
    " and again, such as lambda: lab.leader() == 2, not False",
    "lab.run_to('nowhere')": "LookupError: run_to: no event is called 'nowhere'; give one, or a"
    " time in ms",
    "lab.run_to('BrokerFencd')": "LookupError: run_to: no event is called 'BrokerFencd'; did you"
    " mean 'BrokerFenced'?",
    "lab.run_to('here')": "ValueError: run_to: 'here' is a mark, which lies behind; at('here') goes"
    " back",
    "lab.at('hre')": "KafkaError: no moment is marked 'hre'; there are: 'here'; did you mean"
    " 'here'?",
    "lab.at(None)": "TypeError: at: moment must be an entry of the trace, a time in ms, or a label"
    " given by mark, not None",
    "lab.fork('here', 7)": "TypeError: fork: change must be something to do with the other lab,"
    " such as lambda other: other.crash(1), not 7",
    "lab.trace.of(int)": "TypeError: int is no kind of event; write one as 'BrokerFenced'",
    # looking
    "lab.crsh(1)": "AttributeError: Lab has no 'crsh'; did you mean 'crash'?",
    "lab.trace.off('x')": "AttributeError: Trace has no 'off'; did you mean 'of'?",
    "lab.snapshot('orders', 7)": "KafkaError: orders has no partition 7; it has 0 alone",
    "lab.snapshot().lane(9)": "KeyError: broker 9 holds no replica of orders-0",
    "lab.leader(5)": "TypeError: the name of a topic must be text, not 5",
    "lab.do('crash 1')": "TypeError: do: command must be a command, such as Crash(1); lab.crash(1)"
    " does the same, not 'crash 1'",
    "lab.film('bad')": "TypeError: film takes title, partition, since, guess, plays, beside, each"
    " with its name, not 'bad'",
    "lab.film(titel='x')": "TypeError: film: there is no 'titel'; did you mean 'title'?",
    "lab.film(partition='oders-0')": "LookupError: film: there is no partition 'oders-0'; did you"
    " mean 'orders-0'?",
    "lab.film(since=10**6)": "ValueError: film: the trace has ",
    "Lab().film()": "LookupError: film: the lab has no topic yet; create_topic makes one",
    "lab.show(titel='x')": "TypeError: show: there is no 'titel'; did you mean 'title'?",
    # what stands beside the lab
    "SCENARIOS['a1']": "KeyError: no scenario has the id 'a1'; did you mean 'A1'?",
    "SCENARIOS['A99']": "KeyError: no scenario has the id 'A99'; did you mean 'A9'?",
    "SCENARIOS['A9'].play('ugly')": "ValueError: a scenario has a 'bad' and a 'good' end, not"
    " 'ugly'",
    "SCENARIOS['A9'].film(edn='bad')": "TypeError: film: there is no 'edn'; did you mean 'end'?",
    "SCENARIOS['A9'].play()": "TypeError: play needs end; it takes end",
    "yours(high_wtaermark=print)": "KeyError: yours: no exercise builds 'high_wtaermark'; did you"
    " mean 'high_watermark'?",
    "yours(high_watermark=1)": "TypeError: yours: high_watermark must be a function of yours, not"
    " 1",
    "grade('06.9', print)": "KeyError: there is no exercise '06.9'; did you mean '06.2'?",
    "grade('06.1')": "TypeError: grade needs part; it takes number, part, seed, my_test",
    "explain('min.insync.replica')": "LookupError: no setting of a client, topic or broker is"
    " called 'min.insync.replica' in Kafka 2.8 to 4.3; did you mean min.insync.replicas?",
    "explain('acks', scope='prodcer')": "LookupError: no setting stands in 'prodcer'; did you mean"
    " 'producer'?",
    "explain(5)": "TypeError: explain: name must be text, not 5",
    "default_of('acks', '5.x')": "LookupError: no version is called '5.x'; there are '2.8', '3.9'"
    " and '4.x'",
    "Rules().having(elct=print)": "LookupError: there is no part 'elct'; there are ",
    "which_rack(dies='rac A')": "ValueError: which_rack: dies has no choice 'rac A'; did you mean"
    " 'rack A'?",
}
ANSWERED = {"lab.elect(how='prefered')"}  # by the controller, which is asked first
PARTS = {"log", "records", "replication", "cluster", "gallery"}  # by themselves, without a lab
ANY_WORD_WILL_DO = {
    *("produce 0", "send 0", "create_topic 0", "mark 0", "show title", "start_reading rack"),
    *("Lab brokers", "produce retries", "add_partitions 1", "run seed"),
    "SCENARIOS",  # another id may be one, too
}
PAGES = [HOME / "README.md", *sorted((HOME / "chapters").glob("*.ipynb"))]


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """A lab with a topic and a mark, and what else a cell has."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    lab.produce("m0")
    lab.mark("here")
    return NAMES | {"lab": lab}


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_word_is_refused_in_one_line_with_the_right_one(
    call: str, names: dict[str, object]
) -> None:
    """What is wrong, where, and the remedy; and nothing has happened."""
    lab = names["lab"]
    assert isinstance(lab, Lab)
    before = len(lab.journal), len(lab.trace), lab.now_ms
    error = refusal(call, names)
    assert isinstance(error, ToldInOneLine)
    told = f"{kind_told(error)}: {error}"
    whole = WRONG[call].endswith(("made ", "has ", "are "))
    assert told.startswith(WRONG[call]) if whole else told == WRONG[call]
    assert "\n" not in told
    assert call in ANSWERED or before == (len(lab.journal), len(lab.trace), lab.now_ms)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_no_wrong_word_of_a_reader_meets_our_code_by_accident(page: Path) -> None:
    """One letter, one type or one id of each call of a page is another one; all are looked at.

    Parts by themselves, such as a log, take their values as they come: no type of theirs is looked
    at, for a cluster calls them a thousand times a second.
    """
    sources = cells(page)
    after = played(sources)
    unclear = [
        (wrong.text, repr(error))
        for wrong in wrong_calls(sources, after)
        if not (wrong.floor in PARTS and wrong.kind == TYPE)
        if not _is_well(wrong, error := refusal(wrong.text, after))
    ]
    assert [] == unclear


def _is_well(wrong: Wrong, error: BaseException | None) -> bool:
    if error is not None:
        return is_clear(error)
    may_be = wrong.word in ANY_WORD_WILL_DO or wrong.floor in PARTS
    return may_be and wrong.kind in (LETTER, ID)


def test_an_attribute_that_is_not_there_breaks_no_copy() -> None:
    """`hasattr`, `copy`, `deepcopy` and `pickle` ask for names that objects may lack."""
    lab = Lab()
    assert not hasattr(lab, "crsh")
    assert not hasattr(lab, "_repr_html_")
    assert lab.now_ms == copy(lab).now_ms == deepcopy(lab).now_ms
    scenario = SCENARIOS["A9"]
    assert scenario.id == pickle.loads(pickle.dumps(scenario.steps and scenario)).id


def test_a_property_that_fails_tells_its_own_error() -> None:
    """Not that the object lacks the property."""
    lab = Lab()
    del lab.world
    with pytest.raises(AttributeError, match="has no 'world'"):
        lab.view  # noqa: B018


def test_a_client_that_is_still_to_come_may_be_cut_off() -> None:
    """A producer begins with its first record; its link can break before."""
    lab = Lab()
    lab.create_topic("orders", assignment=[[1, 2, 3]])
    for client in ("producer-1", "producer-2", "consumer-1", "admin"):
        lab.cut(client, 1)
    lab.start_reading(client="late")
    lab.cut("late", 1)


def test_the_names_that_a_lab_gives_to_clients_are_one_list() -> None:
    """The door knows them before they come."""
    assert PRODUCER == SendRecord.__dataclass_fields__["client"].default
    assert CONSUMER == StartReading.__dataclass_fields__["client"].default


def test_every_message_that_is_sent_can_be_held_by_its_name() -> None:
    """The names are those of the protocol's classes, and of nothing else."""
    lab = SCENARIOS["A9"].play("bad").lab  # type: ignore[attr-defined]
    sent = {entry.event.name for entry in lab.trace.of(MessageSent)}
    assert {"Fetch", "ProduceResponse", "MetadataUpdate"} <= sent <= set(MESSAGE_NAMES)
    assert len(MESSAGE_NAMES) == len(set(MESSAGE_NAMES))


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    """What runs a reader's cells, without a kernel."""
    quiet = Config({"HistoryManager": {"enabled": False}})
    made = InteractiveShell(config=quiet, colors="nocolor")
    made.run_cell("from kafkabook import Lab\nlab = Lab()\nlab.create_topic('orders')")
    return made


NO_BROKER = "KafkaError: there is no broker 9; there are 1 to 3"
SHOWN = {
    "lab.cut(1, 9)": f"line 1: lab.cut(1, 9)\n{NO_BROKER}",
    "for n in (1, 9):\n    lab.flush(n)": f"line 2: lab.flush(n)\n{NO_BROKER}",
    "lab.crsh(1)": "line 1: lab.crsh(1)\nAttributeError: Lab has no 'crsh'; did you mean 'crash'?",
    "def go():\n    lab.run_for('5')\ngo()": "line 3: go()\nline 2: lab.run_for('5')\n"
    "TypeError: run_for: span_ms must be a whole number, not '5'",
    "lab.fork(lab.now_ms, lambda it: it.crash(9))": 2
    * "line 1: lab.fork(lab.now_ms, lambda it: it.crash(9))\n"
    + NO_BROKER,
    "lab.read(offset=9)": "line 1: lab.read(offset=9)\nLookupError: orders-0: OFFSET_OUT_OF_RANGE;"
    " the log of broker 2 starts at offset 0, and can be read up to 0: read(offset=0)",
}


@pytest.mark.parametrize("cell", SHOWN)
def test_a_cell_shows_its_own_lines_and_one_line_of_ours(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    """No frame of the package stands above the sentence."""
    shell.run_cell(cell)
    assert SHOWN[cell] == capsys.readouterr().out.strip()


def test_a_plain_python_shows_what_it_always_shows() -> None:
    """Who writes a program wants every frame."""
    run = "from kafkabook import Lab; Lab().cut(1, 9)"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, cwd=HOME)
    last = "kafkabook.base.errors.KafkaError: there is no broker 9; there are 1 to 3"
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "network_commands.py" in done.stderr
    assert last == done.stderr.splitlines()[-1]


def test_an_error_of_kafka_is_one_of_the_errors_that_are_told_in_one_line() -> None:
    """So a notebook shows no frame of ours above it."""
    assert issubclass(KafkaError, ToldInOneLine)


GROUPS = (
    *("Make it", "Use it as a client", "Disturb it", "Let time pass", "Look", "Go back", "Show"),
)


def test_help_tells_each_verb_of_a_lab_once_in_groups() -> None:
    """Whoever asks `help(lab)` meets the groups first, and not an alphabet of methods."""
    told = pydoc.plain(pydoc.render_doc(Lab()))
    groups = {name: told.index(f"  {name}:\n") for name in GROUPS}
    assert sorted(groups.values()) == list(groups.values())
    assert groups["Show"] < told.index("Methods defined here")
    verbs = [name for name in vars(Lab) if not name.startswith("_")]
    listed = re.findall(r"^        ((?:\w+, )*\w+)(?:  .+)?$", _groups(), re.MULTILINE)
    assert sorted(verbs) == sorted(word for line in listed for word in line.split(", "))


def _groups() -> str:
    assert Lab.__doc__ is not None
    return Lab.__doc__.partition("    Make it:")[2].partition("    Args:")[0]
