"""Write build/virt.dtb, the device tree of the default machine."""

import click

from swiftos import devicetree, paths


@click.command(help=__doc__)
def command() -> None:
    devicetree.write_default()
    click.echo(f"{paths.relative(paths.VIRT_DTB)}: {paths.VIRT_DTB.stat().st_size} bytes")
