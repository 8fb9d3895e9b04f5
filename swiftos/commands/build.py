"""Build kernel, programs, base image and device tree; only what changed."""

import click

from swiftos import building, devicetree, paths
from swiftos.building import Plan


@click.command(help=__doc__)
@click.option("--debug", "is_debug", is_flag=True, help="Unoptimised, with exact locals in gdb.")
@click.option("--partial", "is_partial", is_flag=True, help="Go on behind errors; exit code 1.")
def command(is_debug: bool, is_partial: bool) -> None:
    for line in building.build(Plan(is_debug=is_debug, is_partial=is_partial)):
        click.echo(line)
    if not paths.VIRT_DTB.exists():
        devicetree.write_default()
