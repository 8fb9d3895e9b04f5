"""Which objects were freed: debug builds ask here before they touch a field.

A direct-mapped set of addresses: each address has one place in it, so marking and asking are one
access each and need no lock. What was freed is known until something is made at the same address,
or until an address with the same place in the set is freed.
"""

from __future__ import annotations

from bare import Span, export, u64, usize, wrapping_mul
from bare.unsafe import static_array

PLACES = 8192
PLACE_SHIFT = 51
"""Leaves the bits of a place, 13, of the hash."""
MULTIPLIER = 0x9E37_79B9_7F4A_7C15
"""2^64 divided by the golden ratio: spreads neighbours."""
ALIGNMENT = 4
"""Objects that are freed begin at multiples of this."""
SMALL_BYTES = 4096


def dead() -> Span[u64]:
    """Returns the set: addresses of freed objects, 0 where there is none."""
    # SAFETY: each access is one aligned word; the set may forget, but never invents an address.
    return static_array(u64, PLACES)


def place(address: usize) -> u64:
    """Returns an address's place in the set."""
    return wrapping_mul(address, MULTIPLIER) >> PLACE_SHIFT


@export("bare_mark_dead")
def mark_dead(address: usize) -> None:
    """Remembers that the object at an address was freed."""
    dead()[place(address)] = address


@export("bare_mark_alive")
def mark_alive(address: usize, size: usize) -> None:
    """Forgets what was freed within `size` bytes: something new is there."""
    addresses = dead()
    if size > SMALL_BYTES:
        for index in range(len(addresses)):
            if address <= addresses[index] < address + size:
                addresses[index] = 0
        return
    for offset in range(usize(0), size, ALIGNMENT):
        index = place(address + offset)
        if addresses[index] == address + offset:
            addresses[index] = 0


@export("bare_is_dead")
def is_dead(address: usize) -> bool:
    """Whether the object at an address was freed and nothing is there since."""
    return dead()[place(address)] == address
