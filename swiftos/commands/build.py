"""Build kernel, programs, base image and device tree; only what changed."""

import click

from swiftos import building, devicetree, paths


@click.command(help=__doc__)
@click.option("--debug", "is_debug", is_flag=True, help="Unoptimised, with exact locals in gdb.")
def command(is_debug: bool) -> None:
    for line in building.build_all(is_debug):
        click.echo(line)
    if not paths.VIRT_DTB.exists():
        devicetree.write_default()
