"""Measures all that is guarded, in one boot whose clock counts instructions.

Everything is inside the guest and nothing outside answers, so the figures are the same on an idle
host and on a loaded one. A call, a request and a token are the busy time of many, divided.
"""

import re
from dataclasses import replace

from swiftos.errors import ProductError
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric
from swiftos.guest import Guest
from swiftos.measure import bootlog, llm, memory, session, sizes
from swiftos.qemu import Clock, Profile

BUDGET_S = 120
COUNTER_HZ = 125_000_000
CALLS = 10_000
REQUESTS = 200
PORT = 8080
TOKENS = (8, 40)
SPENT = re.compile(r"^spent: busy_ns=(\d+) ", re.MULTILINE)
STEPS = re.compile(r"^steps: .*median_ns=(\d+) ", re.MULTILINE)
LOAD = f"httpload -k -n {REQUESTS} http://127.0.0.1:{PORT}/hello.txt"
SERVER = f"httpd -q -p {PORT} &"


def counted(profile: Profile) -> Profile:
    """Returns the guest whose clock counts instructions, one tick each."""
    return replace(profile, clock=Clock.COUNTED, cpu=f"{profile.cpu},cntfrq={COUNTER_HZ}")


def measure(profile: Profile) -> tuple[list[Metric], str]:
    """Boots once; returns the metrics and what the guest printed."""
    with session.booted(counted(profile), "guard") as guest:
        found = [*sizes.measure(), *_boot(profile, guest)]
        found += [_call(guest), _request(guest), _token(guest)]
        return found, guest.console.text().replace("\r", "")


def _boot(profile: Profile, guest: Guest) -> list[Metric]:
    """Returns what the boot took; `top` is the first command that is typed, `spent` the second.

    The time to the prompt holds the wait for the disk, which is the host's; busy time does not.
    """
    blocks = guest.settled_blocks()
    at_us = bootlog.stage_time(guest.console.text(), bootlog.PROMPT_STAGE)
    if at_us is None:
        raise ProductError("the guest printed no `boot: prompt at` line", "see build/runs")
    return [
        one("boot.entry-to-prompt", at_us, "waiting for the disk included"),
        one("boot.blocks", blocks, "QEMU `info jit`, instructions counted"),
        memory.used_at_prompt(profile.memory, session.top(guest)),
        one("boot.busy", _busy_ns(guest, "spent"), "by `spent`, the second command"),
    ]


def _call(guest: Guest) -> Metric:
    busy_ns = _busy_ns(guest, f"callload -n {CALLS}")
    return one("call.getpid", busy_ns / CALLS, f"{CALLS} calls")


def _request(guest: Guest) -> Metric:
    """Returns the median request on a kept connection: those that a timer hit are left out."""
    guest.type_line(SERVER)
    guest.expect(rf"httpd: listening on {PORT}", BUDGET_S)
    text = _run(guest, LOAD)
    match = STEPS.search(text)
    if match is None or f"{REQUESTS} requests, 0 failed" not in text:
        raise ProductError(f"httpload failed: {text.strip()[-300:]}", "run tests/httpd_test.sh")
    return one("http.busy-per-request", int(match[1]), f"median of {REQUESTS}, loopback")


def _token(guest: Guest) -> Metric:
    """Returns what the tokens between a short story and a long one take, behind a first story."""
    few, many = TOKENS
    stories = [_busy_ns(guest, f'spent /bin/llm "{llm.PROMPT_TEXT}" {n}') for n in (few, few, many)]
    per_token = (stories[2] - stories[1]) / (many - few)
    return one("llm.busy-per-token", per_token, f"tokens {few} to {many} of a story")


def _busy_ns(guest: Guest, command: str) -> int:
    """Runs a command that ends with the line of `spent`; returns its busy time."""
    text = _run(guest, command)
    match = SPENT.search(text)
    if match is None:
        raise ProductError(f"`{command}` printed no `spent:` line", f"see {guest.folder.path}")
    return int(match[1])


def _run(guest: Guest, command: str) -> str:
    output = guest.run_command(command, BUDGET_S)
    if output.status != 0:
        what = f"`{command}` ended with status {output.status}: {output.text.strip()[-300:]}"
        raise ProductError(what, f"see the run folder {guest.folder.path}")
    return output.text
