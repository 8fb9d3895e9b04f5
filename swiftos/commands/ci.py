"""What a fresh machine runs: clean build, linters, tests, the demonstration, some sabotage."""

import os
import subprocess
import sys
import time

import click

from swiftos import paths
from swiftos.errors import ExitCode

FAULTS = "4"
MOST_UNSTEADY = "2"
PATIENCE = {"SWOS_TIMEOUT_SCALE": "3"}
"""A budget ends what hangs; how slow a shared host is says nothing of the system."""
STEPS = (
    ("doctor", ["doctor", "--fetch"]),
    ("clean", ["clean"]),
    ("build", ["build"]),
    ("nothing changed", ["build"]),
    ("sizes", ["size"]),
    ("guards", ["guard"]),
    ("lint", ["lint"]),
    ("documents", ["docs-test"]),
    ("test", ["test", "--again", MOST_UNSTEADY]),
    ("demo", ["demo"]),
    ("sabotage", ["sabotage", "--count", FAULTS]),
)


@click.command(help=__doc__)
@click.option("--keep-going", is_flag=True, help="Run all steps even behind a failed one.")
def command(keep_going: bool) -> None:
    failed = []
    for name, arguments in STEPS:
        click.secho(f"== {name}: ./swos {' '.join(arguments)} ==", bold=True)
        started_s = time.monotonic()
        argv = [sys.executable, str(paths.REPOSITORY / "swos"), *arguments]
        environment = {**PATIENCE, **os.environ}
        code = subprocess.run(argv, cwd=paths.REPOSITORY, env=environment, check=False).returncode
        click.echo(f"== {name}: exit code {code} after {time.monotonic() - started_s:.1f} s ==")
        if code:
            failed.append(name)
            if not keep_going:
                break
    if failed:
        click.echo(f"ci: failed at {', '.join(failed)}", err=True)
        raise SystemExit(int(ExitCode.PRODUCT))
    click.echo("ci: all steps passed")
