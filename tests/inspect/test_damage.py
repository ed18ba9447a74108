"""Damaged files: file, byte, batch and reason, after all that was before; never a traceback."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkabook.records.compression import Codec
from kafkabook.records.record import Record
from kafkabook.records.record_batch import RecordBatch
from tests.inspect.directories import FIRST_LOG, SMALL, Ran, a_batch, a_directory, contents, run

BATCHES = 4
EVERY_BIT = 5  # every fifth one, so that each bit of a byte has its turn


def ends_of(folder: Path) -> list[int]:
    """Where the batches of the first segment end."""
    rows = run(folder / FIRST_LOG, "--json", "--headers-only").rows
    return [row["position"] + row["batchLength"] + 12 for row in rows]


def offsets(ran: Ran) -> list[int]:
    """Which records were printed."""
    return [row["offset"] for row in ran.rows]


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.ZSTD])
def test_a_cut_at_any_byte_is_a_torn_tail(tmp_path: Path, codec: Codec) -> None:
    """The whole batches are printed, and the first byte of the torn one is named.

    Its bytes contradict nothing: a crash cut it off, or a broker is writing it. So a hint is asked
    for.
    """
    folder = a_directory(tmp_path, batches=BATCHES, codec=codec)
    path, ends = folder / FIRST_LOG, [0, *ends_of(folder)]
    data = path.read_bytes()
    for size in range(0, len(data) + 1, 1 if codec is Codec.NONE else 3):
        path.write_bytes(data[:size])
        whole = sum(end <= size for end in ends) - 1
        ran = run(path, "--json")
        assert list(range(2 * whole)) == offsets(ran), size
        told = f"{FIRST_LOG}: torn tail at byte {ends[whole]}, batch {2 * whole}: "
        assert (size not in ends) == (ran.exit_code == 4) == ran.err.startswith(told), size
        assert (size not in ends) == ("say --live" in ran.err)


@pytest.mark.parametrize("codec", Codec)
def test_no_flipped_bit_goes_unseen(tmp_path: Path, codec: Codec) -> None:
    """The checksum sees what it covers; the offset chain and the epochs see the rest.

    Kafka does not look at the rest, so a reader has to ask for it to be called damage.
    """
    folder = a_directory(tmp_path, batches=BATCHES, codec=codec)
    path, ends = folder / FIRST_LOG, ends_of(folder)
    data = path.read_bytes()
    outside = [8 * end + bit for end in [0, *ends[:-1]] for bit in range(8 * 17)]
    inside = range(int(codec), 8 * len(data), 31 * EVERY_BIT)
    for bit in sorted({*outside[:: 2 * EVERY_BIT + 1], *inside}):
        path.write_bytes(flipped(data, bit))
        whole = sum(end <= bit // 8 for end in ends)
        ran = run(path, "--json", "--strict")
        is_cut = ran.exit_code == 4  # its length was flipped upwards, so it reaches beyond the file
        assert (4 if is_cut else 1, list(range(2 * whole))) == (ran.exit_code, offsets(ran)), bit
        kind = "torn tail" if whole == BATCHES - 1 else "damage in the middle"
        assert f"{FIRST_LOG}: {kind} at byte {[0, *ends][whole]}, batch {2 * whole}: " in ran.err


@pytest.mark.parametrize(
    ("at", "exit_code", "told"),
    [
        (7, 0, "warning: batch 6 at byte 100: base offset 6 where 2 must follow"),
        (15, 0, "warning: batch 2 at byte 100: leader epoch 4, the checkpoint says 0 at 2"),
        (16, 3, "not read here: magic 6 is a format from after Kafka 4.3"),
        (17, 1, "damage in the middle at byte 100, batch 2: checksum "),
        (70, 1, "damage in the middle at byte 100, batch 2: checksum "),
    ],
)
def test_what_a_flipped_bit_is_called_hangs_on_what_looks_at_it(
    tmp_path: Path, at: int, exit_code: int, told: str
) -> None:
    """What breaks a checksum is damage; what Kafka would keep is a warning, and is shown."""
    folder = a_directory(tmp_path, batches=BATCHES)
    path = folder / FIRST_LOG
    path.write_bytes(flipped(path.read_bytes(), 8 * (100 + at) + 2))
    ran = run(path, "--json")
    assert exit_code == ran.exit_code
    assert told in ran.err
    assert (exit_code == 1) == (len(ran.rows) == 2)


def flipped(data: bytes, bit: int) -> bytes:
    """Return the data with one bit turned."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(max_examples=60)
