"""Fixtures for tests that boot the built system.

`shell` is a guest at its prompt, booted once and shared by the tests of a worker: each test leaves
the guest at its prompt, with as many processes as it found. `net_guest` is one like it behind
QEMU's router, with forwarded ports and all frames recorded; `cable_guest` one whose frames we send
and receive ourselves, `linux_pair` one with Linux at the other end. `boot` starts a guest of the
test's own: `guest = boot(memory="24M", gic="3")` takes the fields of `swiftos.qemu.Profile`. A
failing test shows the end of the serial log of every guest that it used.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swiftos import artifacts, diagnosis, network, paths, qemu
from swiftos.guest import Guest, GuestError
from swiftos.runfolder import RunFolder
from tests.support import linux_host, linux_pair, network_guest
from tests.support.frame_peer import Cable, FramePeer
from tests.support.linux_pair import LinuxPair
from tests.support.network_guest import CableGuest, NetGuest

BOOT_BUDGET_S = 60
ANSWER_BUDGET_S = 20
GUESTS = pytest.StashKey[list[Guest]]()
FAILED = pytest.StashKey[bool]()

Boot = Callable[..., Guest]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks every test of this folder: it boots a guest, which is slow."""
    item.add_marker(pytest.mark.guest)
    item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the end of the serial log of the test's guests to the report of a failure."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        for guest in item.stash.get(GUESTS, []):
            title = f"serial line of {guest.folder.path.name}"
            report.sections.append((title, diagnosis.last_lines(guest.console.text())))
    return report


@pytest.fixture(scope="session")
def built_profile() -> qemu.Profile:
    """The built kernel with the test image: the default one and `/test`. Fails if not built."""
    artifacts.require(paths.KERNEL_ELF, paths.KERNEL_BIN, paths.TEST_IMAGE)
    return replace(qemu.default_profile(), base_image=paths.TEST_IMAGE, has_semihosting=True)


@pytest.fixture
def boot(request: pytest.FixtureRequest, built_profile: qemu.Profile) -> Iterator[Boot]:
    """Starts guests that end with the test; keyword arguments change the profile."""
    guests = request.node.stash.setdefault(GUESTS, [])

    def start(**changes: Any) -> Guest:
        profile = replace(built_profile, **changes)
        guest = Guest.start(profile, RunFolder.create(request.node.name))
        guests.append(guest)
        return guest

    yield start
    for guest in guests:
        guest.end()


class SharedGuest:
    """The guest that tests of one worker share; booted anew when a test left it unusable."""

    def __init__(self, profile: qemu.Profile) -> None:
        self._profile = profile
        self._guest: Guest | None = None

    def usable(self) -> Guest:
        """Returns a guest that answers at its prompt."""
        if self._guest is not None and not self._answers(self._guest):
            self.end()
        if self._guest is None:
            self._guest = self._boot()
        return self._guest

    def _boot(self) -> Guest:
        guest = Guest.start(self._profile, RunFolder.create("shared"))
        guest.wait_prompt(BOOT_BUDGET_S)
        if self._profile.network:
            wait_configured(guest)
        return guest

    def end(self) -> None:
        """Ends the guest."""
        if self._guest is not None:
            self._guest.end()
        self._guest = None

    def _answers(self, guest: Guest) -> bool:
        try:
            return guest.run_command("echo ready", ANSWER_BUDGET_S).text.strip() == "ready"
        except GuestError:
            return False


@pytest.fixture(scope="session")
def shared_guest(built_profile: qemu.Profile) -> Iterator[SharedGuest]:
    """The holder of the shared guest of this worker."""
    shared = SharedGuest(built_profile)
    yield shared
    shared.end()


@pytest.fixture
def shell(request: pytest.FixtureRequest, shared_guest: SharedGuest) -> Iterator[Guest]:
    """A guest at its prompt, shared; a test that leaves processes behind fails."""
    yield from lend(request, shared_guest)


