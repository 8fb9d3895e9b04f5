"""Compare records: IDENTICAL, IMPROVED, REGRESSED, UNCHANGED, INCONCLUSIVE or INCOMPARABLE."""

import json
from collections.abc import Iterable, Sequence

import click

from swiftos.errors import ExitCode, UsageError
from swiftos.evidence import comparison_text, metrics, select
from swiftos.evidence.compare import Comparison, Mode, Verdict, compare_records
from swiftos.evidence.select import Pair
from swiftos.evidence.store import Store

EPILOG = """\b
A and B name records:
  0123abcd        the first digits of an id
  last, last~1    what was measured last, and before it
  http, http~1    the newest records of `measure http`, and those before them
  baseline:http   their baselines

Without B, A is compared with its baseline, or with what was measured before it; if two builds were
measured in turn (--beside), the other build with this one. Without A, the same for `last`.

Exit status: 3 if anything is INCOMPARABLE; with --strict, 1 if anything REGRESSED.
"""


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
    pairs = select.pairs(Store(), first, second)
    require_metrics(names, pairs)
    mode = Mode.CONTROL if control else Mode.NORMAL
    found = [(*pair, compare_records(pair[0][1], pair[1][1], names, mode)) for pair in pairs]
    if as_json:
        click.echo(json.dumps([comparison_text.to_json(*part) for part in found], indent=2))
    else:
        click.echo(comparison_text.text([part for part in found if part[2]]))
    code = exit_code((item for part in found for item in part[2]), strict)
    raise SystemExit(int(code))


def require_metrics(names: Sequence[str], pairs: Sequence[Pair]) -> None:
    """Raises UsageError for a metric that no pair of records shares."""
    shared = set()
    for (_, first), (_, second) in pairs:
        shared |= {item.name for item in first.metrics} & {item.name for item in second.metrics}
    if not shared:
        first, second = pairs[0][0][1], pairs[0][1][1]
        what = f"a record of {first.workload.name!r} and one of {second.workload.name!r}"
        raise UsageError(f"{what} share no metric", "compare records of one workload")
    for name in names:
        if name not in shared:
            what = f"the records do not share a metric {name!r}"
            raise UsageError(what, metrics.suggestion(name, shared))


def exit_code(found: Iterable[Comparison], is_strict: bool) -> ExitCode:
    """Returns the exit code of a comparison."""
    verdicts = {item.verdict for item in found}
    if Verdict.INCOMPARABLE in verdicts:
        return ExitCode.REFUSED
    if is_strict and Verdict.REGRESSED in verdicts:
        return ExitCode.PRODUCT
    return ExitCode.GOOD
