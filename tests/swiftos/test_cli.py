"""The command line: exit codes, cures, help, and a start that stays quick."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swiftos import cli, paths
from swiftos.symbols import Symbols


def swos(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(paths.REPOSITORY / "swos"), *arguments],
        env={**os.environ, **environment},
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_help_lists_every_subcommand_with_its_sentence() -> None:
    text = swos("--help").stdout
    modules = {path.stem for path in cli.COMMANDS.glob("*.py")} - {"__init__"}
    listed = {name.replace("-", "_") for names in cli.GROUPS.values() for name in names}
    assert listed == modules
    for name in modules:
        assert cli.first_sentence(name)[:20] in text


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in cli.COMMANDS.glob("[a-z]*.py")))
def test_every_subcommand_has_help(name: str) -> None:
    result = swos(name.replace("_", "-"), "--help")
    assert result.returncode == 0, result.stderr
    assert "Usage: ./swos" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--version"], 0, ""),
        (["nonsense"], 2, "No such command"),
        (["explain", "E9"], 2, "there is no diagnostic E9"),
        (["run", "--gic", "9"], 2, "Invalid value"),
        (["run", "--dry-run", "-p", "8080"], 2, "write HOST:GUEST"),
        (["run", "--dry-run", "-p", "0:65536"], 2, "ports go to 65535"),
        (["run", "--dry-run", "--no-net", "-p", ":80"], 2, "drop one of them"),
        (["sym", "40200000", "--elf", "swos"], 2, "is not an ELF file"),
        (["image", "verify", "-i", "no/such.img"], 4, "cure: ./swos build"),
        (["image", "verify", "-i", "LICENSE"], 1, "bad magic"),
        (["image", "verify", "LICENSE"], 1, "LICENSE: "),
        (["run", "--dry-run", "-m", "5X"], 2, "write e.g. 64M"),
        (["run", "--dry-run", "--smp", "0"], 2, "1<=x<=8"),
        (["run", "--dry-run", "--gdb", "--gdb-port", "99999"], 2, "1<=x<=65535"),
        (["record", "show", "zz"], 2, "./swos record list shows all"),
    ],
)
def test_exit_codes(arguments: list[str], code: int, message: str) -> None:
    result = swos(*arguments)
    assert result.returncode == code, result.stderr
    assert message in result.stderr


@pytest.mark.slow
def test_missing_emulator_is_an_environment_error_with_its_cure(tmp_path: Path) -> None:
    result = swos("run", "--dry-run", QEMU=str(tmp_path / "no-qemu"))
    assert result.returncode == 4
    assert "cure: unset QEMU" in result.stderr


@pytest.mark.slow
def test_too_old_emulator_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "qemu"
    fake.write_text("#!/bin/sh\necho QEMU emulator version 6.2.0\n")
    fake.chmod(0o755)
    result = swos("doctor", "--json", QEMU=str(fake))
    assert result.returncode == 4
    rows = {row["tool"]: row for row in json.loads(result.stdout)}
    assert not rows["qemu-system-aarch64"]["is_found"]
    assert "apt-get install qemu-system-arm" in rows["qemu-system-aarch64"]["cure"]
    assert rows["python"]["is_found"]


@pytest.mark.slow
def test_dry_run_prints_the_line_and_starts_nothing() -> None:
    result = swos("run", "--dry-run", "-m", "64M", "--smp", "2", "--gdb", "--", "-d", "int")
    assert result.returncode == 0, result.stderr
    for part in ("-m 64M", "-smp 2", "-S", "-d int", "id=swosbase", "-netdev user,id=n0 "):
        assert part in result.stdout


@pytest.mark.slow
def test_dry_run_shows_the_network_as_asked_for() -> None:
    ports = ("-p", "18080:8080", "-p", ":5555/udp")
    line = swos("run", "--dry-run", *ports, "--pcap", "a,b.pcap").stdout
    assert "hostfwd=tcp:127.0.0.1:18080-:8080" in line
    assert re.search(r"hostfwd=udp:127\.0\.0\.1:[1-9][0-9]*-:5555", line)
    assert "filter-dump,id=capture,netdev=n0,file=" in line and "a,,b.pcap" in line
    assert "virtio-net-device" not in swos("run", "--dry-run", "--no-net").stdout


@pytest.mark.slow
def test_start_is_quick() -> None:
    times = []
    for _ in range(3):
        started_s = time.monotonic()
        assert swos("--version").returncode == 0
        times.append(time.monotonic() - started_s)
    assert min(times) < 1.0


@pytest.mark.slow
def test_subcommand_is_not_imported_for_another_one() -> None:
    code = "import sys; import swiftos.cli; print([m for m in sys.modules if 'commands.' in m])"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"


def test_no_function_covers_what_is_behind_the_image(tmp_path: Path) -> None:
    source = tmp_path / "two.s"
    source.write_text(
        ".text\n.globl first\n.type first, @function\nfirst: ret\n.size first, . - first\n"
        ".globl end\nend:\n"
    )
    built = tmp_path / "two.o"
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", "aarch64-freestanding"]
    subprocess.run([*compiler, "-c", str(source), "-o", str(built)], check=True)
    symbols = Symbols(built)
    assert str(symbols.lookup(0)).startswith("first+0x0")
    assert symbols.lookup(0x9999) is None
