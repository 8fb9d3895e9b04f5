"""A program that goes wrong dies with a Python traceback; shell and kernel go on."""

import re

import pytest

from swiftos import paths
from swiftos.guest import Guest
from tests.support.guest_memory import accounted_kib

BUDGET_S = 30
DEATHS = 1000
DEATHS_BUDGET_S = 240
SIGNAL_STATUS = 128
TRAPS = {
    "overflow": ("OverflowError", "successor", "return value + 1"),
    "bad_index": ("IndexError", "pick", "return table[index]"),
    "null": ("AttributeError", "value_of", "return branch.leaf.value"),
    "null_pointer": ("", "poke", "Pointer[u64](address).store(1)"),
    "recursion": ("RecursionError", "depth", "return depth(level + 1) + level % 3"),
    "assertion": ("AssertionError: the name is always there", "main", "assert arguments.count"),
}


def line_of(program: str, text: str) -> int:
    path = paths.REPOSITORY / "tests" / "guest" / "programs" / f"{program}.py"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if text in line and not line.startswith('"""'):
            return number
    raise AssertionError(f"{program}: no line with {text}")


@pytest.mark.parametrize("program", TRAPS)
def test_trap_prints_a_traceback_and_the_shell_goes_on(shell: Guest, program: str) -> None:
    kind, function, text = TRAPS[program]
    result = shell.run_command(f"/test/{program}", BUDGET_S)
    assert "Traceback (most recent call last):" in result.text
    place = (
        rf'File "tests/guest/programs/{program}.py", line {line_of(program, text)}, in {function}'
    )
    assert re.search(place, result.text), result.text
    assert kind in result.text
    assert result.status > SIGNAL_STATUS
    assert shell.run_command("echo still here", BUDGET_S).text.strip() == "still here"


def test_a_thousand_deaths_leak_nothing(shell: Guest) -> None:
    each = "/test/overflow 2>/dev/null; /test/recursion 2>/dev/null"
    warm = f"for i in 1 2 3 4 5 6 7 8; do {each}; done"
    shell.run_command(warm, DEATHS_BUDGET_S)
    before = accounted_kib(shell)
    tens = "1 2 3 4 5 6 7 8 9 10"
    loop = (
        f"for i in {tens}; do for j in {tens}; do for k in {tens}; do "
        "/test/overflow 2>/dev/null; done; done; done"
    )
    assert len(tens.split()) ** 3 == DEATHS
    shell.run_command(loop, DEATHS_BUDGET_S)
    assert accounted_kib(shell) == before
