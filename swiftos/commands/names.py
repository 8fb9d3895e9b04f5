"""List the names of the performance and sizing guide, or say what one of them is."""

import json
from dataclasses import asdict

import click

from swiftos import names
from swiftos.names import Name

EPILOG = """\b
Examples:
  ./swos names
  ./swos names s1-test     exits with 4: not built yet
"""


@click.command(help=__doc__, epilog=EPILOG)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(name: str | None, as_json: bool) -> None:
    rows = [names.find(name)] if name else names.load()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    elif name is None or rows[0].is_built:
        click.echo("\n".join(line(row) for row in rows))
    if name and not rows[0].is_built:
        raise names.refusal(rows[0])


def line(row: Name) -> str:
    """Returns the line of one name."""
    state = "" if row.is_built else "not built yet: "
    return f"{row.kind:22}{row.name:42}{state}{row.what}"
