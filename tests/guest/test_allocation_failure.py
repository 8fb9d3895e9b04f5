"""Any allocation may fail: the call that needed it says ENOMEM, and nothing is lost for good."""

import random
import re
from collections.abc import Callable

import pytest

from bench.failing_boot import allocations_at_prompt, check_outcome, failing_arguments
from swiftos.guest import Guest
from tests.support.guest_memory import accounted_kib

Boot = Callable[..., Guest]
BOOT_S = 60
RUNS_S = 240
SAMPLED_BOOTS = 8
ROUNDS = 5
SEED = 20
COMMANDS = [
    "/bin/true",
    "/bin/sh -c 'echo one two | wc -w > /tmp/count; cat /tmp/count'",
    "/bin/sh -c 'mkdir -p /tmp/a/b; cp /etc/motd /tmp/m; rm -r /tmp/a /tmp/m'",
]


def clean(shell: Guest) -> None:
    shell.run_command("rm -rf /tmp/a /tmp/m /tmp/count", BOOT_S)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_allocation_of_a_command_may_fail(shell: Guest, command: str) -> None:
    left = [after_failures(shell, command) for _ in range(2)]
    # The heap may keep a slab more once; a leak takes something every time.
    while left[-1] < left[-2] and len(left) < ROUNDS:
        left.append(after_failures(shell, command))
    assert left[-1] >= left[-2], left


def after_failures(shell: Guest, command: str) -> int:
    """Runs a command once for each allocation that may fail; returns the memory left, in KiB."""
    result = shell.run_command(f"/test/fail_allocation {command} 2> /dev/null", RUNS_S)
    runs = re.search(r"runs: (\d+)", result.text)
    assert runs is not None, result.text
    assert int(runs.group(1)) > 1
    clean(shell)
    return accounted_kib(shell)


def test_sampled_allocations_of_a_boot_may_fail(boot: Boot) -> None:
    """A seeded sample; `python -m bench.allocation_failure` tries every one."""
    count = allocations_at_prompt(boot())
    for number in sorted(random.Random(SEED).sample(range(1, count), SAMPLED_BOOTS)):
        check_outcome(boot(kernel_arguments=failing_arguments(number)))
