"""Measures a boot to the prompt, with a clock that counts instructions and by the host's clock.

Counted: the kernel's own stage times; idle time is not skipped, because a guest that waits for its
disk would see its time-outs fire at once. By the host: QEMU's start to the prompt beside a bare ELF
that prints one character, before and behind it, so that drift of the host meets both alike.
"""

from pathlib import Path

from swiftos import bareelf, paths
from swiftos.errors import HarnessError, ProductError
from swiftos.evidence.record import Workload
from swiftos.guest import PROMPT, Guest
from swiftos.measure import bootlog, machine, sizes
from swiftos.measure.observation import Observation
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.qemu import Profile
from swiftos.runfolder import RunFolder

BOOT_BUDGET_S = 60
COUNTED_BUDGET_S = 120
FLOOR_BUDGET_S = 30
FLOOR_CHARACTER = ">"
STAGES = {
    bootlog.USER_STAGE: "boot.entry-to-user",
    bootlog.PROMPT_STAGE: "boot.entry-to-prompt",
}


def observe_counted(profile: Profile, seen: Observation) -> None:
    """Boots with a counted clock; adds the stage times and the translated blocks."""
    folder = RunFolder.create("measure-boot-counted")
    with Guest.start(machine.counted(profile), folder) as guest:
        guest.wait_prompt(COUNTED_BUDGET_S)
        seen.add("boot.blocks", guest.settled_blocks())
        text = guest.console.text()
        seen.keep_console(guest, "serial-counted.log")
    for stage, name in STAGES.items():
        at_us = bootlog.stage_time(text, stage)
        if at_us is None:
            raise ProductError(f"the guest printed no `boot: {stage} at` line", "see build/runs")
        seen.add(name, at_us)
    seen.snapshots["boot chart"] = "\n".join(bootlog.chart(bootlog.stages(text)))


def observe_timed(profile: Profile, seen: Observation) -> None:
    """Boots a bare ELF before and behind the system, and adds the times."""
    floor = Profile(kernel=floor_elf())
    before_s = _floor_once(floor)
    system_s = _boot_once(profile, seen)
    floor_s = (before_s + _floor_once(floor)) / 2
    seen.add("boot.wall", system_s)
    seen.add("boot.bare-elf-wall", floor_s)
    seen.add("boot.above-bare-elf", system_s - floor_s)


def floor_elf() -> Path:
    """Writes the bare ELF and returns its path."""
    path = paths.BUILD / "floor.elf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bareelf.wrap(bareelf.floor_program()))
    return path


def _boot_once(profile: Profile, seen: Observation) -> float:
    """Boots to the prompt; returns seconds from QEMU's start, adds its CPU time."""
    with Guest.start(profile, RunFolder.create("measure-boot")) as guest:
        guest.wait_prompt(BOOT_BUDGET_S)
        cpu_s = machine.host_time(guest).cpu_s
        if cpu_s is not None:
            seen.add("boot.cpu", cpu_s)
        seen.keep_console(guest, "serial.log")
        return _elapsed(guest, PROMPT)


def _floor_once(profile: Profile) -> float:
    """Returns seconds from QEMU's start to the bare ELF's character."""
    with Guest.start(profile, RunFolder.create("measure-floor")) as guest:
        guest.expect(FLOOR_CHARACTER, FLOOR_BUDGET_S)
        return _elapsed(guest, FLOOR_CHARACTER)


def _elapsed(guest: Guest, pattern: str) -> float:
    """Returns host seconds from QEMU's start to the first match on the serial line."""
    arrived_s = guest.console.arrival_of(pattern)
    if arrived_s is None:
        raise HarnessError(f"no arrival time of {pattern!r}", f"see {guest.folder.path}")
    return arrived_s - guest.started_s


COUNTED = Part(
    title="boot to the prompt, instructions counted",
    workload=Workload("boot", 3, {}),
    describe=machine.counted,
    observe=observe_counted,
)
TIMED = Part(
    title="boot to the prompt beside a bare ELF",
    workload=Workload("boot-timed", 1, {}),
    describe=as_described,
    observe=observe_timed,
)
MEASUREMENT = Measurement(
    name="boot",
    claim="boot still reaches the prompt, and what it takes",
    parts=(COUNTED, TIMED, sizes.FOOTPRINT),
    boundaries=("does not prove: boot time of real hardware",),
    proofs=("./tests/boot_test.sh",),
)
