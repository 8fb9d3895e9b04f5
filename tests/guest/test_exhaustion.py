"""When processes, pipes, descriptors or memory are used up: an error, and everything comes back."""

import pytest

from tests.guest.conftest import Boot

BUDGET_S = 120


@pytest.mark.parametrize("memory", ["32M", "128M"])
def test_everything_can_be_used_up(boot: Boot, memory: str) -> None:
    guest = boot(memory=memory)
    guest.wait_prompt(BUDGET_S)
    result = guest.run_command("/test/exhaust", BUDGET_S)
    assert "FAILED" not in result.text
    assert "exhaust: done" in result.text
    assert guest.run_command("echo still here", BUDGET_S).text.strip() == "still here"
