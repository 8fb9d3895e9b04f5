"""Random programs do the same in checked execution, on the host and on the target.

A batch is one module with many functions, so that it is built once. A case is a function and its
arguments; its result is a number, or the kind and the line of a trap.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import bare
from bare import traps
from compiler.backend.profile import SEMIHOST, Profile, host_profile
from compiler.build import build_program
from compiler.runtime.harness import QEMU, Execution, execution_of
from tests.bare import random_programs
from tests.bare.executions import CACHE, SELECTOR_ADDRESS, last_line, run_selected

FUNCTIONS = 60
BATCHES = int(os.environ.get("BARE_BATCHES", "1"))
"""Batches for the host; each is built for some seconds. Set it for a long search."""
TARGET_TRAPS = 4
"""How many trapping cases of a batch are booted: each ends its run."""

Case = tuple[int, tuple[int, ...]]
Result = int | str

EXAMPLES = settings(
    max_examples=BATCHES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(min_value=0, max_value=1 << 32)


def write_batch(seed: int, folder: Path) -> str:
    name = f"random_{seed}"
    (folder / f"{name}.py").write_text(random_programs.module(seed, FUNCTIONS))
    return name


def cases_of(seed: int) -> list[Case]:
    cases = random_programs.cases(seed)
    return [(number, arguments) for number in range(FUNCTIONS) for arguments in cases]


def run_checked(name: str, folder: Path, cases: list[Case]) -> list[Result]:
    loaded = bare.load(name, source_root=folder)
    results: list[Result] = []
    for number, arguments in cases:
        try:
            results.append(getattr(loaded, f"random_{number}")(*arguments))
        except traps.Trap as trap:
            results.append(trap_at(type(trap).__name__, last_line(trap.__traceback__)))
    return results


def trap_at(kind: str, line: int | None) -> str:
    return f"{kind} at {line}"


def run_on_host(program: Path, cases: list[Case]) -> list[Result]:
    results: list[Result] = []
    while len(results) < len(cases):
        finished, execution = run_until_trap(program, cases[len(results) :])
        results.extend(finished)
        if execution.kind:
            results.append(trap_at(execution.kind, execution.line))
        elif execution.status != 0:
            results.append(f"status {execution.status}")
    return results


def run_until_trap(program: Path, cases: list[Case]) -> tuple[list[int], Execution]:
    """Runs cases in a forked child until one traps; returns results and how the child ended."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if child == 0:
            run_in_child(program, cases, writing, printed.fileno())
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            raw = stream.read()
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        text = printed.read().decode()
    results = [int.from_bytes(raw[at : at + 8], "little") for at in range(0, len(raw), 8)]
    return results, execution_of(text, os.waitstatus_to_exitcode(status))


def run_in_child(program: Path, cases: list[Case], writing: int, output: int) -> None:
    """Writes the result of each case to a pipe; never returns."""
    try:
        os.dup2(output, 1)
        library = ctypes.CDLL(str(program))
        for number, arguments in cases:
            function = getattr(library, f"random_{number}")
            function.restype = ctypes.c_uint64
            result = function(*(ctypes.c_uint64(one) for one in arguments))
            os.write(writing, result.to_bytes(8, "little"))
        os._exit(0)
    finally:
        os._exit(1)


def target_root(name: str, ending: list[Case], trapping: list[Case]) -> str:
    lines = [f"    print({name}.random_{number}{arguments})" for number, arguments in ending]
    for index, (number, arguments) in enumerate(trapping):
        lines += [f"    if chosen == {index + 1}:"]
        lines += [f"        print({name}.random_{number}{arguments})"]
    return "\n".join(
        [
            '"""Runs cases of a batch."""',
            f"import {name}",
            "from bare import u64",
            "from bare.unsafe import Pointer",
            "def main() -> None:",
            '    """Prints results."""',
            f"    chosen = Pointer[u64]({SELECTOR_ADDRESS:#x}).load()",
            *lines[len(ending) :],
            *lines[: len(ending)],
            "",
        ]
    )


def build(root: str, profile: Profile, folder: Path) -> Path:
    output = folder / f"{root}{'.so' if profile.is_hosted else '.elf'}"
    build_program(root, source_root=folder, profile=profile, output=output, cache=CACHE)
    return output


def differences(
    cases: list[Case], left: list[Result], right: list[Result]
) -> list[tuple[Case, Result, Result]]:
    rows = zip(cases, left, right, strict=True)
    return [(case, one, other) for case, one, other in rows if one != other]


@pytest.mark.slow
@EXAMPLES
@given(seed=SEEDS)
def test_checked_execution_agrees_with_the_host(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("host")
    name = write_batch(seed, folder)
    cases = cases_of(seed)
    checked = run_checked(name, folder, cases)
    compiled = run_on_host(build(name, host_profile(), folder), cases)
    assert differences(cases, checked, compiled) == []


@pytest.mark.slow
@pytest.mark.guest
@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"{QEMU} is not installed")
@settings(EXAMPLES, max_examples=1)
@given(seed=SEEDS)
def test_checked_execution_agrees_with_the_target(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("target")
    seed += 1  # another batch than the host's first
    name = write_batch(seed, folder)
    cases = cases_of(seed)
    results = dict(zip(cases, run_checked(name, folder, cases), strict=True))
    ending = [case for case in cases if isinstance(results[case], int)]
    trapping = [case for case in cases if case not in ending][:TARGET_TRAPS]
    (folder / "target.py").write_text(target_root(name, ending, trapping))
    program = build("target", SEMIHOST, folder)
    execution = run_selected(program, 0)
    assert (execution.status, execution.trap) == (0, "")
    printed: list[Result] = [int(line) for line in execution.output.split()]
    assert differences(ending, [results[case] for case in ending], printed) == []
    for index, case in enumerate(trapping):
        execution = run_selected(program, index + 1)
        assert (case, trap_at(execution.kind, execution.line)) == (case, results[case])
