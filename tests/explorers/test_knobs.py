"""A slider says what it turns, in Kafka's words where Kafka has one."""

import pytest

from kafkabook.explorers.knobs import Knob

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
