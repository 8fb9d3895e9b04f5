"""Writes a Python traceback from code addresses and the program's line table.

The caller collects the addresses, because only it knows which memory is safe to read: the place
of the trap first, then for each frame record the return address minus 4 (`RETURN_BYTES`), so that
it lies inside the call. Functions that the compiler inlined appear as the frames they were.
"""

from __future__ import annotations

from bare import Span, Writer, text, u64, usize, write_to
from bare.lib.line_table import LineTable, Place

RETURN_BYTES = 4
"""From a return address back into the call instruction."""


def write_traceback(writer: Writer, table: LineTable, addresses: Span[u64]) -> None:
    """Writes the heading and one entry a frame, most recent call last; no last line."""
    write_to(writer, "Traceback (most recent call last):\n")
    for index in range(len(addresses)):
        write_address(writer, table, addresses[len(addresses) - 1 - index])


def write_address(writer: Writer, table: LineTable, address: usize) -> None:
    """Writes the entries of one code address, the outermost of what was inlined first."""
    place = Place()
    if not table.find(address, place):
        write_to(writer, f'  File "?", in ? at {address:#x}\n')
        return
    depth: usize = 0
    while table.leave_inlined(place):
        depth += 1
    write_place(writer, place)
    for remaining in range(depth):
        table.find(address, place)
        for _ in range(depth - 1 - remaining):
            table.leave_inlined(place)
        write_place(writer, place)


def write_place(writer: Writer, place: Place) -> None:
    """Writes one entry as CPython does, with the class of a method before its name."""
    write_to(writer, f'  File "{text(place.path)}", line {place.line}, in ')
    if len(place.owner) != 0:
        write_to(writer, f"{text(place.owner)}.")
    write_to(writer, f"{text(place.name)}\n")
