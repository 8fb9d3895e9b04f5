"""Build the programs and pack build/base.img."""

import click

from swiftos import building
from swiftos.building import Plan


@click.command(help=__doc__)
@click.option("--debug", "is_debug", is_flag=True, help="Unoptimised programs.")
def command(is_debug: bool) -> None:
    for line in building.build(Plan(is_debug=is_debug, has_kernel=False)):
        click.echo(line)
