"""Mapped memory: zeroed, of a file, never writable and executable, gone when it was given back."""

import pytest

from swiftos.guest import Guest

BUDGET_S = 60


@pytest.mark.parametrize("case", ["zeroed", "write-and-execute", "file", "unmapped"])
def test_mapping(shell: Guest, case: str) -> None:
    result = shell.run_command(f"/test/mmap_check {case}", BUDGET_S)
    assert result.text.strip() == "mmap_check: ok"