@given(
    at=st.integers(0, 400),
    junk=st.binary(min_size=1, max_size=70),
    name=st.sampled_from(
        ["log", "index", "timeindex", "snapshot", "txnindex", "epochs", "metadata"]
    ),
    how=st.sampled_from(["--json", "--bytes", "--headers-only"]),
)
def test_no_bytes_bring_it_down(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes, name: str, how: str
) -> None:
    """Whatever somebody wrote over whichever file: an answer, in one of the five exit codes."""
    folder = a_directory(tmp_path_factory.mktemp("fuzz"), batches=12, config=SMALL)
    names = {"epochs": "leader-epoch-checkpoint", "metadata": "partition.metadata"}
    path = folder / names.get(name, f"{'0' * 20}.{name}")
    data = path.read_bytes() if path.exists() else b""
    at %= len(data) + 1
    path.write_bytes(data[:at] + junk + data[at + len(junk) :])
    before = contents(folder)
    assert run(folder, how).exit_code in (0, 1, 2, 3, 4)
    assert run(path, how).exit_code in (0, 1, 2, 3, 4)
    assert before == contents(folder)


def test_nothing_behind_a_hole_is_shown_as_if_there_were_none(tmp_path: Path) -> None:
    """Later segments are named, not printed: a program must not take them for the continuation."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    first, second, *later = sorted(path.name for path in folder.glob("*.log"))
    data = (folder / second).read_bytes()
    (folder / second).write_bytes(data[:-10])
    ran = run(folder, "--json")
    logs = {row["file"] for row in ran.rows if row["file"].endswith(".log")}
    assert (1, {first, second}) == (ran.exit_code, logs)
    assert f"{second}: damage in the middle at byte " in ran.err
    assert all(f"{name}: not shown, it lies behind the damage" in ran.err for name in later)


def test_a_segment_that_ends_too_early_asks_whether_it_was_compacted(tmp_path: Path) -> None:
    """Cut between two batches it looks whole; the next segment's name tells that it is not."""
    folder = a_directory(tmp_path, batches=30, config=SMALL)
    path, ends = folder / FIRST_LOG, ends_of(folder)
    path.write_bytes(path.read_bytes()[: ends[-2]])
    ran = run(path, "--json")
    assert (4, 2 * (len(ends) - 1)) == (ran.exit_code, len(ran.rows))
    assert f"hint missing at byte {ends[-2]}: ends before offset {len(ran.rows)}, " in ran.err
    assert "say --compacted" in ran.err
    assert (0, "") == run(path, "--json", "--compacted")[::2]
    assert 1 == run(path, "--json", "--strict").exit_code


