"""Measures `llmd`: health, a completion, metrics and its `served` line, asked from the host.

One completion warms up. The demonstration asks `httpd` as well, which is on port 8081 then.
"""

import http.client
import re
import time
from dataclasses import dataclass

from swiftos.errors import ProductError
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric, Workload
from swiftos.guest import Guest
from swiftos.measure import machine, session
from swiftos.measure.llm import PROMPT_TEXT
from swiftos.measure.observation import Observation
from swiftos.measure.plan import Measurement, Part
from swiftos.network import LOOPBACK
from swiftos.qemu import Profile

LLMD_PORT = 8080
HTTPD_PORT = 8081
PAGE = "/hello.txt"
BUDGET_S = 60
COMPLETION_BUDGET_S = 300
METRIC_LINE = re.compile(r"(\w+) (\d+)")
COUNTERS = ("requests", "tokens_total", "last_ttft_ms", "last_tok_s")
LLMD_LINE = re.compile(r"llmd: .*$", re.MULTILINE)
SERVED = re.compile(r"^llmd: served .*$", re.MULTILINE)


@dataclass(frozen=True)
class Answers:
    """What the services answered, and how long a client waited for the completion."""

    health: str
    page: str
    completion: str
    first_byte_ms: float
    """From the request's last byte sent to the first byte of the answer."""
    metrics: dict[str, int]
    markers: list[str]


def serve(profile: Profile) -> Answers:
    """Boots with a network, asks both services, powers off. Raises ProductError on any failure."""
    connected, (llmd, httpd) = machine.connected(profile, (LLMD_PORT, HTTPD_PORT))
    with session.booted(connected, "serving") as guest:
        start(guest, "/bin/llmd &", f"llmd: serving on {LLMD_PORT}")
        start(guest, f"/bin/httpd -p {HTTPD_PORT} &", f"httpd: listening on {HTTPD_PORT}")
        health, _ = ask(llmd.host_port, "GET", "/health")
        page, _ = ask(httpd.host_port, "GET", PAGE)
        completion, first_byte_ms = ask(llmd.host_port, "POST", "/completion", PROMPT_TEXT)
        counters = counters_of(llmd.host_port)
        guest.expect(rf"httpd: 200 {re.escape(PAGE)}", BUDGET_S)
        guest.power_off(BUDGET_S)
        served = SERVED.findall(guest.console.text())
    if not completion.strip():
        raise ProductError("llmd answered without text", "run tests/llm_serve_test.sh")
    markers = [f"httpd: 200 {PAGE}", *served]
    return Answers(health.strip(), page, completion, first_byte_ms, counters, markers)


def observe(profile: Profile, seen: Observation) -> None:
    """Asks `llmd` for its health, twice for a completion, and for its metrics."""
    connected, (forward,) = machine.connected(profile, (LLMD_PORT,))
    port = forward.host_port
    with session.booted(connected, "measure-serve") as guest:
        start(guest, "/bin/llmd &", f"llmd: serving on {LLMD_PORT}")
        health, _ = ask(port, "GET", "/health")
        ask(port, "POST", "/completion", PROMPT_TEXT)
        started_s = time.monotonic()
        text, first_byte_ms = ask(port, "POST", "/completion", PROMPT_TEXT)
        elapsed_s = time.monotonic() - started_s
        counters = counters_of(port)
        guest.wait_text(r"(?s)llmd: served .*llmd: served [^\n]*\n", BUDGET_S)
        seen.keep_console(guest, "serial-serve.log")
        lines = LLMD_LINE.findall(guest.console.text())
    if counters["requests"] != 2 or not text.strip():
        raise ProductError(f"llmd counted {counters['requests']} completions, not 2", "see the log")
    seen.add("serve.first-byte", first_byte_ms)
    seen.add("serve.completion", elapsed_s)
    seen.add("serve.tokens-per-second", counters["last_tok_s"])
    seen.add("serve.first-token", counters["last_ttft_ms"])
    seen.add("serve.tokens", counters["tokens_total"] / 2)
    seen.markers += [f"GET /health: {health.strip()}", *lines]
    seen.markers += [f"GET /metrics: {name} {counters[name]}" for name in COUNTERS]
    seen.snapshots["completion"] = text


def start(guest: Guest, command: str, marker: str) -> None:
    """Starts a service in the background and waits until it says that it serves."""
    guest.type_line(command)
    guest.expect(re.escape(marker), BUDGET_S)


def counters_of(port: int) -> dict[str, int]:
    """Returns what `GET /metrics` says. Raises ProductError where a counter is missing."""
    text, _ = ask(port, "GET", "/metrics")
    counters = {name: int(value) for name, value in METRIC_LINE.findall(text)}
    missing = [name for name in COUNTERS if name not in counters]
    if missing:
        raise ProductError(f"GET /metrics has no {missing}", "run tests/llm_serve_test.sh")
    return counters


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[str, float]:
    """Returns the body of an answer and the milliseconds to its first byte."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=COMPLETION_BUDGET_S)
    try:
        connection.request(method, path, body)
        sent_s = time.monotonic()
        response = connection.getresponse()
        first_byte_ms = 1000 * (time.monotonic() - sent_s)
        text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise ProductError(
            f"{method} {path} was not answered: {error!r}", "see the run folder"
        ) from None
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ProductError(f"{method} {path} was answered {response.status}: {text[:200]}", "")
    return text, first_byte_ms


def serving_metrics(answers: Answers) -> list[Metric]:
    """Returns the figures of the completion: what the client saw, and what the guest says."""
    rate = float(answers.metrics["last_tok_s"])
    return [
        one("serve.first-byte", answers.first_byte_ms, "seen by the client"),
        one("serve.tokens-per-second", rate, "by the guest's clock, after the first token"),
    ]


def describe(profile: Profile) -> Profile:
    """Returns the guest behind the router."""
    return machine.connected(profile, (LLMD_PORT,))[0]


COMPLETIONS = Part(
    title="health, two completions, metrics of llmd",
    workload=Workload("serve", 1, {"prompt": PROMPT_TEXT, "warm-up completions": "1"}),
    describe=describe,
    observe=observe,
)
MEASUREMENT = Measurement(
    name="serve",
    claim="serving of completions has not changed",
    parts=(COMPLETIONS,),
    boundaries=("does not prove: tokens a second of any hardware, or service levels",),
    proofs=("./tests/llm_serve_test.sh",),
)
