"""Remove what builds and runs left: build/. With --all also downloads and caches."""

import shutil

import click

from swiftos import paths

CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")


@click.command(help=__doc__)
@click.option("--all", "everything", is_flag=True, help="Remove .cache and tool caches too.")
def command(everything: bool) -> None:
    folders = [paths.BUILD]
    if everything:
        folders += [paths.CACHE, *(paths.REPOSITORY / name for name in CACHES)]
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
            click.echo(f"removed {paths.relative(folder)}")
