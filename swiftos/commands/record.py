"""List, show, export, import and check evidence records."""

import time

import click

from swiftos.evidence.record import encode
from swiftos.evidence.report import render
from swiftos.evidence.store import Store


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("list")
def list_records() -> None:
    """List the records, oldest first."""
    records = list(Store().all())
    if not records:
        click.echo("no records yet; ./swos measure boot makes one", err=True)
    for name, record in records:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(record.created_s))
        head = f"{name[:16]} {when} {record.status.value:5} {record.workload.name:12}"
        click.echo(f"{head} {record.result}")


@command.command("show")
@click.argument("prefix", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the stored JSON.")
def show(prefix: str, as_json: bool) -> None:
    """Print a record in the reporting template; the first digits of its id are enough."""
    name, record = Store().load(prefix)
    click.echo(encode(record).decode() if as_json else render(name, record))


@command.command("verify")
def verify() -> None:
    """Check every record against its hash and make the index anew."""
    click.echo(f"{Store().reindex()} records are as they were stored")
