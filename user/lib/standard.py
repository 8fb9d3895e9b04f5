"""The streams and the memory that every program has, made once in its zeroed data."""

from __future__ import annotations

from bare import inline, struct
from bare.unsafe import static_object
from user.lib.heap import Heap
from user.lib.input import Input
from user.lib.output import Output
from user.lib.trap_text import TrapText


@struct
class Standard:
    """Standard input, output and error, the heap, and the text of a trap under way."""

    output: Output = inline()
    errors: Output = inline()
    input: Input = inline()
    heap: Heap = inline()
    trap_text: TrapText = inline()


def standard() -> Standard:
    """Returns the program's one `Standard`."""
    # SAFETY: one object for the whole program; a program has one thread until it makes more.
    return static_object(Standard)
