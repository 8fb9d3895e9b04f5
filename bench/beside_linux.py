"""Measures our httpd beside nginx in a Linux guest: same host, same QEMU, same run, in turn.

RIG is the folder of the measuring scripts for the Linux guest, already set up (`setup.sh`). Each
round boots Linux, SwiftOS, SwiftOS, Linux and runs every combination of 1 KiB and 100 KiB with and
without keep-alive once in each. Printed are medians over the rounds, and ratios of medians with the
smallest and largest ratio of one round.
"""

import json
import shutil
import stat
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import click

from swiftos import emulator, network, packer, paths, qemu
from swiftos.baseimage import BaseImage
from swiftos.packer import Entry

ROUNDS = 3
CONNECTIONS = "1,8"
LINUX, OURS = "linux-disk", "swiftos"
NGINX, HTTPD = "nginx", "httpd"
FOLDER = paths.BUILD / "beside-linux"
SIZES = {"www/1k.bin": 1024, "www/100k.bin": 102400}
MTIME_S = 1_767_225_600
ATTEMPTS = 3
CPU = "qemu_cpu_us_per_req"
Table = dict[str, list[dict[str, float]]]


def make_image(target: Path) -> None:
    """Packs the built base image with the two pages that are asked for."""
    image = BaseImage.open(paths.BASE_IMAGE)
    entries = [
        Entry(
            path.strip("/"),
            node.mode,
            image.read(node) if not stat.S_ISDIR(node.mode) else b"",
        )
        for path, node in image.walk()
        if path.strip("/")
    ]
    entries += [
        packer.regular(path, bytes(range(256)) * (size // 256)) for path, size in SIZES.items()
    ]
    target.write_bytes(packer.pack(entries, MTIME_S))


def our_profile(image: Path) -> str:
    """Returns SwiftOS as a profile of the rig."""
    profile = qemu.default_profile()
    program = emulator.obtain()
    command = [
        str(program.program),
        *program.arguments,
        "-M",
        "virt",
        "-cpu",
        "{cpu}",
        "-m",
        "{mem}",
    ]
    command += ["-smp", "{smp}", "-accel", "{accel}", "-nographic", "-no-reboot"]
    command += ["-global", "virtio-mmio.force-legacy=false", "-kernel", str(profile.kernel)]
    command += ["-drive", f"if=none,id=base,format=raw,readonly=on,file={image}"]
    command += ["-device", "virtio-blk-device,drive=base"]
    command += ["-netdev", f"user,id={network.NETDEV}" + "{hostfwd}"]
    command += ["-device", f"virtio-net-device,netdev={network.NETDEV}"]
    server = {"name": HTTPD, "port": "http", "path_1k": "/1k.bin", "path_100k": "/100k.bin"}
    lines = [
        f"[profile.{OURS}]",
        'extends = "base"',
        f"cmd = {json.dumps(command)}",
        r'first_re = "boot: user at"',
        r'ready_re = "swiftos:/# "',
        'exec = "{cmd}"',
        r'end_re = "\\nswiftos:[^\\n]*# "',
        f'setup_cmds = ["/bin/{HTTPD} &"]',
        f"[profile.{OURS}.ports]",
        'http = "tcp:8080"',
        f"[[profile.{OURS}.http]]",
        *(f"{key} = {json.dumps(value)}" for key, value in server.items()),
        "keepalive = true",
    ]
    return "\n".join(lines) + "\n"


def prepare(rig: Path) -> Path:
    """Copies the rig with our profile added; returns the copy."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    copy = FOLDER / "rig"
    shutil.copytree(rig, copy)
    image = FOLDER / "base.img"
    make_image(image)
    with open(copy / "profiles.toml", "a", encoding="utf-8") as file:
        file.write("\n" + our_profile(image))
    return copy


def run_once(rig: Path, system: str, connections: str, number: int) -> Table:
    """Boots one system and asks it everything once; returns the rows by combination.

    Tries again where there are none: the rig picks ports that are sometimes taken meanwhile.
    """
    for _ in range(ATTEMPTS):
        rows = ask_everything(rig, system, connections, number)
        if rows:
            return rows
    raise SystemExit(f"{system} gave no figures in {ATTEMPTS} attempts; see {FOLDER}")


def ask_everything(rig: Path, system: str, connections: str, number: int) -> Table:
    """Does one attempt."""
    result = FOLDER / f"{number}-{system}.json"
    command = [sys.executable, str(rig / "measure.py"), "-p", system, "-s", "http", "--reps", "1"]
    command += ["--conns", connections, "--wrk-secs", "2", "-o", str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rows: Table = defaultdict(list)
    for row in json.loads(result.read_text())["results"]:
        server, _, combination = row["name"].partition(" ")
        if server in (NGINX, HTTPD):
            rows[combination].append({"rate": row["med"], "cpu": row[CPU], "errors": row["errors"]})
    return rows


def report(linux: list[Table], ours: list[Table]) -> None:
    """Prints one line for each combination."""
    print(f"{'combination':<24} {'nginx':>18} {'httpd':>18} {'CPU ratio (rounds)':>28}")
    for combination in sorted(linux[0]):
        pairs = [
            (
                statistics.median(r["cpu"] for r in a[combination]),
                statistics.median(r["cpu"] for r in b[combination]),
            )
            for a, b in zip(linux, ours, strict=True)
            if combination in a and combination in b
        ]
        if not pairs:
            print(f"{combination:<24} no figures")
            continue
        ratios = sorted(b / a for a, b in pairs)
        nginx, httpd = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
        rates = [
            statistics.median(r["rate"] for table in tables for r in table.get(combination, []))
            for tables in (linux, ours)
        ]
        errors = sum(r["errors"] for table in ours for r in table.get(combination, []))
        print(
            f"{combination:<24} {rates[0]:>7.0f}/s {nginx:>6.0f} us"
            f" {rates[1]:>7.0f}/s {httpd:>6.0f} us"
            f" {httpd / nginx:>10.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) errors {errors:.0f}"
        )


def save(target: Path, connections: str, linux: list[Table], ours: list[Table]) -> None:
    """Stores every row of every round, with the conditions that the rig noted at each boot."""
    boots = sorted(FOLDER.glob("*.json"), key=lambda path: int(path.name.split("-")[0]))
    kept = ("date", "cpu", "ncpu", "qemu", "loadavg_start", "loadavg_end")
    conditions = []
    for boot in boots:
        noted = json.loads(boot.read_text())["meta"]
        system = boot.stem.partition("-")[2]
        conditions.append({"system": system} | {key: noted[key] for key in kept})
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=paths.REPOSITORY, check=True, capture_output=True, text=True)
    record = {
        "revision": done.stdout.strip(),
        "connections": connections,
        "cpu_unit": "us of QEMU for a request",
        "boots": conditions,
        "rounds": [{NGINX: theirs, HTTPD: own} for theirs, own in zip(linux, ours, strict=True)],
    }
    target.write_text(json.dumps(record, indent=1) + "\n")


@click.command(help=__doc__)
@click.argument("rig", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rounds", type=click.IntRange(min=1), default=ROUNDS, show_default=True)
@click.option("--connections", default=CONNECTIONS, show_default=True, help="Counts of clients.")
@click.option("--save", "target", type=click.Path(path_type=Path), help="Where to store all rows.")
def main(rig: Path, rounds: int, connections: str, target: Path | None) -> None:
    copy = prepare(rig.resolve())
    linux: list[Table] = []
    ours: list[Table] = []
    for number in range(rounds):
        order = (LINUX, OURS, OURS, LINUX) if number % 2 == 0 else (OURS, LINUX, LINUX, OURS)
        found: dict[str, Table] = {LINUX: defaultdict(list), OURS: defaultdict(list)}
        for place, system in enumerate(order):
            tables = run_once(copy, system, connections, 4 * number + place)
            for combination, rows in tables.items():
                found[system][combination] += rows
        linux.append(found[LINUX])
        ours.append(found[OURS])
        click.echo(f"round {number + 1} of {rounds} is done", err=True)
    report(linux, ours)
    if target is not None:
        save(target, connections, linux, ours)


if __name__ == "__main__":
    main()
