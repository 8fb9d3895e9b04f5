"""Measures the network: throughput both ways and the time of an echo, through QEMU's own router;
and the busy time of a KiB over loopback, where nothing outside takes part.
"""

import socket
import time

from swiftos.errors import ProductError
from swiftos.evidence.record import Workload
from swiftos.guest import Guest
from swiftos.measure import machine, session
from swiftos.measure.machine import HostTime
from swiftos.measure.observation import Observation, one_spent_line, run, until_listening
from swiftos.measure.plan import Measurement, Part
from swiftos.network import LOOPBACK, Forward, Protocol
from swiftos.qemu import Profile

SINK_PORT = 5001
FILES_PORT = 8080
TCP_ECHO_PORT = 5555
UDP_ECHO_PORT = 5556
FILE = "/models/house/1/model.bin"
DOWNLOADS = 8
UPLOAD_BYTES = 32 << 20
PIECE = bytes(1 << 16)
ECHOES = 300
WARM_UP_ECHOES = 20
ECHO_BYTES = 64
BUDGET_S = 120
TIMEOUT_S = 60
MIB = 1 << 20
LOOPBACK_SCRIPT = (
    f"nc -l {SINK_PORT} > /dev/null & {until_listening(SINK_PORT)}; "
    f"spent sh -c 'nc -w 5 127.0.0.1 {SINK_PORT} < {FILE}'; wait"
)


def observe_loopback(profile: Profile, seen: Observation) -> None:
    """Sends the model's file to itself over loopback, twice; the second time counts."""
    with session.booted(machine.counted(profile), "measure-net-loopback") as guest:
        size = int(run(guest, f"wc -c < {FILE}", BUDGET_S).text.split()[0])
        run(guest, LOOPBACK_SCRIPT, BUDGET_S)
        spent = one_spent_line(guest, run(guest, LOOPBACK_SCRIPT, BUDGET_S).text)
        seen.keep_console(guest, "serial-loopback.log")
    seen.add("net.busy-per-kib", spent["busy_ns"] * 1024 / size)
    seen.markers.append(f"sent {size} bytes of {FILE} over loopback")


def observe_outside(profile: Profile, seen: Observation) -> None:
    """Sends to the guest, fetches from it, and has TCP and UDP messages echoed."""
    connected, ports = _connected(profile)
    with session.booted(connected, "measure-net") as guest:
        guest.wait_text(r"net-a OK: ICMP echo reply", BUDGET_S)
        _upload(guest, ports[SINK_PORT], seen)
        _download(guest, ports[FILES_PORT], seen)
        _echo(guest, ports, seen)
        seen.keep_console(guest, "serial-net.log")
        text = guest.console.text()
    seen.markers += [line for line in text.splitlines() if "net-a OK" in line or "net-zc" in line]
    seen.notes.append(
        f"ports of 127.0.0.1 to guest ports {', '.join(str(port) for port in ports)}; "
        "backend: QEMU user network (slirp)"
    )


def _upload(guest: Guest, port: int, seen: Observation) -> None:
    """Sends bytes until the guest has taken them all and closed."""
    run(guest, f"nc -l {SINK_PORT} > /dev/null & {until_listening(SINK_PORT)}", BUDGET_S)
    with socket.create_connection((LOOPBACK, port), TIMEOUT_S) as connection:
        before = machine.host_time(guest)
        for _ in range(UPLOAD_BYTES // len(PIECE)):
            connection.sendall(PIECE)
        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1):
            raise ProductError("the guest's sink sent something", "see the run folder")
        after = machine.host_time(guest)
    run(guest, "wait", BUDGET_S)
    _add_rate(seen, "net.to-guest", UPLOAD_BYTES, before, after)


def _download(guest: Guest, port: int, seen: Observation) -> None:
    """Fetches a file of the guest several times, each on a connection of its own."""
    guest.type_line(f"httpd -q -r {FILE.rpartition('/')[0]} &")
    guest.expect(rf"httpd: listening on {FILES_PORT}", BUDGET_S)
    request = f"GET /{FILE.rpartition('/')[2]} HTTP/1.0\r\n\r\n".encode()
    _fetch(port, request)
    before = machine.host_time(guest)
    total = sum(_fetch(port, request) for _ in range(DOWNLOADS))
    after = machine.host_time(guest)
    _add_rate(seen, "net.from-guest", total, before, after)