@pytest.mark.parametrize("bases", [(4, 6), (0, 4)])
def test_one_file_of_a_compacted_topic_asks_for_the_hint_and_is_sound_with_it(
    tmp_path: Path, bases: tuple[int, int]
) -> None:
    """It begins, or ends, behind a gap, and nobody beside it says that it may."""
    parts = [a_batch(base, 2, base_offset=base).data for base in bases]
    (tmp_path / FIRST_LOG).write_bytes(b"".join(parts[bases[0] // 4 :]))
    without, with_it = run(tmp_path / FIRST_LOG), run(tmp_path / FIRST_LOG, "--compacted")
    assert (4, 0) == (without.exit_code, with_it.exit_code)
    assert "hint missing at byte" in without.err
    assert "say --compacted" in without.err
    assert without.out.splitlines() == with_it.out.splitlines()


def test_the_damaged_header_itself_is_shown_among_the_bytes(tmp_path: Path) -> None:
    """What stands there is what a person wants to see next."""
    folder = a_directory(tmp_path, batches=2)
    path = folder / FIRST_LOG
    path.write_bytes(flipped(path.read_bytes(), 8 * 122 + 3))
    ran = run(path, "--bytes")
    assert 1 == ran.exit_code
    assert " the damaged batch, as it stands" in ran.out.splitlines()
    assert ["121", "00", "08", "attributes", "8"] in [line.split() for line in ran.out.splitlines()]


def test_records_that_are_none_under_a_right_checksum(tmp_path: Path) -> None:
    """A checksum proves that nobody changed the bytes, not that they made sense."""
    good = a_batch(0, 2, partition_leader_epoch=0)
    header = good.header._replace(records_count=1)
    bad = RecordBatch(resealed(good.data, 57, header.records_count.to_bytes(4)))
    (tmp_path / FIRST_LOG).write_bytes(bad.data)
    ran = run(tmp_path / FIRST_LOG, "--json", "--compacted")
    assert (1, "") == (ran.exit_code, ran.out)
    assert "the checksum is right, but the records are not: " in ran.err


def test_a_batch_that_is_not_unpacked_is_no_damage(tmp_path: Path) -> None:
    """A limit of ours has an exit code of its own, and an option that raises it."""
    big = RecordBatch.of([Record(None, bytes(3_000_000))], codec=Codec.GZIP, base_offset=1)
    parts = [a_batch(0), big, a_batch(2, base_offset=2)]
    (tmp_path / FIRST_LOG).write_bytes(b"".join(batch.data for batch in parts))
    limited = run(tmp_path / FIRST_LOG, "--json", "--max-decompressed", 1)
    shown = [row.get("offset") for row in limited.rows]
    assert (3, [0, None, 2]) == (limited.exit_code, shown)
    assert 1 == limited.rows[1]["recordsCount"]
    told = f"{FIRST_LOG}: not read here: 2.9 KiB decompress to more than 1 MiB, where kafkabook"
    assert told in limited.err
    assert f"{FIRST_LOG}: records of the batch at byte 80 are not shown" in limited.err
    assert "kafkabook inspect --max-decompressed" in limited.err
    whole = run(tmp_path / FIRST_LOG, "--json")
    assert (0, [0, 1, 2], "") == (whole.exit_code, offsets(whole), whole.err)


def resealed(data: bytes, at: int, change: bytes) -> bytes:
    """Return a batch with other bytes at `at`, and a checksum that agrees."""
    from kafkabook.records.checksum import crc32c

    changed = data[:at] + change + data[at + len(change) :]
    return changed[:17] + crc32c(changed[21:]).to_bytes(4) + changed[21:]


def test_an_index_that_points_beside_a_batch_is_named(tmp_path: Path) -> None:
    """Every entry must lead to the start of the batch that ends with its offset (L5)."""
    folder = a_directory(tmp_path, batches=20, config=SMALL)
    path = folder / f"{'0' * 20}.index"
    data = path.read_bytes()
    seen = 0
    for bit in range(8 * len(data)):
        path.write_bytes(flipped(data, bit))
        ran = run(path, "--json")
        seen += ran.exit_code == 1
        assert ran.exit_code == 1 or "append of several batches" in ran.err, bit
    assert seen > 6 * len(data)


def test_an_index_as_older_brokers_wrote_it_is_sound(tmp_path: Path) -> None:
    """Up to 4.0.0 an entry named the last offset of the whole append (KAFKA-806)."""
    first = a_batch(0, 2, partition_leader_epoch=0)
    second = a_batch(2, 2, base_offset=2, partition_leader_epoch=0)
    (tmp_path / FIRST_LOG).write_bytes(first.data + second.data)
    path = tmp_path / f"{'0' * 20}.index"
    path.write_bytes((3).to_bytes(4) + (0).to_bytes(4))
    ran = run(path, "--json")
    assert (0, [{"file": path.name, "offset": 3, "position": 0}]) == (ran.exit_code, ran.rows)
    assert "1 entries name the last offset of an append of several batches" in ran.err


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (f"{'0' * 20}.index", b"\0\0\0\1\0\0\0\2\1", "damage at byte 8: 1 bytes are left"),
        (f"{'0' * 20}.timeindex", bytes(11) + b"\1" + bytes(11) + b"\1", "damage at byte 12: "),
        (f"{'0' * 20}.snapshot", b"\0\1", "damage at byte 2: 2 bytes, the head of a snapshot"),
        (
            f"{'0' * 20}.snapshot",
            bytes.fromhex("000148674bc800000000"),
            "damage at byte 2: checksum",
        ),
        (f"{'0' * 20}.txnindex", bytes(33), "damage at byte 0: 33 bytes are left"),
        ("leader-epoch-checkpoint", b"0\n2\n1 1\n", ", line 2: 2 lines announced, 1 follow"),
        ("leader-epoch-checkpoint", b"0\n" + b"9" * 5000 + b"\n", ": "),
        ("cleaner-offset-checkpoint", b"0\n1\norders zero 1\n", ", line 3: "),
        ("partition.metadata", b"\xff", ", line 1: byte 0 is not text"),
        ("meta.properties", b"version\n", ": version '' instead of 0 or 1"),
        (".kafka_cleanshutdown", b"{", "not the JSON that Kafka writes"),
        ("quorum-state", b"[" * 200_000, "nested too deep"),
        ("quorum-state", b"[]", "not the JSON object"),
    ],
)
def test_each_kind_of_file_says_where_and_why(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    """One line: the file, the place, the reason."""
    (tmp_path / name).write_bytes(data)
    ran = run(tmp_path / name, "--json")
    assert 1 == ran.exit_code
    assert ran.err.startswith(name)
    assert reason in ran.err
    assert 1 == len(ran.err.splitlines())


def test_zeros_behind_the_last_batch_are_room(tmp_path: Path) -> None:
    """`preallocate=true` leaves them in the active segment of a broker that was killed."""
    folder = a_directory(tmp_path, batches=1)
    path = folder / FIRST_LOG
    path.write_bytes(path.read_bytes() + bytes(3_000_000))
    ran = run(path, "--json")
    assert (0, [0, 1]) == (ran.exit_code, offsets(ran))
    assert "2.9 MiB of zeros from byte 100 on, set aside and not used" in ran.err
