"""What the machine-level words want to know when the program is compiled."""

from __future__ import annotations

from bare import Array, array, struct, u8, u32, u64
from bare.unsafe import Pointer, address_of, asm, linker_symbol, object_at, read_system_register


@struct
class Node:
    """Something in memory."""

    value: u32


def registers(name: str) -> u64:
    # SAFETY: never run.
    return read_system_register(name)


def instructions(template: str, number: u64) -> None:
    # SAFETY: never run.
    asm(template)
    asm("mov {0}, {1}", number, out=Node)


def addresses(number: u32, name: str) -> u64:
    # SAFETY: never run.
    node = object_at(u32, 0x1000)
    pointer = Pointer[Node](0x1000)
    return address_of(number) + linker_symbol(name)


def lengths(count: u32) -> u8:
    buffer: Array[u8] = array(count)
    return buffer[0]

# error[E0902] 18:33-36: this has to be a constant str
#   help: use a literal or a module-level constant
# error[E0902] 23:9-16: this has to be a constant str
#   help: use a literal or a module-level constant
# error[E0301] 24:5-41: asm() gives an integer, not Node
#   help: convert the integer
# error[E0301] 29:22-24: object_at() views structs, not u32
#   help: use Pointer[T]
# error[E0301] 30:15-35: a pointer is to a scalar, not Node
#   help: use `object_at`
# error[E0301] 31:23-28: u32 has no address
#   help: only objects, arrays and spans have one
# error[E0902] 35:31-35: this has to be a constant integer
#   help: use a literal or a module-level constant
