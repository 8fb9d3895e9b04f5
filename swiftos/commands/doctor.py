"""Check the host: one line a tool with version found, version needed and the exact cure."""

import json

import click

from swiftos import emulator
from swiftos.errors import ExitCode
from swiftos.hostcheck import Check, check_all


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON.")
@click.option("--fetch", is_flag=True, help="Fetch QEMU into .cache without root (Debian, Ubuntu).")
def command(as_json: bool, fetch: bool) -> None:
    if fetch:
        emulator.obtain()
    checks = check_all()
    if as_json:
        click.echo(json.dumps([check.to_json() for check in checks], indent=2))
    else:
        for check in checks:
            click.echo(render(check))
    missing = [check for check in checks if check.is_required and not check.is_found]
    if missing:
        raise SystemExit(int(ExitCode.ENVIRONMENT))


def render(check: Check) -> str:
    """Returns the line of one tool."""
    if check.is_found:
        state = "ok"
    elif check.is_required:
        state = "MISSING"
    else:
        state = "absent"
    head = f"{state:8}{check.tool:22}{check.version or '-':14}needs {check.needed:16}"
    if check.is_found:
        return f"{head}{check.where}"
    return f"{head}for {check.purpose}; cure: {check.cure}"
