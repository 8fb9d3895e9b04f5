"""Dates against those of Python's library."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.user.http.servers import CheckedServer

NOW = 1_000_000_000
LATEST = 253_402_300_799
MOMENT = 784_111_777


def parse(checked: CheckedServer, text: str, now: int = NOW) -> int:
    """Parses a date; -1 for none."""
    checked.put(text.encode())
    return checked.call("date", checked.exchange, len(text), now)


@given(st.integers(min_value=0, max_value=LATEST))
def test_dates_are_written_and_read(checked: CheckedServer, seconds: int) -> None:
    checked.call("write_date", seconds, checked.exchange)
    written = checked.get(29).decode()
    assert written == formatdate(seconds, usegmt=True)
    assert parse(checked, written) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_three_forms(checked: CheckedServer, text: str) -> None:
    assert parse(checked, text) == MOMENT


def test_two_digits_of_a_year_are_near_the_present(checked: CheckedServer) -> None:
    assert parse(checked, "Sunday, 06-Nov-51 08:49:37 GMT", NOW) > NOW
    assert parse(checked, "Sunday, 06-Nov-94 08:49:37 GMT", NOW) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sun",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 29 Feb 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT",
        "Sun, 06 Nov 1994 0a:49:37 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun; 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06-Nov-9x 08:49:37 GMT",
        "Sunday 06-Nov-94 08:49:37 GMT",
        "Sun Nov 06 08:49:37 94",
        "Sun Nov  x 08:49:37 1994",
        "2001-09-09T01:46:40Z",
        "1000000000",
    ],
)
def test_anything_else_is_no_date(checked: CheckedServer, text: str) -> None:
    assert parse(checked, text) == -1


@given(st.binary(max_size=40))
def test_garbage_is_no_date_and_does_not_trap(checked: CheckedServer, data: bytes) -> None:
    checked.put(data)
    assert checked.call("date", checked.exchange, len(data), NOW) >= -1
