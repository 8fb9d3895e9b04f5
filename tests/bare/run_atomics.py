"""Atomic integers."""

from __future__ import annotations

from bare import inline, struct, u32, u64
from bare.atomic import AtomicU32, AtomicU64


@struct
class Counters:
    """Embeds atomics."""

    state: AtomicU32 = inline()
    total: AtomicU64 = inline()


def take(counters: Counters, ticket: u32) -> bool:
    """Takes a lock if it is free."""
    return counters.state.compare_exchange(0, ticket) == 0


def main() -> None:
    """Uses each operation."""
    counters = Counters()
    print(take(counters, 5), take(counters, 6), counters.state.load())
    counters.state.store_release(0)
    print(take(counters, 7), counters.state.load_acquire())
    print(counters.state.swap(1), counters.state.fetch_or(6), counters.state.fetch_and(5))
    print(counters.state.fetch_sub(6), counters.state.load())
    print(counters.total.fetch_add(1 << 40), counters.total.fetch_add_relaxed(2))
    big: u64 = 0xFFFF_FFFF_FFFF_FFFF
    counters.total.store(big)
    print(counters.total.fetch_add(5), counters.total.load())