def lend(request: pytest.FixtureRequest, shared: SharedGuest) -> Iterator[Guest]:
    """Lends a shared guest to a test and sees that no processes are left behind."""
    guest = shared.usable()
    request.node.stash.setdefault(GUESTS, []).append(guest)
    before = process_count(guest)
    yield guest
    if request.node.stash.get(FAILED, False):
        return
    after = process_count(guest)
    assert after <= before, f"{before} processes before the test, {after} behind it"


class SharedNetGuest(SharedGuest):
    """The shared guest behind the router."""

    def __init__(self, profile: qemu.Profile, folder: Path) -> None:
        self.forwards = network_guest.served_forwards()
        self.capture = folder / "frames.pcap"
        netdev = network.user_network(self.forwards)
        super().__init__(replace(profile, network=netdev, capture=self.capture))


@pytest.fixture(scope="session")
def shared_net_guest(
    built_profile: qemu.Profile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedNetGuest]:
    """The holder of the shared guest behind the router."""
    shared = SharedNetGuest(built_profile, tmp_path_factory.mktemp("network"))
    yield shared
    shared.end()


@pytest.fixture
def net_guest(
    request: pytest.FixtureRequest, shared_net_guest: SharedNetGuest
) -> Iterator[NetGuest]:
    """A guest at its prompt with TCP 8080, 8081 and 5555 and UDP 5555 forwarded, shared."""
    for guest in lend(request, shared_net_guest):
        yield NetGuest(guest, shared_net_guest.forwards, shared_net_guest.capture)


class SharedCableGuest(SharedGuest):
    """The shared guest at the other end of our cable."""

    def __init__(self, profile: qemu.Profile) -> None:
        super().__init__(profile)
        self.peer: FramePeer | None = None
        self._cable: Cable | None = None

    def _boot(self) -> Guest:
        cable = Cable()
        handle = cable.far.fileno()
        profile = replace(self._profile, network=network.datagram_network(handle))
        self._cable = cable
        self.peer = FramePeer(cable)
        self.peer.start()
        guest = Guest.start(profile, RunFolder.create("cable"), [handle])
        cable.far.close()
        guest.wait_prompt(BOOT_BUDGET_S)
        wait_configured(guest)
        return guest

    def end(self) -> None:
        """Ends the guest and the peer."""
        super().end()
        if self.peer is not None:
            self.peer.stop()
        if self._cable is not None:
            self._cable.close()
        self.peer = None
        self._cable = None


@pytest.fixture(scope="session")
def shared_cable_guest(built_profile: qemu.Profile) -> Iterator[SharedCableGuest]:
    """The holder of the shared guest on a cable."""
    shared = SharedCableGuest(built_profile)
    yield shared
    shared.end()


@pytest.fixture
def cable_guest(
    request: pytest.FixtureRequest, shared_cable_guest: SharedCableGuest
) -> Iterator[CableGuest]:
    """A guest at its prompt whose frames we send and receive, shared."""
    for guest in lend(request, shared_cable_guest):
        peer = shared_cable_guest.peer
        assert peer is not None
        yield CableGuest(guest, peer)


def wait_configured(guest: Guest) -> None:
    """Waits until the gateway has answered, and for a prompt behind the kernel's lines about it."""
    guest.wait_text(network_guest.CONFIGURED, network_guest.CONFIGURE_BUDGET_S)
    guest.run_command("true", ANSWER_BUDGET_S)


@pytest.fixture(scope="session", name="linux_pair")
def shared_linux_pair(built_profile: qemu.Profile) -> Iterator[LinuxPair]:
    """A guest whose cable ends at Linux's TCP/IP, shared; skipped where that cannot be."""
    problem = linux_host.why_impossible()
    if problem is not None:
        pytest.skip(f"no Linux to talk to: {problem}")
    with linux_pair.started(built_profile) as pair:
        yield pair


def process_count(guest: Guest) -> int:
    """Returns the number of lines of `ps`."""
    return len(guest.run_command("ps", ANSWER_BUDGET_S).text.splitlines())
