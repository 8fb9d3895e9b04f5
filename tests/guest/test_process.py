"""Processes, as a program sees them that forks, signals, waits and executes in every way."""

from swiftos.guest import Guest

BUDGET_S = 60


def test_process_calls_do_what_they_say(shell: Guest) -> None:
    result = shell.run_command("/test/process_check", BUDGET_S)
    assert "FAILED" not in result.text
    assert "process_check: 0 failures" in result.text
    assert result.status == 0
