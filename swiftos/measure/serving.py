"""One boot with a network: both services are started, asked from outside, and their answers kept.

`llmd` is on its port 8080, `httpd` on 8081, each behind a free port of the host's loopback address.
"""

import http.client
import re
import time
from dataclasses import dataclass, replace

from swiftos import network
from swiftos.errors import ProductError
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric
from swiftos.guest import Guest
from swiftos.measure import session
from swiftos.measure.llm import PROMPT_TEXT
from swiftos.network import LOOPBACK, Forward
from swiftos.qemu import Profile

LLMD_PORT = 8080
HTTPD_PORT = 8081
PAGE = "/hello.txt"
BUDGET_S = 60
METRIC_LINE = re.compile(r"(\w+) (\d+)")
COUNTERS = ("requests", "tokens_total", "last_ttft_ms", "last_tok_s")
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
    llmd, httpd = network.with_ports([Forward(0, LLMD_PORT), Forward(0, HTTPD_PORT)])
    connected = replace(profile, network=network.user_network([llmd, httpd]))
    with session.booted(connected, "serving") as guest:
        start(guest, "/bin/llmd &", f"llmd: serving on {LLMD_PORT}")
        start(guest, f"/bin/httpd -p {HTTPD_PORT} &", f"httpd: listening on {HTTPD_PORT}")
        health, _ = ask(llmd.host_port, "GET", "/health")
        page, _ = ask(httpd.host_port, "GET", PAGE)
        completion, first_byte_ms = ask(llmd.host_port, "POST", "/completion", PROMPT_TEXT)
        metrics, _ = ask(llmd.host_port, "GET", "/metrics")
        guest.expect(rf"httpd: 200 {re.escape(PAGE)}", BUDGET_S)
        guest.power_off(BUDGET_S)
        served = SERVED.findall(guest.console.text().replace("\r", ""))
    counters = {name: int(value) for name, value in METRIC_LINE.findall(metrics)}
    missing = [name for name in COUNTERS if name not in counters]
    if missing or not completion.strip():
        raise ProductError(
            f"llmd answered without {missing or 'text'}", "run tests/llm_serve_test.sh"
        )
    markers = [f"httpd: 200 {PAGE}", *served]
    return Answers(health.strip(), page, completion, first_byte_ms, counters, markers)


def start(guest: Guest, command: str, marker: str) -> None:
    """Starts a service in the background and waits until it says that it serves."""
    guest.type_line(command)
    guest.expect(re.escape(marker), BUDGET_S)


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[str, float]:
    """Returns the body of an answer and the milliseconds to its first byte."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=BUDGET_S)
    try:
        connection.request(method, path, body)
        sent_s = time.monotonic()
        response = connection.getresponse()
        first_byte_ms = 1000 * (time.monotonic() - sent_s)
        text = response.read().decode(errors="replace")
    except OSError as error:
        raise ProductError(
            f"{method} {path} was not answered: {error}", "see the run folder"
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
