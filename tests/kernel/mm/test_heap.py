"""The kernel heap against a model of byte ranges."""

from __future__ import annotations

import errno

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.memory_bench import LINEAR_BASE, MemoryBench


@pytest.fixture(scope="module")
def bench() -> MemoryBench:
    return MemoryBench(512)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 9000), st.sampled_from([1, 8, 16, 64, 4096]), st.integers(0, 9)),
        max_size=60,
    )
)
def test_objects_are_zeroed_aligned_and_disjoint(
    bench: MemoryBench, steps: list[tuple[int, int, int]]
) -> None:
    heap = bench.rig.heap
    used = heap.bytes_used
    held: list[tuple[int, int]] = []
    for size, align, choice in steps:
        if choice < 4 and held:
            heap.free_bytes(*held.pop(choice % len(held)))
        address = heap.allocate_bytes(size, align)
        assert address % align == 0
        assert address >= LINEAR_BASE
        for other, length in held:
            assert address + size <= other or other + length <= address
        assert memory_at(bench, address, size) == bytes(size)
        fill(bench, address, size)
        held.append((address, size))
    for address, size in held:
        heap.free_bytes(address, size)
    assert heap.bytes_used == used


def memory_at(bench: MemoryBench, address: int, size: int) -> bytes:
    return bytes(bench.ram.bytes_at(address, size))


def fill(bench: MemoryBench, address: int, size: int) -> None:
    bench.ram.bytes_at(address, size)[:] = b"\xa5" * size


def test_freed_slabs_go_back(bench: MemoryBench) -> None:
    heap = bench.rig.heap
    warm = heap.allocate_bytes(100, 8)
    free = bench.free_frames()
    held = [heap.allocate_bytes(100, 8) for _ in range(500)]
    assert bench.free_frames() < free - 5
    for address in held:
        heap.free_bytes(address, 100)
    heap.free_bytes(warm, 100)
    assert bench.free_frames() >= free - 1


def test_out_of_memory_is_an_error_and_leaks_nothing(bench: MemoryBench) -> None:
    heap = bench.rig.heap
    free = bench.free_frames()
    held: list[int] = []
    with pytest.raises(OSError, match=str(errno.ENOMEM)):
        while True:
            held.append(heap.allocate_bytes(2000, 8))
    assert len(held) > 100
    for address in held:
        heap.free_bytes(address, 2000)
    assert bench.free_frames() >= free - 1
