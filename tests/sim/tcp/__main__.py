"""Runs the TCP simulation by hand: many seeds, one seed again, a hostile peer, or goodput."""

from __future__ import annotations

import time
from pathlib import Path

import click

from swiftos import paths
from tests.sim.tcp import simulator

FOLDER = paths.REPOSITORY / "build" / "tests"
LOSSES = (0, 1, 2, 5, 10, 15, 20, 25, 30)
GOODPUT_SEEDS = 20
HOSTILE_STEPS = 100_000


@click.command(help=__doc__)
@click.option("--seeds", "count", default=1000, show_default=True, help="How many, from --first.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--seed", type=int, help="Run this one alone and print every segment.")
@click.option("--hostile", is_flag=True, help="Fire at connections instead: 100,000 steps a seed.")
@click.option("--goodput", is_flag=True, help="Print the table of goodput by loss.")
def main(count: int, first: int, seed: int | None, hostile: bool, goodput: bool) -> None:
    if hostile:
        fire(first, count)
        return
    program = simulator.build(FOLDER)
    if goodput:
        print_goodput(program)
    elif seed is not None:
        show(program, seed)
    else:
        run_many(program, first, count)


def run_many(program: Path, first: int, count: int) -> None:
    """Runs seeds; ends with status 1 if one went wrong."""
    started_s = time.monotonic()
    scenarios = [simulator.scenario_of(seed) for seed in range(first, first + count)]
    wrong = []
    sent = 0
    for run in simulator.run_seeds(program, scenarios):
        sent += run.result.get("sent", 0)
        if not run.is_right:
            wrong.append(run)
            click.echo(f"seed {run.seed}: {run.outcome} {run.result}")
            click.echo(f"  again: python -m tests.sim.tcp --seed {run.seed}")
    took_s = time.monotonic() - started_s
    click.echo(f"{count} seeds, {sent} segments, {len(wrong)} wrong, {took_s:.0f} s")
    if wrong:
        raise SystemExit(1)


def fire(first: int, count: int) -> None:
    """Runs seeds of the hostile peer; ends with status 1 if one led to a trap."""
    program = simulator.build(FOLDER, simulator.HOSTILE)
    established = 0
    trapped = 0
    for seed in range(first, first + count):
        answer = simulator.run_hostile(program, seed, HOSTILE_STEPS)
        established += max(answer, 0)
        if answer < 0:
            trapped += 1
            click.echo(f"seed {seed}: --hostile --first {seed} --seeds 1")
    click.echo(f"{count} seeds, {established} connections established, {trapped} trapped")
    if trapped:
        raise SystemExit(1)


def show(program: Path, seed: int) -> None:
    """Runs one seed and prints its scenario and its result."""
    scenario = simulator.scenario_of(seed)
    for name, value in scenario.items():
        click.echo(f"{name:18} {value}")
    (run,) = simulator.run_seeds(program, [{**scenario, "is_traced": 1}])
    click.echo(f"-> {run.outcome}")
    for name, value in run.result.items():
        click.echo(f"{name:18} {value}")
    if not run.is_right:
        raise SystemExit(1)


def goodput_of(program: Path, loss: int) -> list[float]:
    """Returns kB/s of downloads of 1 MB at a loss in percent, one for each seed."""
    scenarios = [
        {"seed": seed, "loss": loss * 10, "bytes_0": 1_000_000, "receive_limit_max": 1 << 18}
        for seed in range(GOODPUT_SEEDS)
    ]
    rates = []
    for run in simulator.run_seeds(program, scenarios):
        if not run.is_right:
            raise SystemExit(f"seed {run.seed} at {loss} %: {run.outcome}")
        rates.append(run.result["delivered_1"] / (run.result["finished_us"] - 1_000_000) * 1000)
    return rates


def print_goodput(program: Path) -> None:
    """Prints the table: 10 Mbit/s, 20 ms round trip."""
    click.echo("loss %   kB/s (mean, least, most of 20 seeds; 10 Mbit/s, 20 ms, 1 MB)")
    for loss in LOSSES:
        rates = goodput_of(program, loss)
        mean = sum(rates) / len(rates)
        click.echo(f"{loss:6}   {mean:8.1f} {min(rates):8.1f} {max(rates):8.1f}")


if __name__ == "__main__":
    main()
