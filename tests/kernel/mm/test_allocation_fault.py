"""Failures on demand: exactly the allocation that was asked for fails, however far away it is."""

from __future__ import annotations

from bare import load

FAULT = load("kernel/mm/allocation_fault.py")


def test_the_nth_allocation_from_now_fails():
    fault = FAULT.AllocationFault()
    fault.strikes()
    fault.fail_after(3)
    assert [fault.strikes() for _ in range(5)] == [False, False, True, False, False]


def test_a_number_that_is_never_reached_is_no_error():
    fault = FAULT.AllocationFault()
    fault.strikes()
    fault.fail_after(2**64 - 1)
    assert not any(fault.strikes() for _ in range(5))
