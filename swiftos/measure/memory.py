"""Measures memory: what is used at the prompt, what a story leaves used, the smallest machine."""

import re
from dataclasses import replace

from swiftos.errors import ProductError
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric, Workload
from swiftos.guest import Guest, GuestError
from swiftos.measure import llm, session
from swiftos.measure.observation import Observation
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.qemu import Profile
from swiftos.runfolder import RunFolder

KIB_PER_MIB = 1024
FREE = re.compile(r"^Mem:\s+(?P<total>\d+)K total,.*?(?P<free>\d+)K free", re.MULTILINE)
SMALLEST_TRIED_MIB = 2
LARGEST_TRIED_MIB = 64
SMALL_BOOT_BUDGET_S = 8


def used_kib(memory: str, top_text: str) -> int:
    """Returns the memory that is not free, of all that the machine has, from a frame of `top`.

    The kernel's image, its tables and the emulator's boot stub count as used.
    """
    match = FREE.search(top_text)
    if match is None:
        raise ProductError("`top` printed no `Mem:` line", "see the run folder")
    return mebibytes(memory) * KIB_PER_MIB - int(match["free"])


def used_at_prompt(memory: str, top_text: str) -> Metric:
    """Returns what is used at the prompt as a metric."""
    machine_kib = mebibytes(memory) * KIB_PER_MIB
    used = used_kib(memory, top_text)
    note = f"machine {machine_kib} KiB less {machine_kib - used} KiB free by `top -b -n 1`"
    return one("memory.at-prompt", used, note)


def mebibytes(memory: str) -> int:
    """Reads QEMU's spelling of a memory size in whole MiB."""
    number, unit = memory[:-1], memory[-1].upper()
    return int(number) * {"M": 1, "G": 1024}[unit]


def observe_workload(profile: Profile, seen: Observation) -> None:
    """Takes a frame of `top`, tells a story, takes another, and a third behind a second story."""
    with session.booted(profile, "measure-memory") as guest:
        seen.snapshots["top before"] = session.top(guest)
        story = llm.tell(guest)
        seen.snapshots["top after"] = session.top(guest)
        llm.tell(guest)
        seen.snapshots["top after the second"] = session.top(guest)
        seen.keep_console(guest, "serial.log")
    before, once, twice = (used_kib(profile.memory, text) for text in seen.snapshots.values())
    seen.add("memory.at-prompt", before)
    seen.add("memory.story-keeps", once - before)
    seen.add("memory.second-story-keeps", twice - once)
    seen.markers.append(story.report)


def observe_smallest(profile: Profile, seen: Observation) -> None:
    """Finds the smallest machine."""
    mib, note = smallest_mib(profile)
    seen.add("memory.smallest-machine", mib)
    seen.notes.append(note)


def smallest_mib(profile: Profile) -> tuple[int, str]:
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
    return works, f"{fails}M does not" if fails in tried else "nothing smaller was tried"


def reaches_prompt(profile: Profile, mib: int) -> bool:
    """Says whether a machine of this size prints the prompt and answers at it."""
    small = replace(profile, memory=f"{mib}M")
    with Guest.start(small, RunFolder.create(f"measure-{mib}M")) as guest:
        try:
            guest.wait_prompt(SMALL_BOOT_BUDGET_S)
            return guest.run_command("echo alive", SMALL_BOOT_BUDGET_S).text.strip() == "alive"
        except GuestError:
            return False


WORKLOAD = Part(
    title="memory before and behind two stories",
    workload=Workload("memory", 1, {"command": f'/bin/llm "{llm.PROMPT_TEXT}"'}),
    describe=as_described,
    observe=observe_workload,
)
SMALLEST = Part(
    title="the smallest machine, by bisection",
    workload=Workload("smallest-machine", 1, {}),
    describe=as_described,
    observe=observe_smallest,
    most_boots=1,
)
MEASUREMENT = Measurement(
    name="memory",
    claim="memory use has not changed",
    parts=(WORKLOAD, SMALLEST),
    boundaries=("does not prove: a trend over time, or production capacity",),
    proofs=("./tests/top_test.sh",),
)
