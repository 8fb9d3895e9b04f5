"""Check the guards: bounds on counts and guest time, the same on every host; one boot."""

import datetime
from collections.abc import Sequence

import click

from swiftos import artifacts, paths, qemu
from swiftos.errors import ExitCode, UsageError
from swiftos.evidence import exchange, gather, guards, metrics, select
from swiftos.evidence.guards import Guard, Outcome
from swiftos.evidence.record import Kind, Metric, Record, Status, Workload
from swiftos.evidence.store import Store, short
from swiftos.measure import bootlog, guarded, machine

CURE = (
    "find what made it worse (./swos compare guard~1 guard), or, if it is meant: "
    "./swos guard set METRIC --reason WHY"
)


@click.group(help=__doc__, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        raise SystemExit(int(check()))


@command.command("list")
def list_guards() -> None:
    """Print each guard: bound, origin and its value there, date, reason."""
    store = Store()
    for guard in guards.load(paths.GUARDS):
        value = guards.origin_value(guard, store)
        click.echo(f"{guard.metric}: {guard.words}; {metrics.title(guard.metric)}")
        click.echo(f"  from {value:,.0f} in record {guard.origin} of {guard.date}: {guard.reason}")


@command.command("set")
@click.argument("names", metavar="METRIC...", nargs=-1, required=True)
@click.option("--record", "which", default="guard", show_default=True, help="Where it is from.")
@click.option("--headroom", default=1.0, show_default=True, help="How many % worse it may get.")
@click.option("--reason", required=True, help="Why: it is kept in the file.")
def set_guards(names: Sequence[str], which: str, headroom: float, reason: str) -> None:
    """Bind metrics to a record's values, and publish the record with the tree."""
    if not 0 <= headroom <= 100:
        raise UsageError(f"--headroom {headroom:g} is not from 0 to 100", "give a percentage")
    name, record = select.find(Store(), which)
    today = datetime.date.today()
    texts = {x: guards.propose(name, record, x, headroom / 100, today) for x in names}
    exchange.publish(name, record, paths.PUBLISHED_RECORDS)
    for metric, text in texts.items():
        path = guards.write(paths.GUARDS, metric, text, reason)
        click.echo(f"{paths.relative(path)}: commit it with record {short(name)}")


def check() -> ExitCode:
    """Measures, stores a record, prints every guard; returns the exit code."""
    found = guards.load(paths.GUARDS)
    artifacts.require(paths.KERNEL_ELF, paths.BASE_IMAGE)
    profile = qemu.default_profile()
    beginning = gather.begin()
    measured, text = guarded.measure(profile)
    outcomes = guards.check(found, measured)
    broken = [outcome for outcome in outcomes if not outcome.is_kept]
    name = Store().add(make_record(beginning, measured, text, found, broken))
    for outcome in outcomes:
        click.echo(str(outcome))
    click.echo(f"guard: {len(outcomes) - len(broken)} of {len(outcomes)} kept, {short(name)}")
    if broken:
        click.echo(f"  cure: {CURE}", err=True)
    return ExitCode.PRODUCT if broken else ExitCode.GOOD


def make_record(
    beginning: gather.Beginning,
    measured: list[Metric],
    text: str,
    found: list[Guard],
    broken: list[Outcome],
) -> Record:
    """Returns the record of a check."""
    return gather.make_record(
        beginning=beginning,
        kind=Kind.GUARD,
        status=Status.FAIL if broken else Status.PASS,
        command="./swos guard",
        profile=machine.counted(qemu.default_profile()),
        workload=Workload("guard", 1, {}),
        metrics=measured,
        result=f"{len(found) - len(broken)} of {len(found)} guards kept",
        markers=bootlog.markers(text),
        notes=[f"guard {guard.metric}: {guard.words}" for guard in found],
        boundaries=["a guard that holds proves its bound and nothing else"],
    )
