"""The argument list of QEMU for a profile."""

from dataclasses import replace
from pathlib import Path

from swiftos import qemu
from swiftos.qemu import BootPath, Clock, Profile

PLAIN = Profile(kernel=Path("/k.elf"), base_image=Path("/base,1.img"))


def value_of(arguments: list[str], option: str) -> list[str]:
    return [arguments[index + 1] for index, word in enumerate(arguments) if word == option]


def test_default_machine() -> None:
    arguments = qemu.machine_arguments(PLAIN)
    assert value_of(arguments, "-machine") == ["virt"]
    assert value_of(arguments, "-cpu") == ["cortex-a72"]
    assert value_of(arguments, "-m") == ["256M"]
    assert value_of(arguments, "-smp") == ["1"]
    assert value_of(arguments, "-kernel") == ["/k.elf"]
    assert {"-nodefaults", "-no-reboot"} <= set(arguments)
    assert "-semihosting-config" not in arguments
    assert "-icount" not in arguments


def test_base_image_is_read_only_and_its_commas_are_doubled() -> None:
    (drive,) = value_of(qemu.machine_arguments(PLAIN), "-drive")
    assert drive == "file=/base,,1.img,format=raw,if=none,id=swosbase,readonly=on"
    without = qemu.machine_arguments(replace(PLAIN, base_image=None))
    assert value_of(without, "-drive") == []


def test_virtio_is_modern_unless_the_profile_wants_legacy() -> None:
    modern = "virtio-mmio.force-legacy=false"
    assert modern in qemu.machine_arguments(PLAIN)
    assert modern not in qemu.machine_arguments(replace(PLAIN, is_legacy_virtio=True))


def test_counted_clocks_fix_time_and_device_tree() -> None:
    closed = qemu.machine_arguments(replace(PLAIN, clock=Clock.CLOSED, gic="3"))
    assert value_of(closed, "-machine") == ["virt,gic-version=3,dtb-randomness=off"]
    assert value_of(closed, "-icount") == ["shift=3,sleep=off,align=off"]
    assert value_of(closed, "-rtc") == ["clock=vm"]
    open_clock = qemu.machine_arguments(replace(PLAIN, clock=Clock.COUNTED))
    assert value_of(open_clock, "-icount") == ["shift=3,sleep=on,align=off"]


def test_debugger_semihosting_arguments_and_extras() -> None:
    profile = replace(
        PLAIN, gdb_port=4321, has_semihosting=True, kernel_arguments="a=1 b", extra=("-d", "int")
    )
    arguments = qemu.machine_arguments(profile)
    assert "-S" in arguments
    assert value_of(arguments, "-gdb") == ["tcp:127.0.0.1:4321"]
    assert value_of(arguments, "-append") == ["a=1 b semihosting"]
    assert value_of(arguments, "-semihosting-config") == ["enable=on,target=native"]
    assert arguments[-2:] == ["-d", "int"]


def test_boot_path_chooses_the_kernel_file() -> None:
    assert qemu.default_profile().kernel.name == "kernel.elf"
    assert qemu.default_profile(BootPath.BINARY).kernel.name == "kernel.bin"


def test_interface_and_its_capture_only_where_there_is_a_network() -> None:
    assert value_of(qemu.machine_arguments(PLAIN), "-netdev") == []
    profile = replace(PLAIN, network="user,id=n0", capture=Path("/a,b.pcap"))
    arguments = qemu.machine_arguments(profile)
    assert value_of(arguments, "-netdev") == ["user,id=n0"]
    assert "virtio-net-device,netdev=n0" in value_of(arguments, "-device")
    assert value_of(arguments, "-object") == ["filter-dump,id=capture,netdev=n0,file=/a,,b.pcap"]
