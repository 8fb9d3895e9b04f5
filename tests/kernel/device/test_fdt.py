"""The device tree reader: what it finds, and that no damage makes it trap or loop."""

from __future__ import annotations

import random
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bare import load
from swiftos import emulator
from tests.support.flattened_tree import flatten

NO_NODE = 0xFFFF_FFFF
BOARD = {
    "#address-cells": 2,
    "#size-cells": 2,
    "compatible": "linux,dummy-virt",
    "chosen": {"bootargs": "semihosting quiet", "rng-seed": bytes(range(32))},
    "memory@40000000": {"device_type": "memory", "reg": [0, 0x4000_0000, 0, 0x1000_0000]},
    "cpus": {
        "#address-cells": 1,
        "#size-cells": 0,
        "cpu@0": {"device_type": "cpu", "reg": 0},
        "cpu@1": {"device_type": "cpu", "reg": 1},
    },
    "psci": {"method": "hvc", "compatible": b"arm,psci-1.0\0arm,psci\0"},
    "pl011@9000000": {
        "compatible": b"arm,pl011\0arm,primecell\0",
        "reg": [0, 0x900_0000, 0, 0x1000],
        "interrupts": [0, 1, 4],
    },
    "gone@a000000": {"compatible": "arm,gone", "status": "disabled"},
}


@cache
def program() -> Any:
    return load("tests/kernel/tree_rig.py")


def opened(data: bytes) -> Any:
    tree = program().module("kernel.device.fdt").DeviceTree(data)
    assert program().module("kernel.device.fdt").open_tree(tree, data)
    return tree


@pytest.fixture
def tree() -> Any:
    return opened(flatten(BOARD, padding=1 << 16))


def child(tree: Any, name: str) -> int:
    return int(tree.find_child(tree.root(), name))


def test_the_padding_is_not_kept(tree: Any) -> None:
    assert len(tree.data) < 2048


def test_properties_are_found_by_name(tree: Any) -> None:
    chosen = child(tree, "chosen")
    assert bytes(tree.string(chosen, "bootargs")) == b"semihosting quiet"
    assert bytes(tree.value(chosen, "rng-seed")) == bytes(range(32))
    assert bytes(tree.value(chosen, "rng")) == b""
    assert not tree.has_property(chosen, "rng-see")


def test_regions_use_the_cells_of_the_parent(tree: Any) -> None:
    assert tree.region(child(tree, "memory"), 0) == (0x4000_0000, 0x1000_0000)
    assert tree.region(child(tree, "memory"), 1) == (0, 0)
    second = tree.next_sibling(tree.first_child(child(tree, "cpus")))
    assert bytes(tree.name(second)) == b"cpu@1"
    assert tree.region(second, 0) == (1, 0)


def test_interrupts_are_controller_numbers(tree: Any) -> None:
    assert tree.interrupt(child(tree, "pl011"), 0) == 33
    assert tree.interrupt(child(tree, "pl011"), 1) == 0


def test_disabled_devices_are_not_found(tree: Any) -> None:
    find = program().module("kernel.device.fdt").find_compatible
    assert find(tree, "arm,primecell") == child(tree, "pl011")
    assert find(tree, "arm,gone") == NO_NODE
    assert find(tree, "arm,pl01") == NO_NODE


def test_a_walk_knows_every_parent(tree: Any) -> None:
    seen = walked(tree)
    assert [name for name, _ in seen] == [
        b"",
        b"chosen",
        b"memory@40000000",
        b"cpus",
        b"cpu@0",
        b"cpu@1",
        b"psci",
        b"pl011@9000000",
        b"gone@a000000",
    ]
    assert [parent for _, parent in seen] == [None, b"", b"", b"", b"cpus", b"cpus", b"", b"", b""]


def walked(tree: Any) -> list[tuple[bytes, bytes | None]]:
    walk = program().module("kernel.device.fdt").NodeWalk(tree)
    seen = []
    while walk.advance():
        parent = tree.parent(walk.node)
        name = None if parent == NO_NODE else bytes(tree.name(parent))
        seen.append((bytes(tree.name(walk.node)), name))
    return seen


def test_what_the_boot_needs_is_read(tree: Any) -> None:
    assert program().memory_of(tree) == (1, 0x4000_0000, 0x5000_0000)
    boot_tree = program().module("kernel.boot_tree")
    assert boot_tree.count_cpus(tree) == 2
    assert boot_tree.find_conduit(tree).name == "HVC"


@pytest.mark.parametrize("data", [b"", b"\xd0\x0d\xfe\xed", bytes(100), flatten(BOARD)[:200]])
def test_no_tree_is_refused(data: bytes) -> None:
    module = program().module("kernel.device.fdt")
    assert not module.open_tree(module.DeviceTree(data), data)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32))
def test_damage_is_never_more_than_an_absent_answer(seed: int) -> None:
    data = bytearray(flatten(BOARD))
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 12)):
        if chance.random() < 0.5:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        else:
            place = chance.randrange(len(data) // 4) * 4
            data[place : place + 4] = chance.choice(
                [b"\xff" * 4, bytes(4), b"\0\0\0\3", b"\0\0\0\1"]
            )
    program().ask_everything(bytes(data))


def test_the_tree_of_the_machine_is_understood(tmp_path: Path) -> None:
    blob = tmp_path / "virt.dtb"
    found = emulator.find()
    if found is None:
        pytest.skip("there is no QEMU: ./swos doctor says how to get it")
    argv = [
        str(found.program),
        *found.arguments,
        "-M",
        f"virt,dumpdtb={blob}",
        "-cpu",
        "cortex-a72",
    ]
    argv += ["-m", "512M", "-smp", "3", "-nodefaults", "-display", "none"]
    subprocess.run(argv, check=True, capture_output=True, env=found.full_environment())
    tree = opened(blob.read_bytes())
    assert program().memory_of(tree) == (1, 0x4000_0000, 0x6000_0000)
    assert program().module("kernel.boot_tree").count_cpus(tree) == 3
    uart = program().module("kernel.device.fdt").find_compatible(tree, "arm,pl011")
    assert tree.region(uart, 0) == (0x900_0000, 0x1000)
    assert tree.interrupt(uart, 0) == 33
    assert len(walked(tree)) > 40
