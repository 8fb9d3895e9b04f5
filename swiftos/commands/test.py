"""Run the tests: all of them, or with --host those that need no guest."""

import os
import subprocess
import sys
import time

import click

from swiftos import building, devicetree, emulator, paths
from swiftos.errors import ExitCode

MOST_WORKERS = 8
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
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    is_host_only: bool,
    expression: str | None,
    workers: int | None,
    no_build: bool,
    arguments: tuple[str, ...],
) -> None:
    started_s = time.monotonic()
    if not is_host_only:
        emulator.obtain()
        if not no_build:
            build()
    argv = [sys.executable, "-m", "pytest", *selection(is_host_only, expression)]
    argv += distribution(workers, arguments)
    result = subprocess.run([*argv, *arguments], cwd=paths.REPOSITORY, check=False)
    click.echo(f"tests took {time.monotonic() - started_s:.0f} s")
    if result.returncode:
        raise SystemExit(int(exit_code(result.returncode)))


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
    if pytest_code == 1:
        return ExitCode.PRODUCT
    if pytest_code in (NO_TESTS_COLLECTED, USAGE_ERROR):
        return ExitCode.USAGE
    return ExitCode.HARNESS
