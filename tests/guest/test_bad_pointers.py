"""Wrong addresses in system calls: an error for the program, nothing for the kernel."""

from swiftos.guest import Guest

BUDGET_S = 60


def test_every_pointer_of_every_call_is_checked(shell: Guest) -> None:
    result = shell.run_command("/test/bad_pointers", BUDGET_S)
    assert "FAILED" not in result.text
    assert ", 0 failures" in result.text
    assert result.status == 0
