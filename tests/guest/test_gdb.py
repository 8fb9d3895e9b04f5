"""gdb on the kernel: a breakpoint by Python name stops; frames, arguments and locals are right.

The values are checked against what the machine was given: all of its memory, in bytes.
"""

import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swiftos import compiling, paths
from swiftos.console import time_scale
from swiftos.guest import Guest
from swiftos.targets import kernel_target

Boot = Callable[..., Guest]
GDB_BUDGET_S = 60
MEMORY_MIB = 96
FUNCTION = "kernel.main.start_memory"
LINE_BEHIND_TOTAL = "if total < MINIMUM_MEMORY:"


@pytest.fixture(scope="module")
def gdb() -> str:
    found = shutil.which("gdb-multiarch")
    if found is None:
        pytest.skip("gdb-multiarch is not installed")
    return found


@pytest.fixture(scope="module")
def debug_kernel() -> Path:
    folder = paths.BUILD / "debug"
    folder.mkdir(parents=True, exist_ok=True)
    target = replace(kernel_target(), output=folder / "kernel.elf")
    outcome = compiling.compile_target(target, is_debug=True, jobs=2)
    assert not outcome.errors, "\n".join(outcome.errors)
    return target.output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_gdb(gdb: str, kernel: Path, port: int, *commands: str) -> str:
    """Attaches, runs the commands, and returns what gdb printed."""
    lines = ["set confirm off", "set width 0", f"target remote localhost:{port}", *commands, "kill"]
    argv = [gdb, "-nx", "-batch", str(kernel)]
    for line in lines:
        argv += ["-ex", line]
    result = subprocess.run(
        argv,
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        timeout=GDB_BUDGET_S * time_scale(),
        check=False,
    )
    return result.stdout + result.stderr


def line_number(text: str) -> int:
    source = (paths.REPOSITORY / "kernel" / "main.py").read_text().splitlines()
    return next(number for number, line in enumerate(source, 1) if text in line)


def test_breakpoint_by_python_name_shows_frames_and_arguments(boot: Boot, gdb: str) -> None:
    port = free_port()
    guest = boot(memory=f"{MEMORY_MIB}M", gdb_port=port)
    output = run_gdb(
        gdb, guest.profile.kernel, port, f"break {FUNCTION}", "continue", "bt", "info args"
    )
    assert re.search(rf"Breakpoint 1, {FUNCTION} \(.*\) at kernel/main.py:\d+", output), output
    assert re.search(r"#1 .*kernel\.main\.\w+ \(.*\) at kernel/main.py:\d+", output), output
    assert re.search(r"^tree_address = \d+$", output, re.MULTILINE), output


def test_locals_are_right_in_a_debug_build(boot: Boot, gdb: str, debug_kernel: Path) -> None:
    port = free_port()
    boot(memory=f"{MEMORY_MIB}M", gdb_port=port, kernel=debug_kernel)
    place = f"kernel/main.py:{line_number(LINE_BEHIND_TOTAL)}"
    output = run_gdb(gdb, debug_kernel, port, f"break {place}", "continue", "info locals", "bt")
    match = re.search(r"^total = (\d+)$", output, re.MULTILINE)
    assert match is not None, output
    assert int(match.group(1)) == MEMORY_MIB * 1024 * 1024
    assert FUNCTION in output
