"""A slider says what it turns, in Kafka's words where Kafka has one."""

import pytest

from kafkabook.explorers.knobs import Knob, Value

HARD_SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("knob", "label", "texts"),
    [
        (
            Knob("segment_bytes", (1_024, 1_073_741_824)),
            "segment.bytes",
            (f"1{HARD_SPACE}024 bytes = 1 KiB",
             f"1{HARD_SPACE}073{HARD_SPACE}741{HARD_SPACE}824 bytes = 1 GiB · default"),
        ),
        (Knob("acks", ("all", "1")), "acks", ("all · default", "1")),
        (Knob("fetch_every_ms", (500,)), "fetch every", ("500 ms",)),
        (Knob("leader_dies", (False, True)), "leader dies", ("no", "yes")),
        (Knob("records", (3, 4)), "records", ("3", "4")),
        (Knob("full_percent", (3, 4)), "full", ("3 %", "4 %")),
    ],
)  # fmt: skip
def test_a_knob_wears_its_key_its_unit_and_the_default(
    knob: Knob, label: str, texts: tuple[str, ...]
) -> None:
    """Default means today's; a value that is not offered marks nothing."""
    assert (label, texts) == (knob.label, knob.texts())


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (tuple("abcdef"), "menu"),
        (tuple("abcde"), "buttons"),
        ((False, True), "buttons"),
        ((5, None, 3), "buttons"),
        ((1, 3), "slider"),
        (tuple(range(9)), "slider"),
    ],
)
def test_named_choices_are_buttons_or_a_menu_and_a_range_is_a_slider(
    given: tuple[Value, ...], kind: str
) -> None:
    """Up to five names can be seen at once; numbers have an order, so they can be slid through."""
    assert kind == Knob("use_case", given).kind


@pytest.mark.parametrize(
    ("given", "values", "start"),
    [
        ((600, 0, 20_000), (0, 600, 20_000), 1),
        ((1, 0.5), (0.5, 1), 1),
        ((3, 1, 2), (1, 2, 3), 2),
        (("none", "gzip"), ("none", "gzip"), 0),
        ((True, False), (True, False), 0),
        ((5, None, 3), (5, None, 3), 0),
    ],
)
def test_numbers_stand_in_order_and_the_start_stays(
    given: tuple[Value, ...], values: tuple[Value, ...], start: int
) -> None:
    """A slider whose right end is not the most is a puzzle; words have an order of their own."""
    knob = Knob("size", given)
    assert (values, start) == (knob.values, knob.start)
