"""List, show, export, import, publish and check evidence records."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import click

from swiftos import paths
from swiftos.errors import ExitCode, UsageError
from swiftos.evidence import exchange, metrics, profile_text, select
from swiftos.evidence import verify as checks
from swiftos.evidence.baseline import Baselines
from swiftos.evidence.figures import number
from swiftos.evidence.identity import profile_hash
from swiftos.evidence.record import Record
from swiftos.evidence.report import render
from swiftos.evidence.store import Store, short

RECORD = click.argument("which", metavar="RECORD", default="last")


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("list")
@click.option("--workload", metavar="NAME", help="Only records of this workload.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_records(workload: str | None, as_json: bool) -> None:
    """List the records, oldest first."""
    records = [item for item in Store().all() if workload in (None, item[1].workload.name)]
    if as_json:
        click.echo(json.dumps([_row(name, record) for name, record in records], indent=2))
        return
    if not records:
        what = f"no records of workload {workload!r}" if workload else "no records yet"
        click.echo(f"{what}; ./swos measure boot makes one", err=True)
    for name, record in records:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(record.created_s))
        head = f"{short(name)} {when} {record.status.value:5} {record.workload.name:12}"
        click.echo(f"{head} {record.result}")


@command.command("show")
@RECORD
@click.option("--profile", "is_profile", is_flag=True, help="Print the host profile as well.")
@click.option("--json", "as_json", is_flag=True, help="Print the stored JSON.")
def show(which: str, is_profile: bool, as_json: bool) -> None:
    """Print records in the reporting template: an id's first digits, `last`, a measurement."""
    store = Store()
    found = select.find_group(store, which)
    if as_json:
        click.echo("\n".join(store.bytes_of(name).decode() for name, _ in found))
        return
    texts = [describe(store, name, record, is_profile) for name, record in found]
    click.echo("\n\n".join(texts))


def describe(store: Store, name: str, record: Record, is_profile: bool) -> str:
    """Returns a record in the reporting template, behind its host profile if asked for."""
    line = Baselines(store).of(record)
    baseline = f"record {short(line.record)}, set because: {line.reason}" if line else ""
    text = render(name, record, baseline)
    if not is_profile:
        return text
    return f"{profile_text.text(record, select.before(store, name))}\n\n{text}"


@command.command("history")
@click.argument("metric")
def history(metric: str) -> None:
    """Print a metric's values under the profile of its newest record, oldest first."""
    declared = metrics.declaration(metric)
    store = Store()
    having = [record for _, record in store.all() if metric in {m.name for m in record.metrics}]
    if not having:
        raise UsageError(f"no record has {metric}", "./swos measure --help says what measures it")
    click.echo(f"{metrics.title(metric)}, {declared.unit}: median (least to most) of each record")
    for point in store.history(metric, profile_hash(having[-1], declared.scope)):
        date = time.strftime("%Y-%m-%d %H:%M", time.gmtime(point.created_s))
        spread = f"{number(point.median)} ({number(point.low)} to {number(point.high)})"
        click.echo(f"{short(point.record)} {date} {point.revision[:8]:8} {spread}")


@command.command("export")
@click.argument("which", metavar="RECORD...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="zip file.")
def export(which: Sequence[str], output: Path) -> None:
    """Write records and their raw files to one file, for another person."""
    store = Store()
    found = {name: record for word in which for name, record in select.find_group(store, word)}
    raw_files = exchange.export(store, list(found.items()), output)
    click.echo(f"{output}: {len(found)} records, {raw_files} raw files")


@command.command("import")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
def import_records(files: Sequence[Path]) -> None:
    """Take in what `export` wrote, or the JSON of a record."""
    store = Store()
    for file in files:
        for name in exchange.import_file(store, file):
            click.echo(f"imported {short(name)}")


@command.command("publish")
@RECORD
def publish(which: str) -> None:
    """Copy records into bench/records, where guards and documents may refer to it."""
    for name, record in select.find_group(Store(), which):
        path = exchange.publish(name, record, paths.PUBLISHED_RECORDS)
        click.echo(f"{paths.relative(path)}: commit it with what refers to {short(name)}")


@command.command("verify")
@click.option("--set-aside", "moves", is_flag=True, help="Move damaged files out of the way.")
def verify(moves: bool) -> None:
    """Recompute every hash, and every statistic from the raw samples."""
    store = Store()
    found = checks.verify(store)
    for line in found.notes:
        click.echo(f"note: {line}", err=True)
    for line in found.damages:
        click.echo(f"DAMAGED: {line}", err=True)
    click.echo(
        f"{found.records} records and {found.raw_files} raw files are as they were stored; "
        f"{found.statistics} statistics follow from their samples"
    )
    if found.damages:
        for path in checks.set_aside(store, found) if moves else ():
            click.echo(f"moved to {path}", err=True)
        if not moves:
            click.echo("  cure: --set-aside moves the damaged files away", err=True)
        raise SystemExit(int(ExitCode.PRODUCT))


def _row(name: str, record: Record) -> dict[str, str | int | bool]:
    return {
        "id": name,
        "created_s": record.created_s,
        "workload": record.workload.name,
        "status": record.status.value,
        "revision": record.source.subject,
        "is_dirty": record.source.is_dirty,
        "result": record.result,
    }
