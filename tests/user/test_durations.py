from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import bare
from bare import u64

durations = bare.load("user/lib/durations.py")


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=40), st.data())
def test_value_of_a_rank_is_that_of_the_sorted_values(
    values: list[int], data: st.DataObject
) -> None:
    rank = data.draw(st.integers(min_value=1, max_value=len(values)))
    assert durations.of_rank([u64(value) for value in values], rank) == sorted(values)[rank - 1]


def test_no_values_have_rank_zero() -> None:
    assert durations.of_rank([], 0) == 0
