"""Random system calls with random arguments: the kernel answers them all and goes on."""

import pytest

from swiftos.guest import Guest

BUDGET_S = 120


@pytest.mark.parametrize("seed", [1, 2026])
def test_kernel_survives_random_calls(shell: Guest, seed: int) -> None:
    result = shell.run_command(f"/test/call_fuzz {seed} 40", BUDGET_S)
    assert "call_fuzz: 40 rounds" in result.text
    assert result.status == 0
