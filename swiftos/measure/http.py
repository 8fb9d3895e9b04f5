"""Measures HTTP: over loopback in the guest, and from a client on the host through QEMU's router.

Over loopback nothing outside takes part. The busy time of a request is the median over some that
both programs serve within their first time slice: later, when a slice ends depends on what came
before, and a request costs a little more or less by whose turn it is. So the figure is the same in
every boot. The mean over many requests has all of that in it, and differs in the fifth digit.

From outside frames come when they come; busy time is what two readings of `spent` differ by, less
what two readings without work between differ by.
"""

from swiftos.errors import ProductError
from swiftos.evidence.record import Workload
from swiftos.guest import Guest
from swiftos.measure import machine, session
from swiftos.measure.http_client import Keeping, burst
from swiftos.measure.observation import (
    Observation,
    one_spent_line,
    run,
    spent_lines,
    step_lines,
    until_listening,
)
from swiftos.measure.plan import Measurement, Part
from swiftos.network import Forward
from swiftos.qemu import Profile

PORT = 8080
PAGE = "/hello.txt"
REQUESTS = 200
OUTSIDE_REQUESTS = 1500
WARM_UP = 40
PAUSE_S = 0.002
"""Between requests from outside while instructions are counted: each one finds an idle guest then.
Without it a client that is quick saves the guest a switch of threads, and one that the host holds
up does not, which is a spread of 4 % in the busy time."""
BURST_REQUESTS = 32
BURST_CONNECTIONS = 8
BUDGET_S = 120
LISTENING = rf"httpd: listening on {PORT}"
URL = f"http://127.0.0.1:{PORT}{PAGE}"
INSIDE_RUNS = (
    f"httpload -k -w 8 -n 32 {URL}",
    f"httpload -w 3 -n 8 {URL}",
    f"httpload -k -w {WARM_UP} -n {REQUESTS} {URL}",
)
"""Within the first time slice on a kept connection, and on fresh ones; then many."""
INSIDE_SCRIPT = "; ".join(
    f"httpd -q & P=$!; {until_listening(PORT)}; {one} || exit; kill $P; wait" for one in INSIDE_RUNS
)


def observe_inside(profile: Profile, seen: Observation) -> None:
    """Asks over loopback, each time a server that was just started."""
    with session.booted(machine.counted(profile), "measure-http-inside") as guest:
        run(guest, f"({INSIDE_SCRIPT})", BUDGET_S)
        text = run(guest, f"({INSIDE_SCRIPT})", BUDGET_S).text
        seen.keep_console(guest, "serial-inside.log")
    spent, steps = spent_lines(text), step_lines(text)
    if not len(spent) == len(steps) == len(INSIDE_RUNS):
        raise ProductError(f"httpload did not report: {text.strip()[-300:]}", "run it by hand")
    if any(line["idle_ns"] for line in spent):
        seen.notes.append("the guest idled over loopback: time is more than busy time")
    seen.add("http.busy-per-request", steps[0]["median_ns"])
    seen.add("http.busy-per-connection", steps[1]["median_ns"])
    seen.add("http.busy-per-request-mean", spent[2]["busy_ns"] / REQUESTS)
    seen.add("http.calls-per-request", spent[2]["system_calls"] / REQUESTS)
    seen.add("http.allocations-per-request", spent[2]["allocations"] / REQUESTS)
    seen.markers += [line for line in text.splitlines() if line.startswith("httpload:")]


def serve(guest: Guest) -> None:
    """Starts httpd and waits until it listens."""
    guest.type_line("httpd -q &")
    guest.expect(LISTENING, BUDGET_S)
    guest.run_command("true", BUDGET_S)


def observe_outside_counted(profile: Profile, seen: Observation) -> None:
    """Asks from the host while instructions are counted; adds the busy time of a request."""
    connected, (forward,) = machine.connected(machine.counted(profile), (PORT,))
    with session.booted(connected, "measure-http-outside-counted") as guest:
        serve(guest)
        with Keeping(forward.host_port, PAGE) as client:
            client.ask(WARM_UP)
            spend(guest)
            readings = [spend(guest) for _ in range(2)]
            client.ask(OUTSIDE_REQUESTS, PAUSE_S)
            readings.append(spend(guest))
        seen.keep_console(guest, "serial-outside-counted.log")
    reading_ns = readings[1]["busy_ns"] - readings[0]["busy_ns"]
    busy_ns = readings[2]["busy_ns"] - readings[1]["busy_ns"] - reading_ns
    seen.add("http.outside-busy-per-request", busy_ns / OUTSIDE_REQUESTS)
    seen.markers += [f"httpd: listening on {PORT}", client.answer]


