"""Fixtures for tests that boot the built system.

`shell` is a guest at its prompt, booted once and shared by the tests of a worker: each test leaves
the guest at its prompt, with as many processes as it found. `boot` starts a guest of the test's
own: `guest = boot(memory="24M", gic="3")` takes the fields of `swiftos.qemu.Profile`. A failing
test shows the end of the serial log of every guest that it used.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from swiftos import artifacts, diagnosis, paths, qemu
from swiftos.guest import Guest, GuestError
from swiftos.runfolder import RunFolder

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
            self._guest = Guest.start(self._profile, RunFolder.create("shared"))
            self._guest.wait_prompt(BOOT_BUDGET_S)
        return self._guest

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
    guest = shared_guest.usable()
    request.node.stash.setdefault(GUESTS, []).append(guest)
    before = process_count(guest)
    yield guest
    if request.node.stash.get(FAILED, False):
        return
    after = process_count(guest)
    assert after == before, f"{before} processes before the test, {after} behind it"


def process_count(guest: Guest) -> int:
    """Returns the number of lines of `ps`."""
    return len(guest.run_command("ps", ANSWER_BUDGET_S).text.splitlines())
