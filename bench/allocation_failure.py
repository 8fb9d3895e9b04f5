"""Boots once for each allocation of a boot, with that allocation failing.

usage: python -m bench.allocation_failure [STEP] [--network]

Prints each kind of outcome with how often it came; status 1 if a boot hung, trapped, or panicked
with another reason than want of memory. STEP tries every STEP-th allocation only; --network gives
the guest an interface.
"""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from bench.failing_boot import allocations_at_prompt, check_outcome, failing_arguments
from swiftos import qemu
from swiftos.guest import Guest, GuestError
from swiftos.network import user_network
from swiftos.runfolder import RunFolder

WORKERS = 2
NETWORK_OPTION = "--network"


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


def main(arguments: list[str]) -> int:
    """Tries every allocation and prints the outcomes."""
    network = user_network() if NETWORK_OPTION in arguments else ""
    steps = [word for word in arguments if word != NETWORK_OPTION]
    step = int(steps[0]) if steps else 1
    with start(network, "semihosting") as guest:
        count = allocations_at_prompt(guest)
    with ThreadPoolExecutor(WORKERS) as pool:
        numbers = range(1, count + 1, step)
        outcomes = Counter(pool.map(partial(outcome_of, network), numbers))
    for outcome, times in outcomes.most_common():
        print(f"{times:6} {outcome}")
    return int(any(outcome.startswith("WRONG") for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
