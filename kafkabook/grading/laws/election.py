"""The laws of electing a leader: stay online, and lose nothing that is committed."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kafkabook.cluster.election import Elected, ElectionFacts
from kafkabook.grading import draws
from kafkabook.grading.draws import Draw
from kafkabook.grading.laws.in_sync import in_a_frozenset
from kafkabook.grading.laws.law import Law, LawBroken, Part, Said, expect

ANY_WORDS = "in your words"


def in_any_words(answer: object) -> object:
    """Take the reason of an election for any other: who reads it is a human."""
    if not isinstance(answer, Elected):
        return answer
    return replace(answer, isr=in_a_frozenset(answer.isr), reason=ANY_WORDS)


def elected(leader: int | None, isr: Iterable[int], *, is_unclean: bool = False) -> Elected:
    """Return the answer of an election; its reason is the learner's own."""
    return Elected(leader, is_unclean, frozenset(isr), ANY_WORDS)


def told(facts: ElectionFacts) -> tuple[str, ...]:
    """Show a call in the words of the chapter."""
    stopping = f"; shutting down {_named(facts.shutting_down)}" if facts.shutting_down else ""
    last = f", last known {_named(facts.last_known_elr)}" if facts.last_known_elr else ""
    ends = zip(facts.replicas, facts.log_ends, strict=False)
    lines = (
        f"replicas  {_listed(facts.replicas)}, led by {facts.leader or 'nobody'}",
        f"sets      isr {_named(facts.isr)}; elr {_named(facts.elr)}{last}",
        f"brokers   alive {_named(facts.alive)}{stopping}",
        f"topic     unclean.leader.election.enable {str(facts.is_unclean_allowed).lower()}",
    )
    heard = ", ".join(f"{broker} has {end}" for broker, end in ends)
    return (*lines, f"log ends  {heard}") if heard else lines


def _listed(brokers: Iterable[int]) -> str:
    return " ".join(map(str, brokers)) or "none"


def _named(brokers: Iterable[int]) -> str:
    return _listed(sorted(brokers))


def a_leader_that_may_lead_stays(part: Part, facts: ElectionFacts) -> None:
    """A leader that is alive and in sync keeps its place, also where another comes before it."""
    expect(elected(facts.leader, facts.isr), part(facts), "Nothing has happened to the leader.")


def the_first_live_member_in_order_leads(part: Part, facts: ElectionFacts) -> None:
    """Of the members that are alive the one leads that comes first among the replicas."""
    _first_of(part, facts)


def an_empty_set_gives_way_to_the_elr(part: Part, facts: ElectionFacts) -> None:
    """Where the ISR is empty the first live one of the ELR leads, cleanly and alone in the ISR."""
    _first_of(part, facts)


def who_shuts_down_is_not_elected(part: Part, facts: ElectionFacts) -> None:
    """A broker in controlled shutdown still answers, and gives its leaderships away."""
    yours = part(facts)
    if not isinstance(yours, Elected) or yours.leader in facts.shutting_down:
        no_one_of = Said(f"a leader that is none of {_named(facts.shutting_down)}")
        raise LawBroken(no_one_of, yours, f"{_named(facts.shutting_down)} will be gone.")


def offline_is_better_than_a_loss(part: Part, facts: ElectionFacts) -> None:
    """Where all are dead that hold what is committed, nobody leads, and the ISR is kept."""
    expect(elected(None, facts.isr), part(facts), "The topic does not allow a loss.")


def an_unclean_leader_is_flagged_and_alone(part: Part, facts: ElectionFacts) -> None:
    """Where the topic allows a loss the first live replica leads: flagged, alone in the ISR."""
    leader = _first(facts, facts.alive)
    expect(elected(leader, {leader}, is_unclean=True), part(facts), "No member of it is alive.")


def a_clean_leader_is_preferred_where_a_loss_is_allowed(part: Part, facts: ElectionFacts) -> None:
    """That a loss is allowed changes nothing as long as a member is alive."""
    _first_of(part, facts)


def the_last_known_leader_comes_back(part: Part, facts: ElectionFacts) -> None:
    """With ISR and ELR empty the last known leader leads if it is alive: flagged, and alone."""
    leader = facts.last_known_elr[0]
    why = "It has the best chance to hold all that is committed; certain it is not."
    expect(elected(leader, {leader}, is_unclean=True), part(facts), why)


def without_a_live_replica_nobody_leads(part: Part, facts: ElectionFacts) -> None:
    """Without a live replica the partition is offline, whatever the topic allows."""
    expect(elected(None, facts.isr), part(facts), "No replica is alive.")


def the_length_of_a_log_does_not_count(part: Part, facts: ElectionFacts) -> None:
    """Between members the order of assignment decides: each holds all that is committed."""
    _first_of(part, facts)


def _first_of(part: Part, facts: ElectionFacts) -> None:
    trusted = (facts.isr or facts.elr) & facts.alive
    leader = _first(facts, trusted)
    why = f"Alive and to be trusted: {_named(trusted)}."
    expect(elected(leader, facts.isr or {leader}), part(facts), why)


def _first(facts: ElectionFacts, among: frozenset[int]) -> int:
    return min(among & set(facts.replicas), key=facts.replicas.index)