def _fetch(port: int, request: bytes) -> int:
    """Returns the bytes of an answer. Raises ProductError for any but 200."""
    buffer = bytearray(1 << 18)
    with socket.create_connection((LOOPBACK, port), TIMEOUT_S) as connection:
        connection.sendall(request)
        first = count = connection.recv_into(buffer)
        if b" 200 " not in buffer[:16]:
            raise ProductError(f"answered {bytes(buffer[:40])!r}", "see the run folder")
        while count:
            count = connection.recv_into(buffer)
            first += count
    return first


def _echo(guest: Guest, ports: dict[int, int], seen: Observation) -> None:
    """Has messages echoed by TCP and by UDP; adds the median of each."""
    guest.type_line(f"tcpecho -k -p {TCP_ECHO_PORT} & udpecho -k -p {UDP_ECHO_PORT} &")
    guest.wait_text(rf"tcpecho: listening on {TCP_ECHO_PORT}", BUDGET_S)
    guest.wait_text(rf"udpecho: listening on {UDP_ECHO_PORT}", BUDGET_S)
    with socket.create_connection((LOOPBACK, ports[TCP_ECHO_PORT]), TIMEOUT_S) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        seen.add("net.tcp-echo", _echo_time_us(stream))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(TIMEOUT_S)
        datagrams.connect((LOOPBACK, ports[UDP_ECHO_PORT]))
        seen.add("net.udp-echo", _echo_time_us(datagrams))


def _echo_time_us(connection: socket.socket) -> float:
    """Returns the median time of an echo behind some that warm up."""
    message = bytes(range(ECHO_BYTES))
    times_s = []
    for _ in range(WARM_UP_ECHOES + ECHOES):
        started_s = time.monotonic()
        connection.send(message)
        if connection.recv(2 * ECHO_BYTES) != message:
            raise ProductError("an echo differs from what was sent", "see the run folder")
        times_s.append(time.monotonic() - started_s)
    return 1e6 * sorted(times_s[WARM_UP_ECHOES:])[ECHOES // 2]


def _add_rate(seen: Observation, name: str, size: int, before: HostTime, after: HostTime) -> None:
    seen.add(name, size / MIB / (after.wall_s - before.wall_s))
    if before.cpu_s is not None and after.cpu_s is not None:
        seen.add(f"{name}-cpu", 1000 * (after.cpu_s - before.cpu_s) * MIB / size)


def _connected(profile: Profile) -> tuple[Profile, dict[int, int]]:
    """Returns the guest behind the router, and the host's port for each of the guest's."""
    forwards = [Forward(0, port) for port in (SINK_PORT, FILES_PORT, TCP_ECHO_PORT)]
    forwards.append(Forward(0, UDP_ECHO_PORT, Protocol.UDP))
    connected, chosen = machine.forwarded(profile, forwards)
    return connected, {forward.guest_port: forward.host_port for forward in chosen}


def describe_outside(profile: Profile) -> Profile:
    """Returns the guest behind the router."""
    return _connected(profile)[0]


LOOPBACK_PART = Part(
    title="a file over loopback, instructions counted",
    workload=Workload("net", 1, {"file": FILE}),
    describe=machine.counted,
    observe=observe_loopback,
)
OUTSIDE = Part(
    title="throughput both ways and echoes",
    workload=Workload("net-outside", 1, {"upload": f"{UPLOAD_BYTES} bytes", "echoes": str(ECHOES)}),
    describe=describe_outside,
    observe=observe_outside,
)
MEASUREMENT = Measurement(
    name="net",
    claim="network throughput and latency have not changed",
    parts=(LOOPBACK_PART, OUTSIDE),
    boundaries=("does not prove: the throughput of a real NIC; the network is QEMU's own router",),
    proofs=(
        "./tests/virtio_net_test.sh",
        "./tests/tcp_echo_test.sh",
        "./tests/udp_echo_test.sh",
        "bash ./tests/net_zero_copy_throughput_test.sh",
    ),
)
