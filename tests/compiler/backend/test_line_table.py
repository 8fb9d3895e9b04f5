"""The compact line table: what is encoded is what is read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare
from compiler.backend import linetable
from compiler.backend.linemap import Context, LineMap, Place, short_name

START = 0xFFFF_8000_4020_0000

functions = st.tuples(
    st.sampled_from(["kernel/mm/frame.py", "bare/lib/format.py", "user/bin/ls.py"]),
    st.sampled_from(["main", "FrameAllocator.alloc", "Outer.Inner.call", "free"]),
    st.integers(1, 5000),
)


@st.composite
def line_maps(draw: st.DrawFn) -> LineMap:
    """A map with a forest of contexts and rows at ascending addresses."""
    contexts: list[Context] = []
    for path, name, line in draw(st.lists(functions, min_size=1, max_size=12)):
        parent = draw(st.integers(-1, len(contexts) - 1))
        call_line = draw(st.integers(1, 5000)) if parent >= 0 else 0
        contexts.append(Context(path, name, line, call_line, parent))
    address = START
    rows = []
    last: tuple[int, int] | None = None
    for distance in draw(st.lists(st.integers(1, 3000), max_size=400)):
        address += 4 * distance
        row = (draw(st.integers(1, 6000)), draw(st.integers(0, len(contexts) - 1)))
        if row != last:
            rows.append((address, *row))
            last = row
    return LineMap(START, address + 4 - START, contexts, rows)


@pytest.fixture(scope="module")
def traceback() -> Any:
    """The program's own reader of the table."""
    return bare.load("bare.lib.traceback")


def read_places(traceback: Any, table: bytes, address: int) -> list[Place]:
    """Returns the frames at an address as a program finds them."""
    reader = traceback.module("bare.lib.line_table")
    lines, place = reader.LineTable(table), reader.Place()
    found = []
    is_known = lines.find(address, place)
    while is_known:
        name = b".".join(bytes(part) for part in (place.owner, place.name) if len(part))
        found.append(Place(bytes(place.path).decode(), place.line, name.decode()))
        is_known = lines.leave_inlined(place)
    return found


@given(line_maps(), st.data())
def test_a_program_reads_the_same_frames(
    traceback: Any, lines: LineMap, data: st.DataObject
) -> None:
    table = linetable.encode(lines)
    assert traceback.module("bare.lib.line_table").LineTable(table).is_valid()
    known = [row[0] for row in lines.rows] or [START]
    for address in data.draw(st.lists(st.sampled_from(known), max_size=5)):
        for near in (address, address + 4, address - 4):
            assert read_places(traceback, table, near) == lines.places(near)
    assert read_places(traceback, table, START + lines.size) == []


def test_a_link_register_is_a_caller_unless_it_is_recorded_or_left_over(traceback: Any) -> None:
    leaf, caller = Context("a.py", "leaf", 1, 0, -1), Context("a.py", "caller", 9, 0, -1)
    rows = [(0x1000, 2, 0), (0x1020, 10, 1)]
    table = linetable.encode(LineMap(0x1000, 0x40, [leaf, caller], rows))
    lines = traceback.module("bare.lib.line_table").LineTable(table)
    in_leaf, in_caller = 0x1008, 0x1028
    assert traceback.is_caller(lines, in_leaf, in_caller, 0x9000)
    assert not traceback.is_caller(lines, in_leaf, in_caller, in_caller)
    assert not traceback.is_caller(lines, in_caller, in_caller + 8, 0x9000)
    assert not traceback.is_caller(lines, in_leaf, 0x9004, 0)


@given(line_maps())
def test_decoding_gives_the_same_frames_at_every_row(lines: LineMap) -> None:
    decoded = linetable.decode(linetable.encode(lines))
    assert [row[0] for row in decoded.rows] == [row[0] for row in lines.rows]
    for address, _, _ in lines.rows:
        assert decoded.places(address) == lines.places(address)


def test_an_address_between_rows_belongs_to_the_row_before() -> None:
    context = Context("a.py", "f", 3, 0, -1)
    lines = LineMap(0x1000, 0x100, [context], [(0x1000, 3, 0), (0x1010, 5, 0)])
    decoded = linetable.decode(linetable.encode(lines))
    assert decoded.places(0x100C) == [Place("a.py", 3, "f")]
    assert decoded.places(0x10FC) == [Place("a.py", 5, "f")]
    assert decoded.places(0x1100) == []
    assert decoded.places(0xFFF) == []


def test_an_inlined_function_shows_its_caller_at_the_line_of_the_call() -> None:
    outer = Context("a.py", "outer", 10, 0, -1)
    inner = Context("b.py", "C.inner", 40, 12, 0)
    lines = LineMap(0x1000, 0x10, [outer, inner], [(0x1000, 11, 0), (0x1004, 41, 1)])
    decoded = linetable.decode(linetable.encode(lines))
    assert decoded.places(0x1004) == [Place("b.py", 41, "C.inner"), Place("a.py", 12, "outer")]


def test_bytes_that_are_no_table_are_refused() -> None:
    with pytest.raises(ValueError, match="not a line table"):
        linetable.decode(bytes(64))


@pytest.mark.parametrize(
    ("symbol", "path", "expected"),
    [
        ("kernel.mm.frame.FrameAllocator.alloc", "kernel/mm/frame.py", "FrameAllocator.alloc"),
        ("bare.lib.pool.Pool[kernel.task.Task].take", "bare/lib/pool.py", "Pool.take"),
        ("kernel.mm.start", "kernel/mm/__init__.py", "start"),
    ],
)
def test_a_function_is_named_within_its_module(symbol: str, path: str, expected: str) -> None:
    assert short_name(symbol, path) == expected
