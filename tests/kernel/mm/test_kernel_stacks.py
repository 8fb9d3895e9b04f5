"""Kernel stacks: slots are used again, few stay mapped, and nothing leaks when memory ends."""

from __future__ import annotations

import pytest

from tests.kernel.memory_bench import PAGE_SIZE, MemoryBench

STACK_PAGES = 4
SPARE = 8
SLOT = 0x8000


@pytest.fixture
def bench() -> MemoryBench:
    return MemoryBench(256)


def test_stacks_are_upper_halves_of_different_slots(bench: MemoryBench) -> None:
    tops = [bench.program.new_stack(bench.rig) for _ in range(12)]
    assert len(set(tops)) == len(tops)
    assert all(top % SLOT == 0 for top in tops)


def test_only_some_free_stacks_stay_mapped(bench: MemoryBench) -> None:
    tops = [bench.program.new_stack(bench.rig) for _ in range(20)]
    free = bench.free_frames()
    for top in tops:
        bench.program.free_stack(bench.rig, top)
    assert bench.free_frames() == free + (len(tops) - SPARE) * STACK_PAGES
    again = [bench.program.new_stack(bench.rig) for _ in range(20)]
    assert set(again) == set(tops), "slots are used again before new ones"
    assert bench.free_frames() == free


def test_a_stack_that_cannot_be_mapped_leaks_nothing(bench: MemoryBench) -> None:
    tops = [bench.program.new_stack(bench.rig) for _ in range(10)]
    for top in tops:
        bench.program.free_stack(bench.rig, top)
    for _ in range(SPARE):
        bench.program.new_stack(bench.rig)
    free = bench.free_frames()
    for allocation in range(1, STACK_PAGES + 1):
        bench.rig.fault.fail_after(allocation)
        with pytest.raises(OSError, match="12"):
            bench.program.new_stack(bench.rig)
        assert bench.free_frames() == free
    reused = {bench.program.new_stack(bench.rig) for _ in range(2)}
    assert reused <= set(tops)
    assert bench.free_frames() == free - 2 * STACK_PAGES


def test_pages_of_a_stack_are_frames_of_their_own(bench: MemoryBench) -> None:
    top = bench.program.new_stack(bench.rig)
    frames = {
        bench.program.stack_frame(bench.rig, top - (page + 1) * PAGE_SIZE) for page in range(4)
    }
    assert len(frames) == STACK_PAGES
    assert bench.program.stack_frame(bench.rig, top - 5 * PAGE_SIZE) == 0
