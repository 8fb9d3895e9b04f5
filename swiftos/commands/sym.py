"""Name the function and source line of an address in the kernel or a program."""

from pathlib import Path

import click

from swiftos import paths
from swiftos.errors import UsageError
from swiftos.symbols import Symbols


@click.command(help=__doc__ + "\n\nADDRESS is hexadecimal; NAME stands for build/bin/NAME.elf.")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--program", metavar="NAME", help="Look in a program instead of the kernel.")
@click.option("--elf", type=click.Path(dir_okay=False, path_type=Path), help="Look in this file.")
def command(addresses: tuple[str, ...], program: str | None, elf: Path | None) -> None:
    path = paths.KERNEL_ELF
    if program:
        path = paths.PROGRAMS / f"{program}.elf"
    symbols = Symbols(elf or path)
    for text in addresses:
        try:
            address = int(text, 16)
        except ValueError as error:
            raise UsageError(
                f"{text} is not a hexadecimal number", "write e.g. 40200000"
            ) from error
        place = symbols.lookup(address)
        click.echo(f"{address:#018x} {place or 'no function covers this address'}")