def spend(guest: Guest) -> dict[str, int]:
    """Returns the counters since boot."""
    return one_spent_line(guest, run(guest, "spent", BUDGET_S).text)


def observe_outside(profile: Profile, seen: Observation) -> None:
    """Asks from the host: what the client sees, and what QEMU's CPU time is."""
    connected, (forward,) = machine.connected(profile, (PORT,))
    with session.booted(connected, "measure-http-outside") as guest:
        serve(guest)
        with Keeping(forward.host_port, PAGE) as client:
            client.ask(WARM_UP)
            before = machine.host_time(guest)
            times_s = client.ask(OUTSIDE_REQUESTS)
            after = machine.host_time(guest)
        _add_outside(seen, times_s, before, after)
        seen.add("http.burst", _burst(forward))
        guest.wait_text("net-zc OK", BUDGET_S)
        seen.keep_console(guest, "serial-outside.log")
        text = guest.console.text()
    seen.markers += [f"httpd: listening on {PORT}", client.answer]
    seen.markers += [line for line in text.splitlines() if "net-zc OK" in line]
    seen.notes.append(
        f"a port of 127.0.0.1 to guest port {PORT}; {OUTSIDE_REQUESTS} requests on one connection,"
        f" then {BURST_REQUESTS} on {BURST_CONNECTIONS}; backend: QEMU user network (slirp)"
    )


def _add_outside(
    seen: Observation, times_s: list[float], before: machine.HostTime, after: machine.HostTime
) -> None:
    ordered = sorted(times_s)
    seen.add("http.requests-per-second", len(times_s) / (after.wall_s - before.wall_s))
    seen.add("http.latency", 1000 * ordered[len(ordered) // 2])
    seen.add("http.latency-p99", 1000 * ordered[len(ordered) * 99 // 100])
    if before.cpu_s is not None and after.cpu_s is not None:
        seen.add("http.cpu-per-request", 1e6 * (after.cpu_s - before.cpu_s) / len(times_s))


def _burst(forward: Forward) -> float:
    return burst(forward.host_port, PAGE, BURST_REQUESTS, BURST_CONNECTIONS)


def describe_outside(profile: Profile) -> Profile:
    """Returns the guest behind the router."""
    return machine.connected(profile, (PORT,))[0]


def describe_outside_counted(profile: Profile) -> Profile:
    """Returns the guest behind the router whose instructions are counted."""
    return describe_outside(machine.counted(profile))


_ASKED = {"page": PAGE, "connections": "1", "warm-up": str(WARM_UP)}
_ASKED_OUTSIDE = {**_ASKED, "requests": str(OUTSIDE_REQUESTS)}

INSIDE = Part(
    title="HTTP over loopback, instructions counted",
    workload=Workload("http", 2, {**_ASKED, "requests": str(REQUESTS)}),
    describe=machine.counted,
    observe=observe_inside,
)
OUTSIDE_COUNTED = Part(
    title="HTTP from the host, instructions counted",
    workload=Workload("http-outside-counted", 2, {**_ASKED_OUTSIDE, "pause ms": "2"}),
    describe=describe_outside_counted,
    observe=observe_outside_counted,
)
OUTSIDE = Part(
    title="HTTP from the host",
    workload=Workload("http-outside", 1, _ASKED_OUTSIDE),
    describe=describe_outside,
    observe=observe_outside,
)
MEASUREMENT = Measurement(
    name="http",
    claim="the HTTP path has not regressed",
    parts=(INSIDE, OUTSIDE_COUNTED, OUTSIDE),
    boundaries=("does not prove: the throughput of a real NIC; the network is QEMU's own router",),
    proofs=("./tests/httpd_test.sh", "bash ./tests/net_zero_copy_throughput_test.sh"),
)
