"""The boot: banner, named stages in order, prompt, power-off; the same every time it is counted."""

import re
from collections.abc import Callable

from swiftos.guest import Guest
from swiftos.measure import bootlog
from swiftos.qemu import Clock

Boot = Callable[..., Guest]
NO_SEED = "random: no seed from the boot loader"
BOOT_S = 60
COUNTED_BOOT_S = 120
EXIT_S = 20
# What waiting for the host's disk may add between two counted boots.
SPREAD = 0.25
SPREAD_US = 50


def test_stages_lead_from_banner_to_prompt(boot: Boot) -> None:
    guest = boot()
    guest.wait_prompt(BOOT_S)
    text = guest.console.text()
    assert re.search(r"^SwiftOS [0-9a-f]{8,}", text, re.MULTILINE), text
    stages = bootlog.stages(text)
    names = [stage.name for stage in stages]
    assert len(names) >= 5
    assert len(set(names)) == len(names)
    assert names[-2:] == [bootlog.USER_STAGE, bootlog.PROMPT_STAGE]
    times = [stage.at_us for stage in stages]
    assert times == sorted(times)
    assert NO_SEED not in text
    assert guest.power_off(EXIT_S) == 0


def test_uptime_of_the_guest_is_within_the_hosts(boot: Boot) -> None:
    guest = boot()
    guest.wait_prompt(BOOT_S)
    arrived_s = guest.console.arrival_of(bootlog.WAIT_PROMPT_STAGE)
    claimed_us = bootlog.stage_time(guest.console.text(), bootlog.PROMPT_STAGE)
    assert arrived_s is not None
    assert claimed_us is not None
    assert 0 < claimed_us / 1e6 <= arrived_s - guest.started_s


def test_counted_boots_take_the_same_guest_time(boot: Boot) -> None:
    boots = []
    for _ in range(2):
        guest = boot(clock=Clock.COUNTED)
        guest.wait_prompt(COUNTED_BOOT_S)
        boots.append(bootlog.stages(guest.console.text()))
        # A counted guest gets no seed, or it would differ from the other.
        assert NO_SEED in guest.console.text()
        guest.end()
    assert [stage.name for stage in boots[0]] == [stage.name for stage in boots[1]]
    for first, second in zip(*boots, strict=True):
        allowed_us = max(SPREAD_US, SPREAD * first.at_us)
        assert abs(first.at_us - second.at_us) <= allowed_us, (first, second)


def test_reboot_ends_the_emulator_too(boot: Boot) -> None:
    guest = boot()
    guest.wait_prompt(BOOT_S)
    guest.type_line("reboot")
    assert guest.wait_exit(EXIT_S) == 0
