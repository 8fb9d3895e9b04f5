"""Measure boot, sizes, memory, calls, HTTP, network or language model, or any guest command.

A fresh boot for each replicate, in an order that follows from --seed. Each kind of boot gives an
evidence record, which says what it does not prove. ^C keeps what was measured.

\b
  ./swos measure http                      measure this build
  ./swos measure http --beside OTHER       in turn with the build of the checkout OTHER
  ./swos measure -- top -b -n 1            measure what could be typed in the guest
"""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from swiftos.evidence.record import Completion, Record, encode
from swiftos.evidence.report import render
from swiftos.evidence.store import Store, short
from swiftos.measure import anything, campaign, demonstration, machine
from swiftos.measure.campaign import Result, Settings
from swiftos.measure.catalogue import MEASUREMENTS
from swiftos.measure.plan import Measurement
from swiftos.qemu import BootPath

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print records as JSON lines.")
COMMAND_BUDGET_S = 60
INTERRUPTED = 130
ANYTHING = "command"


class MeasureGroup(click.Group):
    """Takes `measure [OPTION...] -- COMMAND` as the measurement of a guest command."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Puts the hidden subcommand's name in front of what has `--` and no subcommand."""
        if "--" in args and args[0] not in self.commands:
            args = [ANYTHING, *args]
        return super().parse_args(context, args)


@click.group(cls=MeasureGroup, help=__doc__)
def command() -> None:
    pass


def with_options(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that every measurement has."""
    for option in (
        JSON_OPTION,
        click.option("--proof", "has_proof", is_flag=True, help="Run the focused proof first."),
        click.option("--bin", "is_binary", is_flag=True, help="Boot kernel.bin."),
        click.option("-m", "--memory", default="256M", show_default=True, help="Of the guest."),
        click.option(
            "--beside",
            type=click.Path(path_type=Path),
            help="A build to compare with: a checkout or its build folder.",
        ),
        click.option("--seed", default=campaign.DEFAULT_SEED, show_default=True),
        click.option(
            "--boots",
            type=click.IntRange(1),
            default=campaign.DEFAULT_BOOTS,
            show_default=True,
            help="Fresh boots of each build and kind.",
        ),
    ):
        function = option(function)
    return function


def add_measurement(measurement: Measurement) -> None:
    """Adds the subcommand of a measurement."""
    proofs = "".join(f"\n  {line}" for line in measurement.proofs)
    bounds = "".join(f"\n  {line}" for line in measurement.boundaries)
    parts = "".join(f"\n  {part.title}" for part in measurement.parts)
    text = f"Measure whether {measurement.claim}.\n\n\b\nParts:{parts}\n\n\b\nIt{bounds}"
    if proofs:
        text += f"\n\n\b\nFocused proof (--proof):{proofs}"

    @command.command(measurement.name, help=text, short_help=measurement.claim)
    @with_options
    def measure_it(**options: Any) -> None:
        run(measurement, f"./swos measure {measurement.name}", **options)


for found in MEASUREMENTS.values():
    add_measurement(found)


@command.command(ANYTHING, hidden=True)
@click.option("--budget", default=COMMAND_BUDGET_S, show_default=True, help="Seconds for one run.")
@click.argument("words", nargs=-1, required=True)
@with_options
def measure_anything(words: tuple[str, ...], budget: int, **options: Any) -> None:
    """Measure a command of the guest, quoted as one word or written out."""
    line = words[0] if len(words) == 1 else shlex.join(words)
    run(anything.measurement(line, budget), "./swos measure", tail=f" -- {line}", **options)


@command.command("build")
@JSON_OPTION
def measure_build(as_json: bool) -> None:
    """Seconds of a build: from scratch, nothing changed, one kernel file changed."""
    publish([(demonstration.measure_build("./swos measure build"), {})], as_json)


def run(
    measurement: Measurement,
    start: str,
    *,
    boots: int,
    seed: int,
    beside: Path | None,
    memory: str,
    is_binary: bool,
    has_proof: bool,
    as_json: bool,
    tail: str = "",
) -> None:
    """Runs a measurement, stores and prints its records, and leaves with how it ended."""
    typed = f"{start} --boots {boots} --seed {seed} -m {memory}"
    typed += f" --beside {beside}" if beside else ""
    settings = Settings(
        command=typed + (" --bin" if is_binary else "") + tail,
        variants=tuple(machine.variants(beside)),
        boots=boots,
        seed=seed,
        memory=memory,
        boot_path=BootPath.BINARY if is_binary else BootPath.ELF,
        has_proof=has_proof,
    )
    result = campaign.measure(measurement, settings)
    publish(result.records, as_json)
    finish(result)


def finish(result: Result) -> None:
    """Leaves with the failure that ended a measurement early, if one did."""
    if result.problem is not None:
        raise result.problem
    if result.completion is Completion.INTERRUPTED:
        click.echo("interrupted: what was measured is kept, marked as not whole", err=True)
        raise SystemExit(INTERRUPTED)


def publish(records: list[tuple[Record, dict[str, bytes]]], as_json: bool) -> None:
    """Stores records and prints them, and how to compare two builds that were measured in turn."""
    store = Store()
    names = []
    for record, raw in records:
        name = store.add(record, raw)
        names.append(name)
        click.echo(encode(record).decode() if as_json else f"{render(name, record)}\n")
    if not as_json:
        for line in stored_lines(names, [record for record, _ in records]):
            click.echo(line)


def stored_lines(names: list[str], records: list[Record]) -> list[str]:
    """Returns what was stored, and how to compare two builds that were measured in turn."""
    first: dict[str, str] = {}
    lines = []
    for name, record in zip(names, records, strict=True):
        workload = record.workload.name
        if workload in first:
            lines.append(f"compare: ./swos compare {first[workload]} {short(name)}   ({workload})")
        first[workload] = short(name)
    return ["stored: " + "  ".join(short(name) for name in names), *lines]
