"""Sockets and epoll, as programs see them over the loopback."""

import pytest

from swiftos.guest import Guest

BUDGET_S = 60
PROGRAMS = ("socket_check", "datagram_check", "epoll_check", "socket_load")


@pytest.mark.parametrize("program", PROGRAMS)
def test_calls_do_what_they_say(shell: Guest, program: str) -> None:
    result = shell.run_command(f"/test/{program}", BUDGET_S)
    assert "FAILED" not in result.text
    assert f"{program}: 0 failures" in result.text
    assert result.status == 0
