"""Set or show the record that later ones of its workload and profile are compared with."""

import time

import click

from swiftos.evidence import select
from swiftos.evidence.baseline import Baseline, Baselines
from swiftos.evidence.store import Store, short


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("set")
@click.argument("which", metavar="RECORD")
@click.option("--reason", required=True, help="Why: it is kept.")
def set_baseline(which: str, reason: str) -> None:
    """Make records (an id, `last`, a measurement) the baselines of their workloads."""
    store = Store()
    for name, record in select.own(select.find_group(store, which)):
        click.echo(describe(Baselines(store).set(name, record, reason)))


@command.command("show")
@click.option("--history", is_flag=True, help="All that was ever set, oldest first.")
def show(history: bool) -> None:
    """Print the baselines that count."""
    baselines = Baselines(Store())
    lines = list(baselines.history()) if history else baselines.current()
    if not lines:
        click.echo("no baseline yet; ./swos baseline set RECORD --reason 'WHY'", err=True)
    for line in lines:
        click.echo(describe(line))


def describe(line: Baseline) -> str:
    """Returns the line of one baseline."""
    date = time.strftime("%Y-%m-%d %H:%M", time.gmtime(line.set_s))
    head = f"{line.workload:12} profile {line.profile}  record {short(line.record)}"
    return f"{head}  set {date}: {line.reason}"
