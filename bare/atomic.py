"""Atomic integers, embedded in a struct as `count: AtomicU32 = inline()`.

`load` and `store` are relaxed; acquire and release are said by name. Operations that read and
write are acquire and release at once, except the `_relaxed` ones.
"""

from __future__ import annotations

from bare import u32, u64


class _Atomic:
    """What the atomic types share; CPython runs one thread of a Bare Python program."""

    __slots__ = ("_value",)

    bits = 0
    __layout_bytes__ = 0

    def __init__(self) -> None:
        self._value = 0

    def _replace(self, value: int) -> int:
        old = self._value
        self._value = value & ((1 << self.bits) - 1)
        return old


class AtomicU32(_Atomic):
    """An atomic `u32`, zero at first. Additions and subtractions wrap."""

    __slots__ = ()

    bits = 32
    __layout_bytes__ = 4

    def load(self) -> u32:
        """Reads without ordering."""
        return self._value

    def load_acquire(self) -> u32:
        """Reads; no later access moves before it."""
        return self._value

    def store(self, value: u32) -> None:
        """Writes without ordering."""
        self._replace(value)

    def store_release(self, value: u32) -> None:
        """Writes; no earlier access moves behind it."""
        self._replace(value)

    def fetch_add(self, value: u32) -> u32:
        """Adds modulo 2**32 and returns the value before."""
        return self._replace(self._value + value)

    def fetch_add_relaxed(self, value: u32) -> u32:
        """Adds like `fetch_add`, without ordering: for counters."""
        return self._replace(self._value + value)

    def fetch_sub(self, value: u32) -> u32:
        """Subtracts modulo 2**32 and returns the value before."""
        return self._replace(self._value - value)

    def fetch_or(self, value: u32) -> u32:
        """Sets bits and returns the value before."""
        return self._replace(self._value | value)

    def fetch_and(self, value: u32) -> u32:
        """Keeps bits and returns the value before."""
        return self._replace(self._value & value)

    def swap(self, value: u32) -> u32:
        """Writes and returns the value before."""
        return self._replace(value)

    def compare_exchange(self, expected: u32, desired: u32) -> u32:
        """Writes `desired` if the value is `expected`; returns the value before either way."""
        return self._replace(desired if self._value == expected else self._value)


class AtomicU64(_Atomic):
    """An atomic `u64`, zero at first. Additions and subtractions wrap."""

    __slots__ = ()

    bits = 64
    __layout_bytes__ = 8

    def load(self) -> u64:
        """Reads without ordering."""
        return self._value

    def load_acquire(self) -> u64:
        """Reads; no later access moves before it."""
        return self._value

    def store(self, value: u64) -> None:
        """Writes without ordering."""
        self._replace(value)

    def store_release(self, value: u64) -> None:
        """Writes; no earlier access moves behind it."""
        self._replace(value)

    def fetch_add(self, value: u64) -> u64:
        """Adds modulo 2**64 and returns the value before."""
        return self._replace(self._value + value)

    def fetch_add_relaxed(self, value: u64) -> u64:
        """Adds like `fetch_add`, without ordering: for counters."""
        return self._replace(self._value + value)

    def fetch_sub(self, value: u64) -> u64:
        """Subtracts modulo 2**64 and returns the value before."""
        return self._replace(self._value - value)

    def fetch_or(self, value: u64) -> u64:
        """Sets bits and returns the value before."""
        return self._replace(self._value | value)

    def fetch_and(self, value: u64) -> u64:
        """Keeps bits and returns the value before."""
        return self._replace(self._value & value)

    def swap(self, value: u64) -> u64:
        """Writes and returns the value before."""
        return self._replace(value)

    def compare_exchange(self, expected: u64, desired: u64) -> u64:
        """Writes `desired` if the value is `expected`; returns the value before either way."""
        return self._replace(desired if self._value == expected else self._value)
