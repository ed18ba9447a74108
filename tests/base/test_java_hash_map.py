"""The order in which Java walks a HashMap, beside what Java itself answered."""

import json
from pathlib import Path

import pytest

from kafkabook.base.java_hash_map import hash_map_order, long_hash, string_hash

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "vectors.json").read_text())


@pytest.mark.parametrize("walk", VECTORS["java_hashmap_iteration_order"])
def test_strings_come_out_as_java_walks_them(walk: dict[str, list[str]]) -> None:
    """Sticky assignments depend on it; the six walks were recorded from Java 17."""
    assert walk["iteration_order"] == hash_map_order(walk["insert_order"], string_hash)


def test_small_numbers_come_out_ascending_whatever_the_order_of_arrival() -> None:
    """A small Long is its own hash, so snapshots of few producers look sorted."""
    assert [0, 1, 7, 9] == hash_map_order([9, 1, 7, 0], long_hash)


def test_a_number_beyond_the_table_wraps_into_it() -> None:
    """16 shares a bucket with 0 and stands behind it only if it came later."""
    assert [[16, 0, 1], [0, 16, 1]] == [
        hash_map_order([16, 0, 1], long_hash),
        hash_map_order([0, 16, 1], long_hash),
    ]


def test_a_table_that_has_grown_keeps_its_size() -> None:
    """Keys that were removed still show in the order of those that stayed."""
    assert [[16, 1], [1, 16]] == [
        hash_map_order([16, 1], long_hash),
        hash_map_order([16, 1], long_hash, buckets=32),
    ]
