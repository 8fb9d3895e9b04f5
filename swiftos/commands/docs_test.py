"""Check the documents: links, commands, evidence behind figures, claims, white space."""

import time
from pathlib import Path

import click

from swiftos.documents import check, citing
from swiftos.documents.markdown import Document
from swiftos.errors import ExitCode

EPILOG = """\b
Examples:
  ./swos docs-test
  ./swos docs-test docs/performance.md     one document
  ./swos docs-test --no-run                without running the blocks marked `sh run`
  ./swos docs-test --cite boot.blocks      print the link that cites a figure, and check nothing
"""


@click.command(help=__doc__, epilog=EPILOG)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-run", "is_quiet", is_flag=True, help="Do not run any block.")
@click.option("--cite", "cited", multiple=True, metavar="METRIC", help="Print the link instead.")
def command(files: tuple[Path, ...], is_quiet: bool, cited: tuple[str, ...]) -> None:
    if cited:
        citations = [citing.citation(name) for name in cited]
        click.echo("\n".join([link for link, _ in citations] + [line for _, line in citations]))
        return
    started_s = time.monotonic()
    if files:
        chosen = [Document(path.resolve()) for path in files]
        found = [finding for document in chosen for finding in check.check_document(document)]
    else:
        chosen = check.documents()
        found = check.check_all(chosen)
    if not is_quiet:
        found += check.run_commands(chosen)
    for finding in found:
        click.echo(finding)
    elapsed_s = time.monotonic() - started_s
    click.echo(f"{len(chosen)} documents, {len(found)} findings, {elapsed_s:.1f} s")
    if found:
        raise SystemExit(int(ExitCode.PRODUCT))
