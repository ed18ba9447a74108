"""Seeded bugs are listed once, in the package that they are put into; a lab joins the lists."""

from dataclasses import fields
from itertools import chain

from kafkabook.checkers.all import CHECKERS
from kafkabook.lab.bugs import BUGS, BUGS_OF
from kafkabook.lab.rules import Rules


def test_every_package_with_rules_has_its_registry_and_no_two_share_a_name() -> None:
    """A name that stands twice would hide a bug."""
    assert {package.name for package in fields(Rules)} == set(BUGS_OF)
    assert list(BUGS) == list(chain.from_iterable(BUGS_OF.values()))


def test_a_bug_changes_its_own_package_and_no_other() -> None:
    """The sound parts stay as they are."""
    today = Rules()
    for package, bugs in BUGS_OF.items():
        changed = {
            name: [it.name for it in fields(Rules) if _differs(BUGS[name].put_into(today), it.name)]
            for name in bugs
        }
        assert {name: [package] for name in bugs} == changed


def _differs(rules: Rules, package: str) -> bool:
    return bool(getattr(rules, package) != getattr(Rules(), package))


def test_checkers_have_different_names() -> None:
    """A promise is looked up by the name of its checker."""
    names = [checker.name for checker in CHECKERS]
    assert len(set(names)) == len(names)
