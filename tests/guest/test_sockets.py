"""Sockets, as programs see them over the loopback."""

from swiftos.guest import Guest

BUDGET_S = 60


def test_socket_calls_do_what_they_say(shell: Guest) -> None:
    result = shell.run_command("/test/socket_check", BUDGET_S)
    assert "FAILED" not in result.text
    assert "socket_check: 0 failures" in result.text
    assert result.status == 0
