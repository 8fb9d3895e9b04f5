"""One boot in which a story is told between two frames of `top`: the demonstration's guest."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from swiftos.errors import ProductError
from swiftos.guest import Guest
from swiftos.measure import llm
from swiftos.measure.llm import Story
from swiftos.qemu import Profile
from swiftos.runfolder import RunFolder

TOP_COMMAND = "top -b -n 1"
BOOT_BUDGET_S = 60
TOP_BUDGET_S = 20
POWER_OFF_BUDGET_S = 20
TOP_LINE = re.compile(r"^top - up \d+:\d\d:\d\d", re.MULTILINE)


@dataclass(frozen=True)
class Session:
    """What the guest printed: all of it, the frames of `top`, the story."""

    serial_text: str
    top_before: str
    top_after: str
    story: Story


def tell_a_story(profile: Profile) -> Session:
    """Boots, runs `top`, `/bin/llm`, `top`, powers off. Raises ProductError on any failure."""
    with booted(profile, "story") as guest:
        before = top(guest)
        story = llm.tell(guest)
        after = top(guest)
        code = guest.power_off(POWER_OFF_BUDGET_S)
        if code != 0:
            raise ProductError(f"power-off ended QEMU with code {code}", f"see {guest.folder.path}")
        return Session(guest.console.text(), before, after, story)


@contextmanager
def booted(profile: Profile, label: str) -> Iterator[Guest]:
    """Holds a guest that has reached its prompt."""
    with Guest.start(profile, RunFolder.create(label)) as guest:
        guest.wait_prompt(BOOT_BUDGET_S)
        yield guest


def top(guest: Guest) -> str:
    """Returns one frame of `top`."""
    output = guest.run_command(TOP_COMMAND, TOP_BUDGET_S)
    if output.status != 0 or not TOP_LINE.search(output.text):
        raise ProductError(
            f"`{TOP_COMMAND}` ended with status {output.status}: {output.text.strip()[-300:]}",
            f"see the run folder {guest.folder.path}",
        )
    return output.text
