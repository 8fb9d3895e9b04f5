"""Atomic operations under `bare.load`, where one thread runs: plain reads and writes of `value`."""

from __future__ import annotations

from typing import Any


def load(atomic: Any, mask: int) -> int:
    """Reads."""
    value: int = atomic.slot_value
    return value


def store(atomic: Any, value: int, mask: int) -> None:
    """Writes."""
    atomic.slot_value = value


def fetch_add(atomic: Any, value: int, mask: int) -> int:
    """Adds modulo the width; returns the value before."""
    return swap(atomic, (atomic.slot_value + value) & mask, mask)


def fetch_sub(atomic: Any, value: int, mask: int) -> int:
    """Subtracts modulo the width; returns the value before."""
    return swap(atomic, (atomic.slot_value - value) & mask, mask)


def fetch_or(atomic: Any, value: int, mask: int) -> int:
    """Sets bits; returns the value before."""
    return swap(atomic, atomic.slot_value | value, mask)


def fetch_and(atomic: Any, value: int, mask: int) -> int:
    """Keeps bits; returns the value before."""
    return swap(atomic, atomic.slot_value & value, mask)


def swap(atomic: Any, value: int, mask: int) -> int:
    """Writes; returns the value before."""
    before: int = atomic.slot_value
    atomic.slot_value = value
    return before


def compare_exchange(atomic: Any, expected: int, desired: int, mask: int) -> int:
    """Writes `desired` over `expected`; returns the value before."""
    before: int = atomic.slot_value
    if before == expected:
        atomic.slot_value = desired
    return before
