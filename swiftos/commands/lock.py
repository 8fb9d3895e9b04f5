"""Regenerate the lock files with hashes from pyproject.toml.

The resolver runs in an environment of its own under build/, so the tools' own environment does not
change before the new locks are committed.
"""

import subprocess
import sys
from pathlib import Path

import click

from swiftos import paths
from swiftos.errors import MissingToolError

OPTIONS = ["--quiet", "--generate-hashes", "--universal", "--python-version", "3.11"]
PLAIN = ["--no-header", "--no-annotate", "--no-emit-index-url"]


@click.command(help=__doc__)
@click.option("--upgrade", is_flag=True, help="Take the newest versions that pyproject allows.")
def command(upgrade: bool) -> None:
    resolver = _resolver()
    extra = ["--upgrade"] if upgrade else []
    _compile(resolver, ["-o", "locks/tools.txt", *extra])
    _compile(resolver, ["--extra", "dev", "-c", "locks/tools.txt", "-o", "locks/dev.txt", *extra])
    click.echo("locks/tools.txt and locks/dev.txt are written; review and commit them")


def _resolver() -> Path:
    """Returns the resolver's program, installing it on first use."""
    folder = paths.BUILD / "resolver"
    program = folder / "bin" / "uv"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", "uv"], check=True)
    return program


def _compile(resolver: Path, arguments: list[str]) -> None:
    """Resolves pyproject.toml into one lock file."""
    command = [str(resolver), "pip", "compile", "pyproject.toml", *OPTIONS, *PLAIN, *arguments]
    if subprocess.run(command, cwd=paths.REPOSITORY, check=False).returncode != 0:
        raise MissingToolError("the resolver failed (its message is above)", "check the network")
