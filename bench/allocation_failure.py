"""Boots once for each allocation of a boot, with that allocation failing.

Prints each kind of outcome with how often it came; status 1 if a boot hung, trapped, or panicked
with another reason than want of memory.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import click

from bench.failing_boot import allocations_at_prompt, check_outcome, failing_arguments
from swiftos import qemu
from swiftos.guest import Guest, GuestError
from swiftos.network import user_network
from swiftos.runfolder import RunFolder

WORKERS = 2


def start(network: str, arguments: str) -> Guest:
    """Starts the built system with boot arguments."""
    profile = replace(
        qemu.default_profile(),
        has_semihosting=True,
        network=network,
        kernel_arguments=arguments,
    )
    return Guest.start(profile, RunFolder.create("allocation"))


def outcome_of(network: str, number: int) -> str:
    """Boots with allocation `number` failing and names the outcome."""
    with start(network, failing_arguments(number)) as guest:
        try:
            return check_outcome(guest)
        except (AssertionError, GuestError) as error:
            return f"WRONG: allocation {number}: {error}"


@click.command(help=__doc__)
@click.option("--step", type=click.IntRange(min=1), default=1, help="Try every N-th allocation.")
@click.option("--network", "has_network", is_flag=True, help="Give the guest an interface.")
@click.pass_context
def main(context: click.Context, step: int, has_network: bool) -> None:
    network = user_network() if has_network else ""
    with start(network, "semihosting") as guest:
        count = allocations_at_prompt(guest)
    with ThreadPoolExecutor(WORKERS) as pool:
        numbers = range(1, count + 1, step)
        outcomes = Counter(pool.map(partial(outcome_of, network), numbers))
    for outcome, times in outcomes.most_common():
        click.echo(f"{times:6} {outcome}")
    context.exit(int(any(outcome.startswith("WRONG") for outcome in outcomes)))


if __name__ == "__main__":
    main()
