"""The frame allocator against a model: blocks handed out never overlap, and all come back."""

from __future__ import annotations

import errno

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.memory_bench import PAGE_SIZE, RAM_BASE, MemoryBench

PAGES = 300
"""No power of two, and its end is aligned to nothing."""


@pytest.fixture(scope="module")
def bench() -> MemoryBench:
    return MemoryBench(PAGES)


def owned(frame: int, order: int) -> set[int]:
    first = (frame - RAM_BASE) // PAGE_SIZE
    return set(range(first, first + (1 << order)))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(st.integers(0, 5), st.integers(-50, -1)), max_size=80))
def test_blocks_are_aligned_disjoint_and_come_back(bench: MemoryBench, steps: list[int]) -> None:
    frames = bench.rig.frames
    free_before = bench.free_frames()
    held: list[tuple[int, int]] = []
    taken: set[int] = set()
    for step in steps:
        if step < 0:
            if held:
                frame, order = held.pop(-step % len(held))
                frames.put(frame)
                taken -= owned(frame, order)
            continue
        try:
            frame = frames.alloc(step)
        except OSError as error:
            assert error.errno == errno.ENOMEM
            continue
        assert frame % (PAGE_SIZE << step) == 0
        assert not taken & owned(frame, step)
        assert max(owned(frame, step)) < PAGES
        taken |= owned(frame, step)
        held.append((frame, step))
        assert bench.free_frames() == free_before - len(taken)
    for frame, _ in held:
        frames.put(frame)
    assert bench.free_frames() == free_before


def test_every_frame_can_be_had_and_then_none(bench: MemoryBench) -> None:
    frames = bench.rig.frames
    free = bench.free_frames()
    held = [frames.alloc(0) for _ in range(free)]
    assert len(set(held)) == free
    with pytest.raises(OSError, match=str(errno.ENOMEM)):
        frames.alloc(0)
    for frame in held:
        frames.put(frame)
    assert bench.free_frames() == free


def test_small_frees_merge_to_large_blocks(bench: MemoryBench) -> None:
    frames = bench.rig.frames
    held = [frames.alloc(0) for _ in range(bench.free_frames())]
    # The last ones stay in the CPU's cache: the lowest, so that the upper ones can merge.
    for frame in sorted(held, reverse=True):
        frames.put(frame)
    block = frames.alloc(7)
    frames.put(block)


def test_the_last_reference_frees(bench: MemoryBench) -> None:
    frames = bench.rig.frames
    free = bench.free_frames()
    frame = frames.alloc(0)
    frames.get(frame)
    assert frames.references(frame) == 2
    frames.put(frame)
    assert bench.free_frames() == free - 1
    frames.put(frame)
    assert bench.free_frames() == free


def test_a_frame_that_is_free_cannot_be_freed_again(bench: MemoryBench) -> None:
    frames = bench.rig.frames
    frame = frames.alloc(3)
    frames.put(frame)
    with pytest.raises(BaseException, match="not in use"):
        frames.put(frame)


def test_the_chosen_allocation_fails_once(bench: MemoryBench) -> None:
    frames = bench.rig.frames
    bench.rig.fault.fail_after(3)
    held = [frames.alloc(0), frames.alloc(0)]
    with pytest.raises(OSError, match=str(errno.ENOMEM)):
        frames.alloc(0)
    held.append(frames.alloc(0))
    for frame in held:
        frames.put(frame)


def test_zeroed_frames_hold_zeros(bench: MemoryBench) -> None:
    frames = bench.rig.frames
    frame = frames.alloc(0)
    bench.program.write_byte(frame, 77, 5)
    frames.put(frame)
    again = frames.alloc_zeroed()
    assert again == frame, "the frame freed last is given first"
    assert bench.program.read_byte(again, 77) == 0
    frames.put(again)
