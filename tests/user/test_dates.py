from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare

dates = bare.load("user/lib/dates.py")
formats = bare.load("user/lib/date_format.py")
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


class Collected(formats.module("bare.lib.writer").Writer):  # type: ignore[misc]
    """What a formatter writes."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, data: memoryview) -> None:
        self.content += bytes(data)


def formatted(form: str, seconds: int) -> str:
    date = formats.module("user.lib.dates").Date()
    date.set_from_seconds(seconds)
    collected = Collected()
    formats.DateFormatter(collected, date, seconds).print(form.encode())
    return collected.content.decode()


@given(st.integers(min_value=0, max_value=253_402_300_799))
def test_formats_agree_with_datetime(seconds: int) -> None:
    expected = (EPOCH + timedelta(seconds=seconds)).strftime
    for form in ("%Y %y %m %d %e %j %u %w", "%H:%M:%S %T %R %s", "%a %A %b %B %h %%", "%F|%D|%c"):
        wanted = expected(form).replace(expected("%s"), str(seconds)) if "%s" in form else None
        assert formatted(form, seconds) == (wanted or expected(form))


def test_unknown_conversions_are_refused() -> None:
    for form in ("%Q", "%", "ends in %"):
        with pytest.raises(OSError):
            formatted(form, 0)
