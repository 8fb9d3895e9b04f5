"""`WordTable`: strings and the table of their addresses, as `execve` takes them."""

from __future__ import annotations

from bare import Bytes, Span, allocate_span, raises, release, struct, u8, u64, usize
from bare.unsafe import address_of
from user.lib.standard import standard

FIRST_CAPACITY = 16


@struct
class WordTable:
    """Words, each with an ending NUL in the heap, and a null-terminated table of addresses."""

    addresses: Span[u64] | None = None
    count: usize = 0

    @raises()
    def add(self, word: Bytes) -> None:
        """Copies `word` to the end of the table."""
        copy = allocate_span(standard().heap, u8, len(word) + 1)
        copy[: len(word)].copy_from(word)
        # SAFETY: the copy lives on the process's heap, which is never given back.
        self.add_address(address_of(copy))

    @raises()
    def add_pair(self, name: Bytes, value: Bytes) -> None:
        """Adds `name=value`."""
        copy = allocate_span(standard().heap, u8, len(name) + len(value) + 2)
        copy[: len(name)].copy_from(name)
        copy[len(name)] = EQUALS
        copy[len(name) + 1 : len(copy) - 1].copy_from(value)
        # SAFETY: the copy lives on the process's heap, which is never given back.
        self.add_address(address_of(copy))

    @raises()
    def add_address(self, address: u64) -> None:
        """Adds the address of a C string that stays."""
        addresses = self.addresses
        if addresses is None:
            addresses = allocate_span(standard().heap, u64, FIRST_CAPACITY)
        elif self.count + 1 == len(addresses):
            larger = allocate_span(standard().heap, u64, 2 * len(addresses))
            larger[: self.count].copy_from(addresses[: self.count])
            release(standard().heap, addresses)
            addresses = larger
        self.addresses = addresses
        addresses[self.count] = address
        addresses[self.count + 1] = 0
        self.count += 1

    @raises()
    def address(self) -> u64:
        """Returns the table's address for `execve`."""
        addresses = self.addresses
        if addresses is None:
            addresses = allocate_span(standard().heap, u64, FIRST_CAPACITY)
            self.addresses = addresses
        # SAFETY: the table stays where it is until the next `add`; the kernel only reads it.
        return address_of(addresses)


EQUALS = ord("=")
