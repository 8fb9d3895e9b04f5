"""Measures all that is guarded, in one boot whose clock counts instructions.

Everything is inside the guest and nothing outside answers, so the figures are the same on an idle
host and on a loaded one. A call, a request and a token are what many took, divided.
"""

from swiftos.errors import ProductError
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric
from swiftos.guest import Guest
from swiftos.measure import bootlog, http, machine, memory, session, sizes, stories
from swiftos.measure.observation import one_spent_line, run, step_lines
from swiftos.qemu import Profile

BUDGET_S = 120
CALLS = 10_000
REQUESTS = 200
TOKENS = (8, 40)
LOAD = f"httpload -k -n {REQUESTS} {http.URL}"


def measure(profile: Profile) -> tuple[list[Metric], str]:
    """Boots once; returns the metrics and what the guest printed."""
    with session.booted(machine.counted(profile), "guard") as guest:
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
    http.serve(guest)
    text = run(guest, LOAD, BUDGET_S).text
    if f"{REQUESTS} requests, 0 failed" not in text:
        raise ProductError(f"httpload failed: {text.strip()[-300:]}", "run tests/httpd_test.sh")
    (steps,) = step_lines(text)
    return one("http.busy-per-request", steps["median_ns"], f"median of {REQUESTS}, loopback")


def _token(guest: Guest) -> Metric:
    """Returns what the tokens between a short story and a long one take, behind a first story."""
    few, many = TOKENS
    told = [stories.spend(guest, tokens)["busy_ns"] for tokens in (few, few, many)]
    per_token = (told[2] - told[1]) / (many - few)
    return one("llm.busy-per-token", per_token, f"tokens {few} to {many} of a story")


def _busy_ns(guest: Guest, command: str) -> int:
    """Runs a command that prints a line of `spent`; returns its busy time."""
    return one_spent_line(guest, run(guest, command, BUDGET_S).text)["busy_ns"]
