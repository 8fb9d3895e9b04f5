"""Say what a diagnostic of the compiler means: its cause and its cure."""

import click

from compiler.frontend.codes import CODES
from swiftos.errors import UsageError


@click.command(help=__doc__ + "\n\nCODE is as in `error[E0311]`; without one, all are listed.")
@click.argument("codes", metavar="CODE...", nargs=-1)
def command(codes: tuple[str, ...]) -> None:
    if not codes:
        for code, entry in CODES.items():
            click.echo(f"{code}  {entry.title}")
    for text in codes:
        code = text.strip("[]").upper()
        if code not in CODES:
            raise UsageError(f"there is no diagnostic {text}", "`./swos explain` lists all")
        entry = CODES[code]
        click.echo(f"{code}: {entry.title}\n\ncause: {entry.cause}\ncure:  {entry.cure}")
