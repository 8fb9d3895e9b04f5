"""Run the linters: ruff over everything, mypy --strict over everything."""

import subprocess
import sys

import click

from swiftos import paths
from swiftos.errors import ExitCode

STEPS = (
    ("ruff check", ["ruff", "check", "."]),
    ("mypy", ["mypy"]),
)


@click.command(help=__doc__)
def command() -> None:
    failed = []
    for name, arguments in STEPS:
        argv = [sys.executable, "-m", *arguments]
        click.echo(f"{name}:", nl=False)
        result = subprocess.run(argv, cwd=paths.REPOSITORY, capture_output=True, text=True)
        lines = (result.stdout + result.stderr).strip()
        click.echo(f" {lines.splitlines()[-1] if lines else 'nothing printed'}")
        if result.returncode:
            click.echo(lines)
            failed.append(name)
    if failed:
        click.echo(f"failed: {', '.join(failed)}", err=True)
        raise SystemExit(int(ExitCode.PRODUCT))
