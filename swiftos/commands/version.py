"""Print the version of the tools and the revision of the tree."""

import click

from swiftos import version


@click.command(help=__doc__)
def command() -> None:
    dirty = ", modified" if version.is_dirty() else ""
    click.echo(f"{version.version_text()} ({version.revision()}{dirty})")
