from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import bare

dates = bare.load("user/lib/dates.py")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.integers(min_value=-62_135_596_800, max_value=253_402_300_799))
def test_date_agrees_with_datetime(seconds: int) -> None:
    date = dates.Date()
    date.set_from_seconds(seconds)
    expected = EPOCH + timedelta(seconds=seconds)
    assert (date.year, date.month, date.day) == (expected.year, expected.month, expected.day)
    assert (date.hour, date.minute, date.second) == (
        expected.hour,
        expected.minute,
        expected.second,
    )
    assert date.weekday == expected.isoweekday() % 7
