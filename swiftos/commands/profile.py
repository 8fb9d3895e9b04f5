"""Show a profile (what must match before figures are compared), or what differs between two."""

import json

import click
import msgspec

from swiftos import qemu
from swiftos.errors import ExitCode
from swiftos.evidence import gather, profile_text, select
from swiftos.evidence.identity import differences, identity, profile_hash
from swiftos.evidence.metrics import Scope
from swiftos.evidence.record import Kind, Record, Status, Workload
from swiftos.evidence.store import Store
from swiftos.qemu import BootPath

HERE = "here"


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("show")
@click.argument("which", metavar="[RECORD]", default=HERE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(which: str, as_json: bool) -> None:
    """Print the profile of a record, or of this host with the default guest."""
    store = Store()
    if which == HERE:
        record, earlier = describe_here(), None
        previous = list(store.all())
        earlier = previous[-1][1] if previous else None
    else:
        name, record = select.find(store, which)
        earlier = select.before(store, name)
    if as_json:
        click.echo(json.dumps(to_json(record), indent=2))
        return
    click.echo(profile_text.text(record, earlier))
    click.echo("\n" + profile_text.identity_text(record))


@command.command("diff")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B", default=HERE)
def diff(first: str, second: str) -> None:
    """Print the fields that differ between two records; B may be `here`. Exit status 3 if any."""
    left, right = resolve(first), resolve(second)
    if HERE in (first, second):  # nothing was run here: what would be run is the other's workload
        workload = right.workload if first == HERE else left.workload
        left = msgspec.structs.replace(left, workload=workload)
        right = msgspec.structs.replace(right, workload=workload)
    has_difference = False
    for scope, what in profile_text.SCOPE_NAMES.items():
        found = differences(left, right, scope)
        has_difference = has_difference or bool(found)
        state = "do not compare" if found else "compare"
        click.echo(f"{what} {state}")
        for difference in found:
            click.echo(f"  {difference}")
    raise SystemExit(int(ExitCode.REFUSED if has_difference else ExitCode.GOOD))


def resolve(which: str) -> Record:
    """Returns the record that a word names; `here` is this host with the default guest."""
    return describe_here() if which == HERE else select.find(Store(), which)[1]


def describe_here() -> Record:
    """Returns a record of nothing, for its profile."""
    return gather.make_record(
        beginning=gather.begin(),
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command="./swos profile show",
        profile=qemu.default_profile(BootPath.ELF),
        workload=Workload("nothing", 1, {}),
        metrics=(),
        result="nothing was run",
    )


def to_json(record: Record) -> dict[str, object]:
    """Returns identity by scope with its hashes, and the fields of the host profile."""
    scopes = {
        scope.value: {"hash": profile_hash(record, scope), "fields": identity(record, scope)}
        for scope in Scope
    }
    return {"identity": scopes, "profile": profile_text.fields(record)}
