"""The order of table changes, barriers and invalidations, as other CPUs' table walkers see it.

Arm ARM DDI 0487, D8.2 and D8.14 (break-before-make).
"""

from __future__ import annotations

import pytest

from tests.kernel.memory_bench import PAGE_SIZE, READ, SHARED, WRITE, Event, MemoryBench

BASE = 0x4000_0000
VALID = 1
TABLE_BITS = 0xFFF
LINK = 3
"""The low bits of an entry that points to a table."""
STORE_BARRIERS = ("dmb ishst", "dsb ishst", "dmb ish", "dsb ish")
PAGE_FLUSH = ["dsb ishst", "tlbi vale1is", "dsb ish"]


@pytest.fixture
def bench() -> MemoryBench:
    made = MemoryBench(512)
    made.rig.source.pages = 4
    return made


def links(events: list[Event]) -> list[int]:
    """Returns the positions of the stores that link a table into the tree."""
    return [
        index
        for index, event in enumerate(events)
        if isinstance(event, tuple) and event[1] & TABLE_BITS == LINK
    ]


def written_page(bench: MemoryBench, flags: int = 0):
    """Returns an address space with one page that was written."""
    space = bench.program.new_space(bench.rig)
    bench.program.map_zeros(space, BASE, BASE + PAGE_SIZE, READ | WRITE, flags)
    bench.program.fault_in(space, BASE, bench.access.WRITE)
    return space


def test_a_table_is_empty_for_everybody_before_it_is_linked(bench: MemoryBench) -> None:
    written_page(bench)
    found = links(bench.events)
    assert len(found) == 3
    assert all(bench.events[index - 1] in STORE_BARRIERS for index in found)


def test_a_table_of_the_kernel_is_empty_before_it_is_linked(bench: MemoryBench) -> None:
    bench.events.clear()
    bench.program.new_stack(bench.rig)
    bench.program.map_registers(bench.rig, 0x9_0000_0000)
    found = links(bench.events)
    assert len(found) == 3 + 2
    assert all(bench.events[index - 1] in STORE_BARRIERS for index in found)


def test_tables_are_complete_before_the_cpu_uses_them(bench: MemoryBench) -> None:
    space = bench.program.new_space(bench.rig)
    bench.program.activate(space)
    switch = bench.events.index("TTBR0_EL1")
    assert bench.events[switch - 1] in ("dsb ishst", "dsb ish")


def test_the_entry_of_a_page_that_moves_is_invalid_in_between(bench: MemoryBench) -> None:
    parent = written_page(bench)
    child = bench.program.fork(parent)
    place = bench.program.place_of(child, BASE)
    shared = bench.program.frame_of(child, BASE)
    bench.events.clear()
    bench.program.fault_in(child, BASE, bench.access.WRITE)
    stores = [event for event in bench.events if isinstance(event, tuple) and event[0] == place]
    assert [value & VALID for _, value in stores] == [0, VALID]
    assert bench.program.frame_of(child, BASE) != shared
    broken = bench.events.index(stores[0])
    made = bench.events.index(stores[1])
    assert bench.events[broken + 1 : made] == PAGE_FLUSH
    assert bench.events[made + 1 :] == ["dsb ishst"]


@pytest.mark.parametrize("flags", [0, SHARED])
def test_a_page_that_stays_and_becomes_writable_is_invalidated_once(
    bench: MemoryBench, flags: int
) -> None:
    space = bench.program.new_space(bench.rig)
    bench.program.map_zeros(space, BASE, BASE + PAGE_SIZE, READ | WRITE, flags)
    bench.program.fault_in(space, BASE, bench.access.WRITE)
    bench.program.protect(space, BASE, BASE + PAGE_SIZE, READ)
    bench.program.protect(space, BASE, BASE + PAGE_SIZE, READ | WRITE)
    place = bench.program.place_of(space, BASE)
    bench.events.clear()
    bench.program.fault_in(space, BASE, bench.access.WRITE)
    stores = [event for event in bench.events if isinstance(event, tuple) and event[0] == place]
    assert [value & VALID for _, value in stores] == [VALID]
    assert bench.events[bench.events.index(stores[0]) + 1 :] == PAGE_FLUSH


def test_pages_that_a_failed_fork_made_read_only_are_invalidated(bench: MemoryBench) -> None:
    program = bench.program
    space = program.new_space(bench.rig)
    pages = [BASE + index * PAGE_SIZE for index in (0, 600, 1200)]
    program.map_zeros(space, pages[0], pages[-1] + PAGE_SIZE, READ | WRITE, 0)
    half_way = 0
    for allocation in range(1, 30):
        for page in pages:
            program.fault_in(space, page, bench.access.WRITE)
        bench.events.clear()
        bench.rig.fault.fail_after(allocation)
        try:
            program.destroy(program.fork(space))
            break
        except OSError:
            protected = [page for page in pages if not program.can_write(space, page)]
        places = {program.place_of(space, page) for page in protected}
        for place in places:
            last = max(
                index
                for index, event in enumerate(bench.events)
                if isinstance(event, tuple) and event[0] == place
            )
            assert "tlbi aside1is" in bench.events[last:]
        half_way += bool(places)
    assert half_way > 0
