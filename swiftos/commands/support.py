"""Collect a bundle for another person: versions, last run, records; secrets and paths redacted."""

from pathlib import Path

import click

from swiftos import paths
from swiftos.evidence.store import Store
from swiftos.support import collection
from swiftos.support.redact import Redactor

EPILOG = """\b
Examples:
  ./swos support                     the newest run; build/support.tar.gz
  ./swos support --run demo          the newest run whose folder begins with demo
Nothing is sent anywhere. Read the bundle before you hand it on.
"""


@click.command(help=__doc__, epilog=EPILOG)
@click.option(
    "--run", "label", metavar="NAME", help="Which folder of build/runs, by its beginning."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=paths.BUILD / "support.tar.gz",
    show_default="build/support.tar.gz",
    help="The archive.",
)
def command(label: str | None, output: Path) -> None:
    run = collection.newest_run(label)
    redactor = Redactor()
    texts = collection.gather(run, Store(), redactor)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(collection.archive(texts))
    click.echo(f"run: {run.name if run else 'none yet'}")
    for name in sorted(texts):
        click.echo(f"  {len(texts[name]):>9,}  {name}")
    click.echo(f"redacted: {sum(redactor.counts.values())} places, counted in redactions.txt")
    click.echo(
        f"{paths.relative(output)}: {output.stat().st_size:,} bytes; read it, then hand it on"
    )
