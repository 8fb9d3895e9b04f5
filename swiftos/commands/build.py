"""Build kernel, programs, base image and device tree; only what changed."""

import click

from swiftos import building, devicetree, paths
from swiftos.building import IMAGE_NAME, Plan


@click.command(help=__doc__)
@click.option("--debug", "is_debug", is_flag=True, help="Unoptimised, with exact locals in gdb.")
@click.option("--partial", "is_partial", is_flag=True, help="Go on behind errors; exit code 1.")
@click.option("--image", "images", multiple=True, help="NAME of images/NAME.toml; repeatable.")
def command(is_debug: bool, is_partial: bool, images: tuple[str, ...]) -> None:
    plan = Plan(is_debug=is_debug, is_partial=is_partial, images=images or (IMAGE_NAME,))
    for line in building.build(plan):
        click.echo(line)
    if not paths.VIRT_DTB.exists():
        devicetree.write_default()
