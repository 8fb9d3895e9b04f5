"""Measures a boot to the prompt in three domains.

Exact: translated blocks at the prompt. Virtual: the kernel's own stage times when guest time counts
instructions; idle time is not skipped, because a guest that waits for its disk would see its
time-outs fire at once. Host time: QEMU's start to the prompt beside a bare ELF that prints one
character, fresh boots interleaved A B B A, so that drift of the host meets both alike.
"""

from dataclasses import replace
from pathlib import Path
from statistics import median

from swiftos import bareelf, paths
from swiftos.errors import HarnessError, ProductError
from swiftos.evidence import metrics, statistics
from swiftos.evidence.record import Metric, Sample
from swiftos.guest import PROMPT, Guest
from swiftos.measure import bootlog
from swiftos.qemu import Clock, Profile
from swiftos.runfolder import RunFolder

BOOT_BUDGET_S = 60
COUNTED_BUDGET_S = 120
FLOOR_BUDGET_S = 30
FLOOR_CHARACTER = ">"
SYSTEM_ARM = "system"
FLOOR_ARM = "bare-elf"
ORDER = (SYSTEM_ARM, FLOOR_ARM, FLOOR_ARM, SYSTEM_ARM)


def measure_virtual(profile: Profile, boots: int) -> tuple[list[Metric], str]:
    """Boots with a counted clock; returns the stage metrics and the last boot's serial text."""
    counted = replace(profile, clock=Clock.COUNTED)
    texts = [_serial_text(counted, COUNTED_BUDGET_S) for _ in range(boots)]
    measured = [
        _stage_metric(texts, bootlog.USER_STAGE, "boot.entry-to-user"),
        _stage_metric(texts, bootlog.PROMPT_STAGE, "boot.entry-to-prompt"),
    ]
    return measured, texts[-1]


def _serial_text(profile: Profile, budget_s: float) -> str:
    """Boots to the prompt and returns what the guest printed."""
    with Guest.start(profile, RunFolder.create("measure-virtual")) as guest:
        guest.wait_prompt(budget_s)
        return guest.console.text()


def _stage_metric(texts: list[str], stage: str, name: str) -> Metric:
    """Returns the metric of one stage over several boots; says whether all boots were equal."""
    samples = []
    for boot, text in enumerate(texts):
        at_us = bootlog.stage_time(text, stage)
        if at_us is None:
            raise ProductError(f"the guest printed no `boot: {stage} at` line", "see build/runs")
        samples.append(Sample(float(at_us), boot))
    values = {sample.value for sample in samples}
    equal = f"{len(texts)} boots equal" if len(values) == 1 else f"{len(values)} different values"
    note = f"{equal}; {Clock.COUNTED.value}, waiting for the disk included"
    return metrics.metric(name, samples, note)


def measure_host_time(profile: Profile, rounds: int) -> list[Metric]:
    """Boots `rounds` times A B B A; returns the two arms, their difference, and the blocks."""
    floor = Profile(kernel=floor_elf())
    times: dict[str, list[Sample]] = {SYSTEM_ARM: [], FLOOR_ARM: []}
    blocks: list[Sample] = []
    for turn in range(rounds):
        for position, arm in enumerate(ORDER):
            boot = turn * len(ORDER) + position
            if arm == SYSTEM_ARM:
                elapsed_s, count = _boot_once(profile)
                blocks.append(Sample(float(count), boot))
            else:
                elapsed_s = _floor_once(floor)
            times[arm].append(Sample(elapsed_s, boot, arm, position))
    return [
        _time_metric("boot.wall", times[SYSTEM_ARM]),
        _time_metric("boot.bare-elf-wall", times[FLOOR_ARM]),
        _difference(times),
        _blocks_metric(blocks),
    ]


def _blocks_metric(samples: list[Sample]) -> Metric:
    """Returns the translated blocks; interrupts that come earlier or later change a few."""
    different = len({sample.value for sample in samples})
    note = "QEMU `info jit`" + (f", {different} different values" if different > 1 else "")
    return metrics.metric("boot.blocks", samples, note)


def floor_elf() -> Path:
    """Writes the bare ELF and returns its path."""
    path = paths.BUILD / "floor.elf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bareelf.wrap(bareelf.floor_program()))
    return path


def _boot_once(profile: Profile) -> tuple[float, int]:
    """Returns seconds from QEMU's start to the prompt, and the translated blocks then."""
    with Guest.start(profile, RunFolder.create("measure-boot")) as guest:
        guest.wait_prompt(BOOT_BUDGET_S)
        count = guest.settled_blocks()
        return _elapsed(guest, PROMPT), count


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


def _time_metric(name: str, samples: list[Sample]) -> Metric:
    interval = statistics.median_interval([sample.value for sample in samples])
    note = f"median 99 % interval {interval.low:.4f} to {interval.high:.4f}"
    return metrics.metric(name, samples, note)


def _difference(times: dict[str, list[Sample]]) -> Metric:
    """Returns the difference of medians; interval, ratio and A/A control are in the note."""
    system = [sample.value for sample in times[SYSTEM_ARM]]
    floor = [sample.value for sample in times[FLOOR_ARM]]
    gap = statistics.difference_of_medians(system, floor)
    ratio = statistics.ratio_of_medians(system, floor)
    control = abs(median(system[0::2]) - median(system[1::2]))
    note = (
        f"99 % interval {gap.low:.4f} to {gap.high:.4f}; ratio {ratio.value:.1f} "
        f"({ratio.low:.1f} to {ratio.high:.1f}); A/A control {control:.4f} s"
    )
    return metrics.one("boot.above-bare-elf", gap.value, note)
