"""`Observation`: what one boot of a guest gave: values by metric, markers, texts, raw files."""

import re
from dataclasses import dataclass, field

from swiftos.errors import ProductError
from swiftos.guest import CommandOutput, Guest
from swiftos.measure import bootlog

SPENT = re.compile(r"^spent: (.*)$", re.MULTILINE)
STEPS = re.compile(r"^steps: (.*)$", re.MULTILINE)


@dataclass
class Observation:
    """What was seen in one fresh boot. Values are added as they come, so that what was measured
    before a failure is there."""

    values: dict[str, list[float]] = field(default_factory=dict)
    """By the name of the metric."""
    markers: list[str] = field(default_factory=list)
    """Lines of the serial console that carry the result."""
    snapshots: dict[str, str] = field(default_factory=dict)
    """Texts for people, by title."""
    notes: list[str] = field(default_factory=list)
    raw: dict[str, bytes] = field(default_factory=dict)
    """Raw files, by name."""

    def add(self, name: str, value: float) -> None:
        """Adds one value of a metric."""
        self.values.setdefault(name, []).append(float(value))

    def keep_console(self, guest: Guest, name: str) -> None:
        """Keeps the serial line, and its boot stages as markers."""
        text = guest.console.text()
        self.markers += [line for line in bootlog.markers(text) if line not in self.markers]
        self.raw[name] = text.encode()


def run(guest: Guest, command: str, budget_s: float) -> CommandOutput:
    """Runs a command of the guest. Raises ProductError when its status is not 0."""
    output = guest.run_command(command, budget_s)
    if output.status != 0:
        raise ProductError(
            f"`{command}` ended with status {output.status}: {output.text.strip()[-300:]}",
            f"see the run folder {guest.folder.path}",
        )
    return output


def until_listening(port: int) -> str:
    """Returns words of the guest's shell that wait until a program listens on a TCP port."""
    return f"until ss -lt | grep -q :{port}; do sleep 0.01; done"


def spent_lines(text: str) -> list[dict[str, int]]:
    """Returns the lines of the guest's `spent`, each as its names and numbers."""
    return [_pairs(match) for match in SPENT.findall(text)]


def step_lines(text: str) -> list[dict[str, int]]:
    """Returns the lines of durations that the guest's `httpload` prints."""
    return [_pairs(match) for match in STEPS.findall(text)]


def one_spent_line(guest: Guest, text: str) -> dict[str, int]:
    """Returns the only `spent:` line of a text. Raises ProductError where there is not one."""
    lines = spent_lines(text)
    if len(lines) != 1:
        what = f"{len(lines)} lines of `spent` in: {text.strip()[-300:]}"
        raise ProductError(what, f"see the run folder {guest.folder.path}")
    return lines[0]


def _pairs(line: str) -> dict[str, int]:
    words = (word.partition("=") for word in line.split())
    return {name: int(value) for name, _, value in words}
