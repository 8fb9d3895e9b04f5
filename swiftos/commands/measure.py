"""Measure the boot, the language model or the build, and store an evidence record."""

import click

from swiftos.evidence.record import Record, encode
from swiftos.evidence.report import render
from swiftos.evidence.store import Store, short
from swiftos.measure import campaign
from swiftos.measure.campaign import Plan
from swiftos.qemu import BootPath

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
BIN_OPTION = click.option("--bin", "is_binary", is_flag=True, help="Boot kernel.bin.")


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("boot")
@click.option("--rounds", default=6, show_default=True, help="Rounds of A B B A: four boots each.")
@BIN_OPTION
@JSON_OPTION
def measure_boot(rounds: int, is_binary: bool, as_json: bool) -> None:
    """Stages, translated blocks, time above a bare ELF, memory, smallest machine."""
    profile = campaign.default_profile(BootPath.BINARY if is_binary else BootPath.ELF)
    plan = Plan(rounds=rounds, stories=0, has_smallest_machine=True, progress=tell)
    publish(campaign.measure_boot(profile, plan, f"./swos measure boot --rounds {rounds}"), as_json)


@command.command("llm")
@click.option("--stories", default=3, show_default=True, help="Fresh boots, one story each.")
@JSON_OPTION
def measure_llm(stories: int, as_json: bool) -> None:
    """Tokens a second of `/bin/llm`."""
    plan = Plan(rounds=0, stories=stories, has_smallest_machine=False, progress=tell)
    profile = campaign.default_profile()
    record, _ = campaign.measure_llm(profile, plan, f"./swos measure llm --stories {stories}")
    publish(record, as_json)


@command.command("build")
@JSON_OPTION
def measure_build(as_json: bool) -> None:
    """Seconds of a build: from scratch, nothing changed, one kernel file changed."""
    publish(campaign.measure_build("./swos measure build"), as_json)


def tell(step: str) -> None:
    """Prints a step of a long measurement, beside the result."""
    click.echo(f"measuring: {step}", err=True)


def publish(record: Record, as_json: bool) -> None:
    """Stores a record and prints it."""
    store = Store()
    name = store.add(record)
    if as_json:
        click.echo(encode(record).decode())
        return
    click.echo(render(name, record))
    click.echo(f"stored; ./swos record show {short(name)}")
