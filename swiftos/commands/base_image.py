"""Build the programs and pack build/base.img."""

import click

from swiftos import building


@click.command(help=__doc__)
@click.option("--debug", "is_debug", is_flag=True, help="Unoptimised programs.")
def command(is_debug: bool) -> None:
    for line in building.build_programs(is_debug):
        click.echo(line)
