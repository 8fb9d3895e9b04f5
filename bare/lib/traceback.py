"""Writes a Python traceback from code addresses and the program's line table.

The caller collects the addresses, because only it knows which memory is safe to read: the place
of the trap first, then for each frame record the return address minus 4 (`RETURN_BYTES`), so that
it lies inside the call. Functions that the compiler inlined appear as the frames they were.

A function that calls nothing has no frame record: where it traps, x29 is its caller's, and the
caller is known from the link register alone. `is_caller` tells whether x30 counts.
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


def is_caller(table: LineTable, pc: usize, link: usize, saved_link: usize) -> bool:
    """Whether x30 at a trap is the way back to a caller that no frame record shows.

    `saved_link` is the return address in the record that x29 points to. It is not a caller if that
    record has it already, or if it is left from a call that the trapping function itself made.
    """
    if link == saved_link:
        return False
    here = Place()
    there = Place()
    if not table.find(pc, here) or not table.find(link - RETURN_BYTES, there):
        return False
    while table.leave_inlined(here):
        pass
    while table.leave_inlined(there):
        pass
    return here.context != there.context


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