def _some(draw: Draw, among: Iterable[int], least: int = 0) -> frozenset[int]:
    brokers = sorted(among)
    bits = draw(draws.integers(1 if least else 0, 2 ** len(brokers) - 1))  # a set costs far more
    return frozenset(broker for place, broker in enumerate(brokers) if bits >> place & 1)


_ORDERS = (
    *((1, 2), (2, 1), (7, 4), (1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 2, 1), (2, 7, 1)),
    *((1, 2, 3, 4), (4, 2, 1, 3), (3, 4, 7, 2), (7, 1, 2, 3)),
)


@draws.composite
def _facts(draw: Draw, /, *, least: int = 2, **known: Any) -> ElectionFacts:
    replicas = draw(draws.sampled_from([order for order in _ORDERS if len(order) >= least]))
    return ElectionFacts(replicas, frozenset(replicas), **known)


@draws.composite
def _with_members(draw: Draw, /, **known: Any) -> tuple[ElectionFacts]:
    """Draw a partition whose leader is dead and whose ISR has a live member."""
    facts = draw(_facts(**known))
    isr = _some(draw, facts.replicas, 1)
    alive = _some(draw, isr, 1) | _some(draw, set(facts.replicas) - isr)
    gone = sorted(set(facts.replicas) - alive)
    leader = draw(draws.sampled_from([None, *gone]))
    return (replace(facts, isr=isr, alive=alive, leader=leader),)


@draws.composite
def _led(draw: Draw) -> tuple[ElectionFacts]:
    (facts,) = draw(_with_members())
    return (replace(facts, leader=draw(draws.sampled_from(sorted(facts.isr & facts.alive)))),)


@draws.composite
def _with_an_elr(draw: Draw, /, **known: Any) -> tuple[ElectionFacts]:
    facts = draw(_facts(**known))
    elr = _some(draw, facts.replicas, 1)
    alive = _some(draw, elr, 1) | _some(draw, set(facts.replicas) - elr)
    return (replace(facts, isr=frozenset(), elr=elr, alive=alive),)


@draws.composite
def _stopping(draw: Draw) -> tuple[ElectionFacts]:
    (facts,) = draw(_with_members(is_unclean_allowed=draw(draws.booleans())))
    gone = _some(draw, facts.replicas, 1)
    leader = draw(draws.sampled_from([facts.leader, *sorted(gone)]))
    return (replace(facts, alive=facts.alive - gone, shutting_down=gone, leader=leader),)


@draws.composite
def _without_members(draw: Draw, /, *, allowed: bool) -> tuple[ElectionFacts]:
    """Draw a partition of which all are dead that hold what is committed, and others are not."""
    facts = draw(_facts(least=3, is_unclean_allowed=allowed))
    brokers = list(facts.replicas)
    gone = _some(draw, brokers, 1) - {draw(draws.sampled_from(brokers))} or frozenset(brokers[:1])
    alive = _some(draw, set(brokers) - gone, 1)
    isr, elr = draw(draws.sampled_from(((gone, frozenset()), (frozenset(), gone))))
    return (replace(facts, isr=isr, elr=elr, alive=alive),)


@draws.composite
def _remembered(draw: Draw) -> tuple[ElectionFacts]:
    facts = draw(_facts(is_unclean_allowed=draw(draws.booleans())))
    alive = _some(draw, facts.replicas, 1)
    last = draw(draws.sampled_from(sorted(alive)))
    return (replace(facts, isr=frozenset(), alive=alive, last_known_elr=(last,)),)


@draws.composite
def _dead(draw: Draw) -> tuple[ElectionFacts]:
    facts = draw(_facts(is_unclean_allowed=draw(draws.booleans())))
    isr = _some(draw, facts.replicas)
    elr = _some(draw, set(facts.replicas) - isr)
    last = () if isr or elr else facts.replicas[-1:]
    return (replace(facts, isr=isr, elr=elr, alive=frozenset({9}), last_known_elr=last),)


@draws.composite
def _measured(draw: Draw) -> tuple[ElectionFacts]:
    """Draw a partition whose first replica is dead, and all others in sync, the last one ahead."""
    facts = draw(_facts(least=3))
    ends = tuple(draw(draws.integers(0, 9)) + 10 * place for place in range(len(facts.replicas)))
    first, *others = facts.replicas
    return (replace(facts, alive=frozenset(others), leader=first, log_ends=ends),)


LAWS = (
    Law(a_leader_that_may_lead_stays, _led(), told, 50),
    Law(the_first_live_member_in_order_leads, _with_members(), told, 50),
    Law(an_empty_set_gives_way_to_the_elr, _with_an_elr(), told, 50),
    Law(without_a_live_replica_nobody_leads, _dead(), told),
    Law(who_shuts_down_is_not_elected, _stopping(), told),
    Law(offline_is_better_than_a_loss, _without_members(allowed=False), told),
    Law(an_unclean_leader_is_flagged_and_alone, _without_members(allowed=True), told, 50),
    Law(
        a_clean_leader_is_preferred_where_a_loss_is_allowed,
        draws.one_of(_with_members(is_unclean_allowed=True), _with_an_elr(is_unclean_allowed=True)),
        told,
    ),
    Law(the_last_known_leader_comes_back, _remembered(), told),
    Law(the_length_of_a_log_does_not_count, _measured(), told),
)
