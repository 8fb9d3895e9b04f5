"""Reads the kernel's boot stages from the serial text.

A stage is a line `boot: NAME at US us`: microseconds of the virtual counter since kernel entry.
`user` is the first instruction at EL0, `prompt` the shell's prompt. The banner is `SwiftOS ID`.
"""

import re
from dataclasses import dataclass

STAGE = re.compile(r"^boot: (?P<name>.+?) at (?P<us>\d+) us$", re.MULTILINE)
BANNER = re.compile(r"^SwiftOS \S.*$", re.MULTILINE)
USER_STAGE = "user"
PROMPT_STAGE = "prompt"
WAIT_PROMPT_STAGE = r"^boot: prompt at \d+ us\r?$"


@dataclass(frozen=True)
class Stage:
    """A step of the boot with its time in microseconds since kernel entry."""

    name: str
    at_us: int


def stages(text: str) -> list[Stage]:
    """Returns the stages in the order of the text."""
    return [Stage(match["name"], int(match["us"])) for match in STAGE.finditer(text)]


def stage_time(text: str, name: str) -> int | None:
    """Returns when a stage was reached, in microseconds since kernel entry, or None."""
    return next((stage.at_us for stage in stages(text) if stage.name == name), None)


def markers(text: str) -> list[str]:
    """Returns the banner and the stage lines."""
    banner = BANNER.search(text)
    lines = [match.group() for match in STAGE.finditer(text)]
    return ([banner.group()] if banner else []) + lines


def chart(found: list[Stage]) -> list[str]:
    """Returns one line a stage: name, time, time since the stage before, a bar."""
    total_us = max((stage.at_us for stage in found), default=0) or 1
    lines = []
    previous_us = 0
    for stage in found:
        step_us = stage.at_us - previous_us
        bar = "#" * round(40 * step_us / total_us)
        lines.append(f"{stage.name:24}{stage.at_us:>10,} us {step_us:>+10,} us {bar}".rstrip())
        previous_us = stage.at_us
    return lines
