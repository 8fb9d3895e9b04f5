"""Programs that mean harm: the kernel neither stops nor lets them hold up anybody."""

import pytest

from swiftos.guest import Guest

BUDGET_S = 60
STARVE_BUDGET_S = 60
CONTROL_C = b"\x03"


@pytest.mark.parametrize("attack", ["flags", "stack", "wait", "failure", "log"])
def test_impossible_arguments_are_answered(shell: Guest, attack: str) -> None:
    result = shell.run_command(f"/test/hostile {attack}", BUDGET_S)
    assert result.text.strip() == "hostile: ok"


@pytest.mark.parametrize("call", ["zero", "random", "sparse"])
def test_long_call_holds_nobody_up(shell: Guest, call: str) -> None:
    result = shell.run_command(f"/test/hostile {call}", BUDGET_S)
    assert result.text.strip() == "hostile: ok"


def test_long_call_ends_by_the_interrupt_key(shell: Guest) -> None:
    shell.type_line("/test/hostile interrupt")
    shell.expect(r"moving\r?\n", BUDGET_S)
    shell.send(CONTROL_C)
    shell.wait_prompt(BUDGET_S)
    assert shell.run_command("ps", BUDGET_S).text.count("hostile") == 0


def test_init_outlives_a_time_without_memory(shell: Guest) -> None:
    shell.type_line("/test/hostile starve")
    shell.expect(r"hostile: gives back\r?\n", STARVE_BUDGET_S)
    shell.wait_prompt(STARVE_BUDGET_S)
