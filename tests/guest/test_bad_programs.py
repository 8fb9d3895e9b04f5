"""Damaged ELF files: refused or short-lived, and nothing for the kernel."""

from swiftos.guest import Guest

BUDGET_S = 120


def test_damaged_programs_do_no_harm(shell: Guest) -> None:
    result = shell.run_command("/test/bad_programs 7 300", BUDGET_S)
    assert "FAILED" not in result.text
    assert "bad_programs:" in result.text
    assert result.status == 0
