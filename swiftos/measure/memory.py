"""Measures memory: what is used at the prompt, and the smallest machine that reaches it."""

import re
from dataclasses import replace

from swiftos.errors import ProductError
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric
from swiftos.guest import Guest, GuestError
from swiftos.qemu import Profile
from swiftos.runfolder import RunFolder

KIB_PER_MIB = 1024
FREE = re.compile(r"^Mem:\s+(?P<total>\d+)K total,.*?(?P<free>\d+)K free", re.MULTILINE)
SMALLEST_TRIED_MIB = 2
LARGEST_TRIED_MIB = 64
SMALL_BOOT_BUDGET_S = 8


def used_at_prompt(memory: str, top_text: str) -> Metric:
    """Returns the memory that is not free, of all that the machine has, from a frame of `top`.

    The kernel's image, its tables and the emulator's boot stub count as used.
    """
    match = FREE.search(top_text)
    if match is None:
        raise ProductError("`top` printed no `Mem:` line", "see the run folder")
    machine_kib = mebibytes(memory) * KIB_PER_MIB
    used = float(machine_kib - int(match["free"]))
    note = f"machine {machine_kib} KiB less {match['free']} KiB free by `top -b -n 1`"
    return one("memory.at-prompt", used, note)


def mebibytes(memory: str) -> int:
    """Reads QEMU's spelling of a memory size in whole MiB."""
    number, unit = memory[:-1], memory[-1].upper()
    return int(number) * {"M": 1, "G": 1024}[unit]


def smallest_machine(profile: Profile) -> Metric:
    """Finds the smallest whole number of MiB that reaches the prompt, by bisection."""
    fails, works = SMALLEST_TRIED_MIB - 1, LARGEST_TRIED_MIB
    if not reaches_prompt(profile, works):
        raise ProductError(f"no prompt with -m {works}M", "see the newest folder in build/runs")
    tried = []
    while works - fails > 1:
        middle = (works + fails) // 2
        if reaches_prompt(profile, middle):
            works = middle
        else:
            fails = middle
            tried.append(middle)
    note = f"{fails}M does not" if fails in tried else "nothing smaller was tried"
    return one("memory.smallest-machine", works, note)


def reaches_prompt(profile: Profile, mib: int) -> bool:
    """Says whether a machine of this size prints the prompt and answers at it."""
    small = replace(profile, memory=f"{mib}M")
    with Guest.start(small, RunFolder.create(f"measure-{mib}M")) as guest:
        try:
            guest.wait_prompt(SMALL_BOOT_BUDGET_S)
            return guest.run_command("echo alive", SMALL_BOOT_BUDGET_S).text.strip() == "alive"
        except GuestError:
            return False
