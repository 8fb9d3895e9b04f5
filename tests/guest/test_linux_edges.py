"""The kernel answers as Linux does where programs seldom look."""

import pytest

from swiftos.guest import Guest

BUDGET_S = 60


@pytest.mark.parametrize("case", ["parent-tid", "name", "poll", "vfork", "orphan"])
def test_edge(shell: Guest, case: str) -> None:
    result = shell.run_command(f"/test/linux_edges {case}", BUDGET_S)
    assert result.text.strip() == "linux_edges: ok"
