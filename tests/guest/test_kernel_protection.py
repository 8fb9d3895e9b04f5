"""The kernel's memory and its own end, checked from outside: page tables, guards, panic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swiftos import paths
from swiftos.guest import Guest
from tests.support.gdb_remote import PROGRAM_COUNTER, STACK_POINTER, GdbRemote, free_port
from tests.support.kernel_image import physical, symbols
from tests.support.page_tables import RAM_BASE, Mapping, walk

Boot = Callable[..., Guest]
BOOT_S = 60
EXIT_S = 20
MEMORY_MIB = 32
STACKS_BASE = 0xFFFF_C000_0000_0000
STACK_SLOT = 0x8000
STACK_SIZE = 0x4000
PAGE = 4096
STOP_TRIES = 2000
BRK_INDEX = bytes.fromhex("40a02ad4")
"""BRK #0x5502, the trap of a bad index."""


def kernel_mappings(guest: Guest, folder: Path) -> list[Mapping]:
    """Reads the guest's RAM and walks the kernel's tables in it."""
    dump = folder / "ram"
    size = MEMORY_MIB << 20
    guest.control.execute("pmemsave", EXIT_S, val=RAM_BASE, size=size, filename=str(dump))
    root = physical(symbols(paths.KERNEL_ELF)["boot_tables"]) + 2 * PAGE
    return list(walk(dump.read_bytes(), root, high_half=True))


@pytest.fixture
def mappings(boot: Boot, tmp_path: Path) -> list[Mapping]:
    guest = boot(memory=f"{MEMORY_MIB}M")
    guest.wait_prompt(BOOT_S)
    return kernel_mappings(guest, tmp_path)


def test_nothing_is_writable_and_executable(mappings: list[Mapping]) -> None:
    assert len(mappings) > 100
    for mapping in mappings:
        assert not (mapping.is_writable and mapping.is_kernel_executable), mapping
        assert not mapping.is_user, mapping
        assert not mapping.is_user_executable, mapping


def test_the_image_has_the_permissions_of_its_sections(mappings: list[Mapping]) -> None:
    known = symbols(paths.KERNEL_ELF)
    executable = [mapping for mapping in mappings if mapping.is_kernel_executable]
    assert min(mapping.virtual for mapping in executable) == known["image_start"]
    assert max(mapping.virtual + mapping.size for mapping in executable) == known["rodata_start"]
    for mapping in mappings:
        if known["image_start"] <= mapping.virtual < known["data_start"]:
            assert not mapping.is_writable, mapping


def test_physical_memory_is_mapped_once(mappings: list[Mapping]) -> None:
    linear = [mapping for mapping in mappings if mapping.virtual < STACKS_BASE]
    for mapping in linear:
        assert mapping.physical == physical(mapping.virtual), mapping


def test_every_stack_has_a_guard(mappings: list[Mapping]) -> None:
    pages = {mapping.virtual for mapping in mappings}
    assert symbols(paths.KERNEL_ELF)["boot_stack_guard"] not in pages
    stacks = [page for page in pages if page >= STACKS_BASE]
    assert len(stacks) >= 2 * STACK_SIZE // PAGE, "init and the shell have one each"
    for page in stacks:
        assert (page - STACKS_BASE) % STACK_SLOT >= STACK_SLOT - STACK_SIZE, hex(page)


def stop_idle(remote: GdbRemote) -> None:
    """Stops the guest in its idle thread, which is on the boot stack; the shell may be at work."""
    bottom = symbols(paths.KERNEL_ELF)["boot_stack_bottom"]
    for _ in range(STOP_TRIES):
        remote.stop()
        if bottom <= remote.read_register(STACK_POINTER) < bottom + STACK_SIZE:
            return
        remote.resume()
    raise AssertionError("the guest does not become idle")


def end_of(guest: Guest, reason: str) -> str:
    """Waits for the end of a report and for the failing exit; returns the report."""
    guest.expect(f"panic: {reason}", BOOT_S, is_panic_expected=True)
    guest.expect(r"boot: user at", BOOT_S, is_panic_expected=True)
    assert guest.wait_exit(EXIT_S) != 0
    return guest.console.text().replace("\r", "").rpartition("panic: ")[2]


def test_an_overflowing_kernel_stack_is_a_recursion_error(boot: Boot) -> None:
    port = free_port()
    guest = boot(gdb_port=port)
    with GdbRemote(port) as remote:
        remote.resume()
        guest.wait_prompt(BOOT_S)
        stop_idle(remote)
        bottom = symbols(paths.KERNEL_ELF)["boot_stack_bottom"]
        remote.write_register(STACK_POINTER, bottom + 64)
        remote.resume()
        guest.send(b"x")
        report = end_of(guest, "RecursionError: the kernel stack is used up")
    assert "Traceback (most recent call last):" in report
    assert "in Scheduler.run_idle\n" in report


def test_a_trap_in_the_kernel_is_reported_with_traceback_registers_and_log(boot: Boot) -> None:
    port = free_port()
    guest = boot(gdb_port=port)
    with GdbRemote(port) as remote:
        remote.resume()
        guest.wait_prompt(BOOT_S)
        remote.stop()
        victim = symbols(paths.KERNEL_ELF)["dispatch_kernel_interrupt"]
        remote.write_memory(victim, BRK_INDEX)
        remote.resume()
        guest.send(b"x")
        report = end_of(guest, "IndexError")
    assert 'File "kernel/arch/aarch64/dispatch.py"' in report
    assert "in dispatch_kernel_interrupt\n" in report
    assert f"pc {victim:#018x}" in report
    assert "x30 0x" in report
    assert "boot: memory at" in report.rpartition("log:")[2]


def test_a_wild_jump_is_reported(boot: Boot) -> None:
    port = free_port()
    guest = boot(gdb_port=port)
    with GdbRemote(port) as remote:
        remote.resume()
        guest.wait_prompt(BOOT_S)
        stop_idle(remote)
        remote.write_register(PROGRAM_COUNTER, symbols(paths.KERNEL_ELF)["data_start"])
        remote.resume()
        guest.send(b"x")
        report = end_of(guest, "PERMISSION fault: execution of 0x")
    assert "Traceback" in report
