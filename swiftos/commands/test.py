"""Run the tests: all of them, or with --host those that need no guest."""

import os
import subprocess
import sys
import time

import click

from swiftos import building, devicetree, emulator, paths, unsteady
from swiftos.errors import ExitCode

MOST_WORKERS = 8
TESTS_FAILED = 1
NO_TESTS_COLLECTED = 5
USAGE_ERROR = 4
EXAMPLES = """\b
Examples:
  ./swos test --host
  ./swos test -k boot                  what matches, all layers
  ./swos test tests/guest/test_top.py  one file
  ./swos test -- -x --pdb              options behind -- go to pytest
"""


@click.command(help=__doc__, epilog=EXAMPLES)
@click.option("--host", "is_host_only", is_flag=True, help="Only tests that boot no guest.")
@click.option("-k", "expression", help="Only tests whose name matches.")
@click.option("-j", "--workers", type=int, help="Worker processes; one a CPU by default.")
@click.option("--no-build", is_flag=True, help="Take build/ as it is.")
@click.option(
    "--again",
    "most_again",
    type=click.IntRange(min=0),
    default=0,
    help="Run up to this many failed guest tests again, alone; what passes is named unsteady.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    is_host_only: bool,
    expression: str | None,
    workers: int | None,
    no_build: bool,
    most_again: int,
    arguments: tuple[str, ...],
) -> None:
    started_s = time.monotonic()
    if not is_host_only:
        emulator.obtain()
        if not no_build:
            build()
    chosen = [*selection(is_host_only, expression), *distribution(workers, arguments), *arguments]
    unsteady.forget_failures()
    code = pytest(chosen)
    if code == TESTS_FAILED and unsteady.may_be_unsteady(failed := unsteady.failures(), most_again):
        code = run_again(failed)
    click.echo(f"tests took {time.monotonic() - started_s:.0f} s")
    if code:
        raise SystemExit(int(exit_code(code)))


def pytest(arguments: list[str]) -> int:
    """Runs pytest and returns its exit code."""
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=paths.REPOSITORY, check=False).returncode


def run_again(failed: list[str]) -> int:
    """Runs tests alone and names those that pass now; returns pytest's exit code."""
    code = pytest(failed)
    steady = unsteady.failures() if code else []
    for name in failed:
        verdict = "FAILED TWICE" if name in steady else "UNSTEADY: failed, then passed alone"
        click.echo(f"{verdict}: {name}", err=True)
    return code


def build() -> None:
    """Builds what the guest tests boot."""
    for line in building.build(building.Plan(images=("default", "test"))):
        click.echo(line)
    devicetree.write_default()


def selection(is_host_only: bool, expression: str | None) -> list[str]:
    """Returns pytest's arguments that choose the tests."""
    chosen = ["-m", "not guest"] if is_host_only else []
    return [*chosen, "-k", expression] if expression else chosen


def distribution(workers: int | None, arguments: tuple[str, ...]) -> list[str]:
    """Returns pytest's arguments that spread the tests; a debugger needs one process."""
    if "--pdb" in arguments or workers == 0:
        return []
    number = workers or min(MOST_WORKERS, os.cpu_count() or 1)
    return ["-n", str(number), "--dist", "loadgroup"]


def exit_code(pytest_code: int) -> ExitCode:
    """Returns our exit code for pytest's."""
    if pytest_code == TESTS_FAILED:
        return ExitCode.PRODUCT
    if pytest_code in (NO_TESTS_COLLECTED, USAGE_ERROR):
        return ExitCode.USAGE
    return ExitCode.HARNESS
