"""The cases of `tests/spec` in the guest: what the commands there print is what they should."""

from __future__ import annotations

import pytest

from swiftos.guest import Guest
from tests.support.spec import SpecCase, all_cases

BUDGET_S = 60
END_MARK = "END_OF_SPEC"


def is_typeable(case: SpecCase) -> bool:
    """Whether a script can be typed: a tab is a key of its own."""
    return all(character.isprintable() or character == "\n" for character in case.script)


def type_file(shell: Guest, path: str, text: str) -> None:
    """Writes a file by a here-document."""
    shell.type_line(f"cat > {path} <<'{END_MARK}'")
    for line in [*text.splitlines(), END_MARK]:
        shell.type_line(line)
    shell.wait_prompt(BUDGET_S)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_guest_prints_what_is_specified(shell: Guest, case: SpecCase) -> None:
    if not is_typeable(case):
        pytest.skip("the script holds a byte that cannot be typed")
    type_file(shell, "/tmp/spec.sh", case.script)
    command = "mkdir /tmp/spec; cd /tmp/spec; sh /tmp/spec.sh 2> /dev/null"
    result = shell.run_command(command, BUDGET_S)
    shell.run_command("cd /; rm -r /tmp/spec /tmp/spec.sh", BUDGET_S)
    assert result.text == case.output
    assert result.status == case.status
