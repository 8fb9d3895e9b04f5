"""Ticks to nanoseconds and back, against exact arithmetic."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bare import load

YEAR_NS = 365 * 86400 * 10**9


@cache
def program() -> Any:
    return load("tests/kernel/timer_rig.py")


@pytest.mark.parametrize("frequency", [1_000_000, 24_000_000, 62_500_000, 1_000_000_000])
@given(nanoseconds=st.integers(0, YEAR_NS))
def test_conversions_agree_with_exact_arithmetic(frequency: int, nanoseconds: int) -> None:
    ticks = nanoseconds * frequency // 10**9
    exact = ticks * 10**9 // frequency
    got, back = program().converted(frequency, ticks)
    assert abs(got - exact) <= 1
    assert abs(back - ticks) <= 1
