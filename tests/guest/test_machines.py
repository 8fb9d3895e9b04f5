"""Machines that SwiftOS must run on, and machines where it must say what is wrong and stop."""

import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from swiftos import paths
from swiftos.console import time_scale
from swiftos.guest import Guest, GuestError
from swiftos.qemu import BootPath
from tests.support.images import damage

Boot = Callable[..., Guest]
BOOT_S = 60
EXIT_S = 20
DAMAGED_BOOTS = 20
DAMAGE = "base image: wrong checksum"
POLL_S = 0.05
RAM_BASE = 0x4000_0000


@pytest.mark.parametrize("gic", ["2", "3"])
@pytest.mark.parametrize("boot_path", list(BootPath), ids=["elf", "binary"])
def test_boots_and_powers_off(boot: Boot, gic: str, boot_path: BootPath) -> None:
    kernel = paths.KERNEL_ELF if boot_path is BootPath.ELF else paths.KERNEL_BIN
    guest = boot(kernel=kernel, boot_path=boot_path, gic=gic)
    guest.wait_prompt(BOOT_S)
    assert guest.power_off(EXIT_S) == 0


@pytest.mark.parametrize("memory", ["24M", "64M", "1G", "4G"])
def test_every_size_of_memory_is_found_and_used(boot: Boot, memory: str) -> None:
    guest = boot(memory=memory)
    guest.wait_prompt(BOOT_S)
    total = guest.run_command("free", BOOT_S).text.split("Mem:")[1].split()[0]
    scale = {"M": 1024, "G": 1024 * 1024}[memory[-1]]
    assert int(total) == int(memory[:-1]) * scale
    assert guest.power_off(EXIT_S) == 0


def fails_with(guest: Guest, message: str) -> None:
    text = guest.expect(message, BOOT_S, is_panic_expected=True)
    assert guest.wait_exit(EXIT_S) != 0, text


def test_no_disk_is_said(boot: Boot) -> None:
    fails_with(boot(base_image=None, kernel_arguments="semihosting"), r"no disk")


def test_legacy_virtio_is_refused_with_the_cure(boot: Boot) -> None:
    guest = boot(is_legacy_virtio=True, kernel_arguments="semihosting")
    fails_with(guest, r"virtio-mmio\.force-legacy=false")


def test_too_little_memory_is_said(boot: Boot) -> None:
    fails_with(boot(memory="16M", kernel_arguments="semihosting"), r"(?i)memory")


def test_no_device_tree_is_said(boot: Boot) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    guest = boot(gdb_port=port)
    with GdbRemote(port) as remote:
        remote.command(f"M{RAM_BASE:x},8:{'00' * 8}")
        remote.send("c")
        guest.expect(r"no device tree", BOOT_S, is_panic_expected=True)


@pytest.mark.parametrize("seed", range(DAMAGED_BOOTS))
def test_damaged_base_image_is_refused_or_harmless(boot: Boot, tmp_path: Path, seed: int) -> None:
    original = paths.BASE_IMAGE.read_bytes()
    image = tmp_path / "damaged.img"
    image.write_bytes(damaged(original, seed))
    guest = boot(base_image=image, kernel_arguments="semihosting")
    seen = guest.expect(
        rf"swiftos:[^\n]*# |panic: [^\n]*\n|{DAMAGE}", BOOT_S, is_panic_expected=True
    )
    if "panic: " in seen:
        reason = seen.rpartition("panic: ")[2]
        assert "image" in reason or "disk" in reason or "init" in reason, seen
        assert guest.wait_exit(EXIT_S) != 0
    elif DAMAGE not in seen:
        ends_or_names_the_damage(guest)


def ends_or_names_the_damage(guest: Guest) -> None:
    """Powers off; where `poweroff` or the shell is what was damaged, the console says so."""
    guest.type_line("poweroff")
    try:
        assert guest.wait_exit(EXIT_S) == 0
    except GuestError:
        assert DAMAGE in guest.console.text()


def damaged(original: bytes, seed: int) -> bytes:
    """Cut, emptied, or with bits flipped near the front, where every boot reads."""
    if seed == 0:
        return b""
    if seed == 1:
        return original[: len(original) // 2 // 512 * 512]
    if seed < DAMAGED_BOOTS // 2:
        return damage(original, seed)
    chance = random.Random(seed)
    changed = bytearray(original)
    changed[chance.randrange(min(len(changed), 64 * 1024))] ^= 1 << chance.randrange(8)
    return bytes(changed)


class GdbRemote:
    """The few packets of gdb's remote protocol that write memory and let the guest run."""

    def __init__(self, port: int) -> None:
        self._connection = connect(port)

    def __enter__(self) -> "GdbRemote":
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()

    def send(self, text: str) -> None:
        """Sends one packet."""
        checksum = sum(text.encode()) % 256
        self._connection.sendall(f"${text}#{checksum:02x}".encode())

    def command(self, text: str) -> None:
        """Sends one packet and waits for `OK`."""
        self.send(text)
        seen = b""
        while b"#" not in seen:
            seen += self._connection.recv(4096)
        assert b"$OK#" in seen, seen


def connect(port: int) -> socket.socket:
    """Connects to QEMU's gdb port, which opens while QEMU starts."""
    for _ in range(int(EXIT_S * time_scale() / POLL_S)):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=EXIT_S)
        except ConnectionRefusedError:
            time.sleep(POLL_S)  # a port opens without an event
    raise AssertionError(f"nothing listens at the gdb port {port}")
