"""Mutated frames through the whole stack: no trap, sound answers, and all memory back.

`python -m tests.kernel.net.fuzz` runs a million.
"""

import subprocess
import sys

from swiftos import paths
from tests.kernel.net import fuzz

FEW = 300
MANY = 200_000


def test_mutants_leave_nothing_behind() -> None:
    outcome = fuzz.run(fuzz.checked_engine(), seed=5, count=FEW)
    assert outcome.sent > 0
    assert outcome.seen > 0
    assert (outcome.packets_left, outcome.datagrams_left, outcome.neighbours_left) == (0, 0, 0)


def test_many_mutants_in_machine_code() -> None:
    command = [sys.executable, "-m", "tests.kernel.net.fuzz", "--frames", str(MANY), "--seed", "7"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=paths.REPOSITORY, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "packets_left=0, datagrams_left=0, neighbours_left=0" in ran.stdout
    assert "refused=0" in ran.stdout
