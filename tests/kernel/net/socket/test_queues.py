"""The queues of a TCP connection: every byte once and in order, and all memory back."""

from __future__ import annotations

import random
from typing import Any

import pytest

import bare
from bare.checked.memory import Memory
from tests.kernel.net.rig import RAM_BASE, RigCpu

MODULE = "tests.kernel.net.socket.queue_rig"
PAGES = 600
WRAP = 2**32


def load(sequence: int = 1000) -> Any:
    memory = Memory()
    memory.add_ram(RAM_BASE, PAGES * 4096)
    module = bare.load(MODULE, memory=memory, machine=RigCpu()).module(MODULE)
    module.start(RAM_BASE, PAGES, sequence)
    return module


def test_in_order_bytes_are_ready_at_once() -> None:
    rig = load()
    rig.insert(1000, 1400)
    rig.insert(2400, 1400)
    assert rig.received_to() == 3800
    assert rig.read(10_000, 0) == 2800
    assert rig.packets_in_use() == 0


def test_bytes_behind_a_gap_wait_for_it() -> None:
    rig = load()
    rig.insert(2400, 1400)
    rig.insert(5200, 1400)
    assert rig.received_to() == 1000 and rig.read(1, 0) == 0
    rig.insert(1000, 1400)
    assert rig.received_to() == 3800
    rig.insert(3800, 1400)
    assert rig.received_to() == 6600
    assert rig.read(10_000, 0) == 5600


def test_what_comes_twice_is_kept_once() -> None:
    rig = load()
    rig.insert(2000, 1000)
    rig.insert(2000, 1000)
    rig.insert(1800, 1400)
    rig.insert(2100, 100)
    assert rig.packets_in_use() == 1
    rig.insert(900, 1000)
    rig.insert(1000, 500)
    assert rig.received_to() == 3200
    assert rig.read(10_000, 0) == 2200
    assert rig.packets_in_use() == 0


def test_a_stream_of_single_bytes_costs_few_packets() -> None:
    rig = load()
    for index in range(3000):
        rig.insert(1000 + index, 1)
    assert rig.packets_in_use() <= 3
    for index in range(1000):
        rig.insert(10_000 + index, 1)
    assert rig.packets_in_use() <= 4
    assert rig.read(10_000, 0) == 3000


def test_a_reader_puts_back_what_it_did_not_read() -> None:
    rig = load()
    rig.insert(1000, 1400)
    rig.insert(2400, 1400)
    assert rig.read(1, 100) == 1300
    assert rig.read(50, 1) == 99
    assert rig.read(10_000, 0) == 1401


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_segments_gives_the_stream(seed: int) -> None:
    dice = random.Random(seed)
    first = WRAP - 3000 if seed % 2 else 1000
    rig = load(first)
    length = 20_000
    missing = set(range(length))
    read = 0
    while missing or read < length:
        start = min(missing) if missing and dice.random() < 0.3 else dice.randrange(length)
        size = min(dice.choice([1, 3, 200, 641, 1460]), length - start)
        if (rig.received_to() - first) % WRAP >= length and not missing:
            pass
        elif start + size - read < 12_000:
            rig.insert((first + start) % WRAP, size)
            missing -= set(range(start, start + size))
        assert rig.packets_counted() == rig.packets_in_use()
        done = rig.read(dice.randrange(1, 3000), dice.choice([0, 0, 7]))
        assert done >= 0, "wrong bytes"
        read += done
    assert rig.packets_in_use() == 0


def test_clearing_gives_every_packet_back() -> None:
    rig = load()
    rig.insert(1000, 700)
    rig.insert(4000, 700)
    rig.clear_receiving()
    assert rig.packets_in_use() == 0


def test_segments_point_into_chunks() -> None:
    rig = load()
    rig.queue(4096, 0)
    rig.queue(1000, 1)
    rig.queue(3001, 1)
    assert rig.segment(0, 1460) == 1460
    assert rig.segment(3500, 2500) == 2500
    assert rig.segment(0, 8000) == 8000
    assert rig.segment(8000, 97) == 97


def test_a_segment_of_too_many_pieces_is_cut() -> None:
    rig = load()
    for _ in range(8):
        rig.queue(101, 1)
    assert rig.segment(50, 700) == 51 + 5 * 101
    assert rig.segment(607, 100) == 100


def test_a_chunk_that_is_being_filled_outlives_its_bytes() -> None:
    rig = load()
    rig.queue(100, 0)
    assert rig.begin_filling() == 4096 - 100
    rig.acknowledge(100)
    assert rig.send_length() == 0 and rig.send_frames() == 1
    assert rig.end_filling(50) == 1
    assert rig.segment(0, 50) == 50
    assert rig.begin_filling() == 4096 - 150
    rig.clear_sending()
    assert rig.end_filling(10) == 0


def test_pages_of_files_are_not_written_to() -> None:
    rig = load()
    rig.queue(100, 1)
    assert rig.begin_filling() == 0


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_sending_keeps_bytes_and_memory(seed: int) -> None:
    dice = random.Random(seed)
    rig = load()
    rig.queue(1, 0)
    rig.acknowledge(1)
    before = rig.free_frames()
    for _ in range(400):
        length = rig.send_length()
        choice = dice.random()
        if choice < 0.35 and length < 60_000:
            rig.queue(dice.choice([1, 100, 3000, 4000]), dice.randrange(2))
        elif choice < 0.5:
            room = rig.begin_filling()
            if room:
                rig.end_filling(dice.randrange(min(room, 500) + 1))
        elif choice < 0.6 and length:
            rig.acknowledge(dice.randrange(1, length + 1))
        elif length:
            offset = dice.randrange(length)
            wanted = min(dice.choice([1, 536, 1460]), length - offset)
            assert 0 < rig.segment(offset, wanted) <= wanted
    rig.clear_sending()
    assert rig.send_frames() == 0
    assert before - rig.free_frames() <= 1, "frames are gone"
