"""Print the bytes of the built artifacts and the lines of each folder."""

import json
from dataclasses import asdict

import click

from swiftos import artifacts, linecount, paths


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(as_json: bool) -> None:
    lines = linecount.count_by_folder()
    sizes = artifacts.footprint()
    programs = {path.stem: path.stat().st_size for path in sorted(paths.PROGRAMS.glob("*.elf"))}
    if as_json:
        click.echo(json.dumps({**asdict(sizes), "programs": programs, "lines": lines}, indent=2))
        return
    for name, value in describe(sizes):
        click.echo(f"{value:>12,} bytes  {name}")
    click.echo(f"{sum(programs.values()):>12,} bytes  {len(programs)} programs in build/bin")
    for name, number in lines.items():
        click.echo(f"{number:>12,} lines  {name}/")
    click.echo(f"{sum(lines.values()):>12,} lines  in all, blank ones not counted")


def describe(sizes: artifacts.Footprint) -> list[tuple[str, int]]:
    """Returns the artifacts' names and sizes in bytes."""
    return [
        ("build/kernel.elf", sizes.kernel_elf),
        ("build/kernel.bin", sizes.kernel_bin),
        ("build/kernel.bin with zeroed memory", sizes.kernel_memory),
        ("build/base.img", sizes.base_image),
        ("build/base.img without models", sizes.base_without_models),
    ]
