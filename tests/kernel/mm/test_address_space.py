"""Address spaces against a model: a dictionary of pages with protection and contents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.memory_bench import (
    EXECUTE,
    PAGE_SIZE,
    READ,
    SHARED,
    WRITE,
    MemoryBench,
)

BASE = 0x4000_0000 - 8 * PAGE_SIZE
"""Half of the pages lie in another leaf table than the rest."""
SPAN = 16
USER_BIT = 1 << 6
"""AP[1] of an entry: EL0 may access."""
PAGES = st.integers(0, SPAN - 1)
PROTECTIONS = st.sampled_from([0, READ, READ | WRITE, READ | EXECUTE, READ | WRITE | EXECUTE])


@dataclass
class Page:
    """What the model knows of a page."""

    protection: int
    is_shared: bool = False
    file_page: int | None = None
    own: int | None = None
    """First byte, where the page is a private copy or anonymous; None before a write."""


@dataclass
class Model:
    """An address space as it should be."""

    space: Any
    pages: dict[int, Page] = field(default_factory=dict)


@dataclass
class World:
    """All address spaces of one example."""

    bench: MemoryBench
    spaces: list[Model]
    file_bytes: dict[int, int] = field(default_factory=dict)

    def file_byte(self, index: int) -> int:
        return self.file_bytes.get(index, index + 1)


def expected_byte(world: World, page: Page) -> int:
    if page.own is not None:
        return page.own
    return 0 if page.file_page is None else world.file_byte(page.file_page)


def address_of(page: int) -> int:
    return BASE + page * PAGE_SIZE


def do_map(world: World, model: Model, start: int, count: int, protection: int, kind: int) -> None:
    end = min(start + count, SPAN)
    program = world.bench.program
    program.unmap(model.space, address_of(start), address_of(end))
    if kind == 0:
        program.map_zeros(model.space, address_of(start), address_of(end), protection, 0)
    else:
        flags = SHARED if kind == 2 else 0
        program.map_file(
            world.bench.rig,
            model.space,
            address_of(start),
            address_of(end),
            protection,
            flags,
            start,
        )
    for page in range(start, end):
        model.pages[page] = Page(protection, kind == 2, None if kind == 0 else page)


def do_unmap(world: World, model: Model, start: int, count: int) -> None:
    end = min(start + count, SPAN)
    world.bench.program.unmap(model.space, address_of(start), address_of(end))
    for page in range(start, end):
        model.pages.pop(page, None)


def do_protect(world: World, model: Model, start: int, count: int, protection: int) -> None:
    end = min(start + count, SPAN)
    program = world.bench.program
    if all(page in model.pages for page in range(start, end)):
        program.protect(model.space, address_of(start), address_of(end), protection)
        for page in range(start, end):
            model.pages[page].protection = protection
    else:
        with pytest.raises(OSError, match="12"):
            program.protect(model.space, address_of(start), address_of(end), protection)


def do_read(world: World, model: Model, page: int) -> None:
    bench = world.bench
    result = bench.program.fault_in(model.space, address_of(page) + 5, bench.access.READ)
    known = model.pages.get(page)
    if known is None:
        assert result == bench.results.NO_AREA
    elif known.protection == 0:
        assert result == bench.results.NOT_ALLOWED
    else:
        assert result == bench.results.RESOLVED
        frame = bench.program.frame_of(model.space, address_of(page))
        assert bench.program.read_byte(frame, 0) == expected_byte(world, known)


def do_write(world: World, model: Model, page: int, value: int) -> None:
    bench = world.bench
    result = bench.program.fault_in(model.space, address_of(page), bench.access.WRITE)
    known = model.pages.get(page)
    if known is None:
        assert result == bench.results.NO_AREA
        return
    if not known.protection & WRITE:
        assert result == bench.results.NOT_ALLOWED
        return
    assert result == bench.results.RESOLVED
    assert bench.program.can_write(model.space, address_of(page))
    frame = bench.program.frame_of(model.space, address_of(page))
    assert bench.program.read_byte(frame, 0) == expected_byte(world, known)
    bench.program.write_byte(frame, 0, value)
    if known.is_shared:
        assert known.file_page is not None
        world.file_bytes[known.file_page] = value
    else:
        known.own = value


def do_fork(world: World, model: Model) -> None:
    child = Model(world.bench.program.fork(model.space))
    for number, page in model.pages.items():
        child.pages[number] = Page(page.protection, page.is_shared, page.file_page, page.own)
    world.spaces.append(child)


def check_entries(world: World, model: Model) -> None:
    """No entry allows what the model forbids, and every mapped page has the right contents."""
    program = world.bench.program
    resident = 0
    for page in range(SPAN):
        frame = program.frame_of(model.space, address_of(page))
        if frame == 0:
            continue
        resident += 1
        known = model.pages[page]
        assert program.read_byte(frame, 0) == expected_byte(world, known)
        if program.can_write(model.space, address_of(page)):
            assert known.protection & WRITE
            assert known.is_shared or world.bench.rig.frames.references(frame) == 1
    assert model.space.resident_pages == resident
    assert model.space.mapped_pages == len(model.pages)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("map"), PAGES, st.integers(1, 6), PROTECTIONS, st.integers(0, 2)),
        st.tuples(st.just("unmap"), PAGES, st.integers(1, 6)),
        st.tuples(st.just("protect"), PAGES, st.integers(1, 4), PROTECTIONS),
        st.tuples(st.just("read"), PAGES),
        st.tuples(st.just("write"), PAGES, st.integers(100, 200)),
        st.tuples(st.just("fork")),
        st.tuples(st.just("end")),
    ),
    max_size=40,
)
ACTIONS = {
    "map": do_map,
    "unmap": do_unmap,
    "protect": do_protect,
    "read": do_read,
    "write": do_write,
    "fork": do_fork,
}


@settings(deadline=None, max_examples=30)
@given(STEPS, st.lists(st.integers(0, 7), min_size=40, max_size=40))
def test_address_spaces_behave_like_the_model(steps: list[Any], choices: list[int]) -> None:
    bench = MemoryBench(512)
    bench.rig.source.pages = SPAN
    free = bench.free_frames()
    world = World(bench, [Model(bench.program.new_space(bench.rig))])
    for step, choice in zip(steps, choices, strict=False):
        model = world.spaces[choice % len(world.spaces)]
        if step[0] != "end":
            ACTIONS[step[0]](world, model, *step[1:])  # type: ignore[operator]
        elif len(world.spaces) > 1:
            bench.program.destroy(model.space)
            world.spaces.remove(model)
        for each in world.spaces:
            check_entries(world, each)
    for model in world.spaces:
        bench.program.destroy(model.space)
    assert bench.rig.source.references == 0
    cached = sum(1 for frame in bench.rig.source.cached if frame != 0)
    slabs = free - cached - bench.free_frames()
    assert slabs <= 4, "only slabs of the heap may be left"


@pytest.fixture
def bench() -> MemoryBench:
    made = MemoryBench(512)
    made.rig.source.pages = SPAN
    return made


def test_the_last_sharer_gets_the_page_without_a_copy(bench: MemoryBench) -> None:
    program = bench.program
    parent = program.new_space(bench.rig)
    program.map_zeros(parent, BASE, BASE + PAGE_SIZE, READ | WRITE, 0)
    program.fault_in(parent, BASE, bench.access.WRITE)
    frame = program.frame_of(parent, BASE)
    child = program.fork(parent)
    assert program.frame_of(child, BASE) == frame
    assert not program.can_write(parent, BASE)
    program.destroy(child)
    program.fault_in(parent, BASE, bench.access.WRITE)
    assert program.frame_of(parent, BASE) == frame
    assert program.can_write(parent, BASE)


def test_a_page_beyond_the_file_is_an_error(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    program.map_file(bench.rig, space, BASE, BASE + 2 * PAGE_SIZE, READ, 0, SPAN - 1)
    assert program.fault_in(space, BASE, bench.access.READ) == bench.results.RESOLVED
    beyond = program.fault_in(space, BASE + PAGE_SIZE, bench.access.READ)
    assert beyond == bench.results.BEYOND_FILE


def test_a_page_that_cannot_be_read_is_an_error_and_keeps_no_reference(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    program.map_file(bench.rig, space, BASE, BASE + PAGE_SIZE, READ, 0, 3)
    bench.rig.source.failing = 3
    assert program.fault_in(space, BASE, bench.access.READ) == bench.results.BEYOND_FILE
    assert bench.rig.source.references == 1, "the area's"


def test_a_fault_on_a_file_maps_cached_neighbours(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    for index in range(SPAN):
        bench.rig.frames.put(bench.rig.source.get_page(index))
    program.map_file(bench.rig, space, BASE, BASE + SPAN * PAGE_SIZE, READ, 0, 0)
    program.fault_in(space, BASE + PAGE_SIZE, bench.access.READ)
    assert space.resident_pages > 4
    assert program.frame_of(space, BASE) == bench.rig.source.cached[0]


def test_the_stack_grows_to_its_limit_and_no_further(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    top = 0x7FFF_FFFF_0000
    program.map_zeros(space, top - 4 * PAGE_SIZE, top, READ | WRITE, 2)
    grown = top - 100 * PAGE_SIZE
    assert program.fault_in(space, grown, bench.access.WRITE) == bench.results.RESOLVED
    assert space.mapped_pages == 100
    too_far = top - (8 << 20) - PAGE_SIZE
    assert program.fault_in(space, too_far, bench.access.WRITE) == bench.results.NO_AREA


def test_the_stack_does_not_grow_into_the_gap_above_another_area(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    top = 0x7FFF_FFFF_0000
    program.map_zeros(space, top - 4 * PAGE_SIZE, top, READ | WRITE, 2)
    other = top - 64 * PAGE_SIZE
    program.map_zeros(space, other - PAGE_SIZE, other, READ, 0)
    near = program.fault_in(space, other + PAGE_SIZE, bench.access.WRITE)
    assert near == bench.results.NO_AREA


def test_the_break_grows_and_shrinks(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    space.break_start = space.break_end = BASE
    assert program.move_break(space, BASE + 5000) == BASE + 5000
    assert space.mapped_pages == 2
    assert program.fault_in(space, BASE + PAGE_SIZE, bench.access.WRITE) == bench.results.RESOLVED
    assert program.move_break(space, BASE + 100) == BASE + 100
    assert (space.mapped_pages, space.resident_pages) == (1, 0)
    assert program.move_break(space, BASE - PAGE_SIZE) == BASE + 100


def test_gaps_are_found_downward_and_hints_kept(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    first = program.gap(space, 3 * PAGE_SIZE, 0)
    program.map_zeros(space, first, first + 3 * PAGE_SIZE, READ, 0)
    second = program.gap(space, PAGE_SIZE, 0)
    assert second == first - PAGE_SIZE
    assert program.gap(space, PAGE_SIZE, BASE + 17) == BASE
    assert program.gap(space, PAGE_SIZE, first) == second


def test_bad_ranges_are_refused(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    for start, end in [
        (BASE + 1, BASE + PAGE_SIZE),
        (BASE, BASE),
        (0, PAGE_SIZE),
        (1 << 47, 1 << 48),
    ]:
        with pytest.raises(OSError, match="22"):
            program.map_zeros(space, start, end, READ, 0)


@pytest.mark.parametrize("allocation", range(1, 14))
def test_a_failing_allocation_during_fork_leaks_nothing(
    bench: MemoryBench, allocation: int
) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    program.map_zeros(space, BASE, BASE + 12 * PAGE_SIZE, READ | WRITE, 0)
    program.map_file(bench.rig, space, BASE + 12 * PAGE_SIZE, BASE + 14 * PAGE_SIZE, READ, 0, 0)
    for page in range(14):
        program.fault_in(space, BASE + page * PAGE_SIZE, bench.access.READ)
    program.destroy(program.fork(space))
    free = bench.free_frames()
    bench.rig.fault.fail_after(allocation)
    try:
        child = program.fork(space)
    except OSError as error:
        assert error.errno == 12
    else:
        program.destroy(child)
    assert bench.free_frames() == free
    assert bench.rig.source.references == 1


def test_address_space_numbers_are_used_again_after_one_flush(bench: MemoryBench) -> None:
    program = bench.program
    numbers = []
    for _ in range(300):
        space = program.new_space(bench.rig)
        numbers.append(space.asid)
        program.destroy(space)
    assert len(set(numbers[:255])) == 255
    assert bench.cpu.flushed.count("vmalle1is") == 1


def test_an_address_space_keeps_its_number(bench: MemoryBench) -> None:
    program = bench.program
    kept = program.new_space(bench.rig)
    for _ in range(600):
        other = program.new_space(bench.rig)
        assert other.asid not in (0, kept.asid)
        program.destroy(other)


def test_a_copy_gives_the_shared_frame_up(bench: MemoryBench) -> None:
    program = bench.program
    parent = program.new_space(bench.rig)
    program.map_zeros(parent, BASE, BASE + PAGE_SIZE, READ | WRITE, 0)
    program.fault_in(parent, BASE, bench.access.WRITE)
    shared = program.frame_of(parent, BASE)
    child = program.fork(parent)
    assert bench.rig.frames.references(shared) == 2
    program.fault_in(child, BASE, bench.access.WRITE)
    assert program.frame_of(child, BASE) != shared
    assert bench.rig.frames.references(shared) == 1


def test_a_new_protection_reaches_pages_that_are_mapped(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    program.map_zeros(space, BASE, BASE + PAGE_SIZE, READ | WRITE, 0)
    program.fault_in(space, BASE, bench.access.WRITE)
    assert program.can_write(space, BASE)
    program.protect(space, BASE, BASE + PAGE_SIZE, READ)
    assert not program.can_write(space, BASE)
    assert program.entry_of(space, BASE) & USER_BIT
    program.protect(space, BASE, BASE + PAGE_SIZE, 0)
    assert not program.entry_of(space, BASE) & USER_BIT
