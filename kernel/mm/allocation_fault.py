"""Allocation failure on demand: the Nth allocation from now fails, once.

The boot argument `fail-allocation=N` and simulations on the host use it to visit every error path.
"""

from __future__ import annotations

from bare import saturating_add, struct, u64


@struct
class AllocationFault:
    """Counts allocations of frames and heap objects. One instance is shared by all allocators."""

    count: u64 = 0
    """Allocations seen since boot."""
    fail_at: u64 = 0
    """The allocation, counted like `count`, that fails; 0 for none."""

    def fail_after(self, allocations: u64) -> None:
        """Makes the Nth allocation from now fail; N counts from 1."""
        self.fail_at = saturating_add(self.count, allocations)

    def arm(self, allocation: u64) -> None:
        """Makes an allocation fail that is counted from the start; 0 for none."""
        self.fail_at = allocation

    def strikes(self) -> bool:
        """Counts an allocation and says whether this one is to fail."""
        self.count += 1
        return self.count == self.fail_at
