"""Measuring a guest of a few instructions that prints what a kernel would."""

from pathlib import Path

import pytest

from swiftos.errors import ProductError
from swiftos.guest import GuestError
from swiftos.measure import boot, bootlog, llm, memory
from swiftos.measure.llm import Story
from swiftos.measure.observation import Observation
from swiftos.qemu import Profile
from tests.support import tinyguest
from tests.support.tinyguest import Ending

BOOT_TEXT = """\
SwiftOS 0123abcd
boot: console at 12 us
boot: memory at 40 us
boot: user at 900 us
boot: prompt at 1000 us
swiftos:/# """
TOP_TEXT = "Mem:  262144K total, 5000K used, 257144K free\n"


def kernel(folder: Path, text: str = BOOT_TEXT) -> Profile:
    return Profile(kernel=tinyguest.write(folder, text, Ending.HANG))


def test_stages_are_read_in_order() -> None:
    found = bootlog.stages("noise\n" + BOOT_TEXT)
    assert [(stage.name, stage.at_us) for stage in found] == [
        ("console", 12),
        ("memory", 40),
        ("user", 900),
        ("prompt", 1000),
    ]
    assert bootlog.stage_time(BOOT_TEXT, "user") == 900
    assert bootlog.stage_time(BOOT_TEXT, "net") is None
    assert bootlog.markers(BOOT_TEXT)[0] == "SwiftOS 0123abcd"


def test_chart_shows_the_step_of_each_stage() -> None:
    lines = bootlog.chart(bootlog.stages(BOOT_TEXT))
    assert len(lines) == 4
    assert "+860 us" in lines[2]
    assert lines[2].count("#") > lines[1].count("#")


@pytest.mark.guest
@pytest.mark.slow
def test_counted_boots_give_equal_stage_times(tmp_path: Path) -> None:
    profile = kernel(tmp_path)
    seen = [Observation(), Observation()]
    for one in seen:
        boot.observe_counted(profile, one)
    assert seen[0].values["boot.entry-to-user"] == [900.0]
    assert seen[0].values == seen[1].values
    assert seen[0].values["boot.blocks"][0] > 0
    assert "swiftos:/#" in seen[0].raw["serial-counted.log"].decode()
    assert seen[0].markers[0] == "SwiftOS 0123abcd"


@pytest.mark.guest
@pytest.mark.slow
def test_boot_without_stage_lines_is_a_product_error(tmp_path: Path) -> None:
    with pytest.raises(ProductError, match="no `boot: user at` line"):
        boot.observe_counted(kernel(tmp_path, "hello\nswiftos:/# "), Observation())


@pytest.mark.guest
@pytest.mark.slow
def test_timed_boot_stands_between_two_of_the_bare_elf(tmp_path: Path) -> None:
    seen = Observation()
    boot.observe_timed(kernel(tmp_path), seen)
    system, floor = seen.values["boot.wall"][0], seen.values["boot.bare-elf-wall"][0]
    assert 0 < floor < 60 and 0 < system < 60
    assert seen.values["boot.above-bare-elf"] == [system - floor]
    assert 0 < seen.values["boot.cpu"][0] < 60


@pytest.mark.guest
@pytest.mark.slow
def test_machine_without_prompt_is_too_small(tmp_path: Path) -> None:
    silent = Profile(kernel=tinyguest.write(tmp_path, "no memory\n", Ending.POWER_OFF))
    assert not memory.reaches_prompt(silent, 32)


def test_used_memory_is_what_the_machine_has_and_top_does_not_find_free() -> None:
    metric = memory.used_at_prompt("256M", "top - up\n" + TOP_TEXT)
    assert metric.samples[0].value == 5000
    with pytest.raises(ProductError, match="no `Mem:` line"):
        memory.used_at_prompt("256M", "nothing")


def test_story_rate_comes_from_counts_not_from_the_printed_rate() -> None:
    story = Story("", "llm: 64 tokens in 2000 ms (99.0 tok/s)", 64, 2000)
    assert llm.rate_metric([story]).samples[0].value == 32.0


def test_smallest_machine_is_found_by_bisection(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def needs_19(profile: Profile, mib: int) -> bool:
        tried.append(mib)
        return mib >= 19

    monkeypatch.setattr(memory, "reaches_prompt", needs_19)
    assert memory.smallest_mib(Profile(kernel=Path("none"))) == (19, "18M does not")
    assert len(tried) < 10
    monkeypatch.setattr(memory, "reaches_prompt", lambda profile, mib: False)
    with pytest.raises(ProductError, match="no prompt with -m 64M"):
        memory.smallest_mib(Profile(kernel=Path("none")))


@pytest.mark.guest
@pytest.mark.slow
def test_guest_error_is_kept_for_the_caller(tmp_path: Path) -> None:
    broken = Profile(kernel=tinyguest.write(tmp_path, "panic: no disk\n", Ending.HANG))
    with pytest.raises(GuestError, match="panicked"):
        boot.observe_counted(broken, Observation())
