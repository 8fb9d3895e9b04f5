"""Put faults into a copy of the tree, one at a time, and see that their tests go red."""

import click

from swiftos import paths, sabotage, version
from swiftos.errors import ExitCode, UsageError
from swiftos.sabotage import Verdict

FOLDER = paths.REPOSITORY / "tests" / "sabotage"


@click.command(help=__doc__)
@click.option("-k", "word", default="", help="Only faults whose name contains this.")
@click.option("--count", type=int, help="Only so many, chosen by the seed.")
@click.option("--seed", help="Chooses the faults; the commit when left out.")
@click.option("--host", "is_host_only", is_flag=True, help="Only faults whose test needs no guest.")
@click.option("--list", "is_list", is_flag=True, help="Print the faults and stop.")
def command(
    word: str, count: int | None, seed: str | None, is_host_only: bool, is_list: bool
) -> None:
    faults = [fault for fault in sabotage.load(FOLDER) if word in fault.name]
    if is_host_only:
        faults = [fault for fault in faults if not fault.needs_build]
    if not faults:
        raise UsageError(f"no fault is called {word}", "./swos sabotage --list")
    if is_list:
        for fault in faults:
            click.echo(f"{fault.name:40} {fault.test}")
        return
    if count is not None:
        seed = seed or version.commit()
        faults = sabotage.choose(faults, count, seed)
        click.echo(f"{len(faults)} faults chosen by --seed {seed}")
    escaped = 0
    for finding in sabotage.run(faults, paths.REPOSITORY, paths.BUILD / "sabotage"):
        click.echo(f"{finding.verdict.value:18} {finding.fault.name}: {finding.fault.why}")
        if finding.verdict is not Verdict.CAUGHT:
            escaped += 1
            click.echo(finding.output)
    click.echo(f"sabotage: {len(faults) - escaped} of {len(faults)} faults were caught")
    if escaped:
        raise SystemExit(int(ExitCode.PRODUCT))
