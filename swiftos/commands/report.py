"""Draw the stored records: one self-contained HTML page and one Markdown page."""

from pathlib import Path

import click

from swiftos import paths
from swiftos.errors import UsageError
from swiftos.evidence.store import Store
from swiftos.report import content, page, text

EPILOG = """\b
Examples:
  ./swos report                        build/report.html and build/report.md
  ./swos report --last 20 -o /tmp/r    of the 20 newest records, /tmp/r.html and /tmp/r.md
  ./swos report boot http              of records of these workloads only
"""


@click.command(help=__doc__, epilog=EPILOG)
@click.argument("workloads", nargs=-1)
@click.option("--last", "most", type=click.IntRange(1), metavar="N", help="The N newest records.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=paths.BUILD / "report",
    show_default="build/report",
    help="Name of both files, without their ends.",
)
def command(workloads: tuple[str, ...], most: int | None, output: Path) -> None:
    records = list(Store().all())
    known = sorted({record.workload.name for _, record in records})
    if unknown := [name for name in workloads if name not in known]:
        cure = f"known: {', '.join(known)}" if known else "./swos measure boot makes a record"
        raise UsageError(f"there is no record of {', '.join(unknown)}", cure)
    chosen = [found for found in records if not workloads or found[1].workload.name in workloads]
    gathered = content.gather(chosen[-most:] if most else chosen)
    output.parent.mkdir(parents=True, exist_ok=True)
    for end, written in ((".html", page.html(gathered)), (".md", text.markdown(gathered))):
        path = output.with_name(output.name + end)
        path.write_text(written)
        click.echo(f"{paths.relative(path)}: {len(written):,} bytes")
    if not chosen:
        click.echo("there are no records yet; ./swos measure boot makes one", err=True)
