"""Compare two records: IDENTICAL, IMPROVED, REGRESSED, UNCHANGED, INCONCLUSIVE or INCOMPARABLE."""

import json
from collections.abc import Sequence

import click

from swiftos.errors import ExitCode, UsageError
from swiftos.evidence import comparison_text, metrics, select
from swiftos.evidence.compare import Comparison, Mode, Verdict, compare_records
from swiftos.evidence.record import Record
from swiftos.evidence.store import Store

EPILOG = (
    "A and B are records: the first digits of an id, `last`, `last~1`, a workload (`http`, "
    "`http~1`), `baseline:http`. Without B the newest record is taken; without A its baseline, or "
    "the record before it of the same workload. Exit status: 3 if anything is INCOMPARABLE, with "
    "--strict 1 if anything REGRESSED."
)


@click.command(help=__doc__, epilog=EPILOG)
@click.argument("first", metavar="[A]", required=False)
@click.argument("second", metavar="[B]", required=False)
@click.option("--metric", "names", multiple=True, metavar="NAME", help="Only this; repeatable.")
@click.option("--control", is_flag=True, help="Test equal artifacts too: an A/A comparison.")
@click.option("--strict", is_flag=True, help="Exit with 1 if anything regressed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    first: str | None,
    second: str | None,
    names: Sequence[str],
    control: bool,
    strict: bool,
    as_json: bool,
) -> None:
    left, right = select.pair(Store(), first, second)
    require_metrics(names, left[1], right[1])
    mode = Mode.CONTROL if control else Mode.NORMAL
    found = compare_records(left[1], right[1], names, mode)
    if as_json:
        click.echo(json.dumps(comparison_text.to_json(left, right, found), indent=2))
    else:
        click.echo(comparison_text.text(left, right, found))
    raise SystemExit(int(exit_code(found, strict)))


def require_metrics(names: Sequence[str], first: Record, second: Record) -> None:
    """Raises UsageError for a metric that the two records do not share."""
    shared = {item.name for item in first.metrics} & {item.name for item in second.metrics}
    if not shared:
        what = f"a record of {first.workload.name!r} and one of {second.workload.name!r}"
        raise UsageError(f"{what} share no metric", "compare records of one workload")
    for name in names:
        if name not in shared:
            what = f"the two records do not share a metric {name!r}"
            raise UsageError(what, metrics.suggestion(name, shared))


def exit_code(found: Sequence[Comparison], is_strict: bool) -> ExitCode:
    """Returns the exit code of a comparison."""
    verdicts = {item.verdict for item in found}
    if Verdict.INCOMPARABLE in verdicts:
        return ExitCode.REFUSED
    if is_strict and Verdict.REGRESSED in verdicts:
        return ExitCode.PRODUCT
    return ExitCode.GOOD
