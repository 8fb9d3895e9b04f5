"""Measures the language model: our integer engine beside a plain C f32 engine in a Linux guest, and
beside our own f32 engine; and what else is known of it.

usage: python -m bench.llm_beside_linux RIG [ROUNDS]
       python -m bench.llm_beside_linux none [ROUNDS]

RIG is the folder of the measuring scripts for the Linux guest, already set up (`setup.sh`). On each
CPU, cortex-a72 and then one with the dot-product extension, a round boots Linux, SwiftOS, SwiftOS,
Linux in turn, under the same QEMU. Both compute a model of 15 million parameters with random
weights, 16 tokens from position 0; SwiftOS the house model besides, 128 tokens, in both of its
engines. Printed are medians and bests of tokens a second, and ratios of medians with the smallest
and largest ratio of one round. With `none` only SwiftOS is measured. Needs `./swos build --image
test`.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from swiftos import artifacts, paths, qemu
from swiftos.guest import Guest
from swiftos.runfolder import RunFolder

ROUNDS = 3
FOLDER = paths.BUILD / "llm-beside-linux"
TOKENS = 16
RUNS_A_BOOT = 3
BOOT_BUDGET_S = 60
BENCH_BUDGET_S = 240
ATTEMPTS = 3
FIGURE = re.compile(r"^llm_bench: (\w+) ([\d.]+)$", re.MULTILINE)
C_F32, C_DOT = "C f32", "C int8 sdot"


@dataclass(frozen=True)
class Machine:
    """A CPU, the rig's profile for it, and what runs there in C."""

    cpu: str
    profile: str
    programs: dict[str, str]


MACHINES = (
    Machine("cortex-a72", "linux-disk", {C_F32: "llama"}),
    Machine("max,pauth-impdef=on", "linux-disk-max-impdef", {C_F32: "llama", C_DOT: "llama_q8dot"}),
)
Figures = dict[str, list[float]]


def prepare(rig: Path) -> Path:
    """Copies the rig and adds profiles that run nothing but these programs; returns the copy."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    copy = FOLDER / "rig"
    shutil.copytree(rig, copy)
    copy.chmod(0o755)
    profiles = copy / "profiles.toml"
    profiles.chmod(0o644)
    with open(profiles, "a", encoding="utf-8") as file:
        for machine in MACHINES:
            commands = [
                f"/rig/{program} -s 15m -n {TOKENS} -r {RUNS_A_BOOT}"
                for program in machine.programs.values()
            ]
            name = f"{machine.profile}-llm"
            file.write(f'\n[profile.{name}]\nextends = "{machine.profile}"\n')
            file.write(f"[profile.{name}.bench]\nllama = {json.dumps(commands)}\n")
            file.write("llama_variants = []\n")
    return copy


def ask_linux(rig: Path, machine: Machine) -> Figures:
    """Boots Linux once; returns tokens a second by program."""
    result = FOLDER / "linux.json"
    command = [sys.executable, str(rig / "measure.py"), "-p", f"{machine.profile}-llm"]
    command += ["-s", "llama", "--reps", str(RUNS_A_BOOT), "-o", str(result)]
    for _ in range(ATTEMPTS):
        result.unlink(missing_ok=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows = json.loads(result.read_text())["results"] if result.exists() else []
        found: Figures = {}
        for name, kernel in ((C_F32, "_k0_"), (C_DOT, "_k4_")):
            rates = [row["med"] for row in rows if kernel in row["name"] and "15m" in row["name"]]
            if rates:
                found[name] = rates
        if len(found) == len(machine.programs):
            return found
    raise SystemExit(f"Linux gave no figures in {ATTEMPTS} attempts; see {result}")


def ask_swiftos(machine: Machine) -> Figures:
    """Boots SwiftOS once; returns all figures of both shapes, by name."""
    profile = replace(qemu.default_profile(), base_image=paths.TEST_IMAGE, cpu=machine.cpu)
    figures: Figures = defaultdict(list)
    with Guest.start(profile, RunFolder.create("llm-bench")) as guest:
        guest.wait_prompt(BOOT_BUDGET_S)
        for shape, tokens in (("15m", TOKENS), ("house", 128)):
            command = f"/test/llm_bench {shape} {RUNS_A_BOOT} {tokens}"
            output = guest.run_command(command, BENCH_BUDGET_S)
            if output.status != 0:
                raise SystemExit(f"{command}: {output.text}")
            for name, value in FIGURE.findall(output.text):
                figures[f"{shape} {name}"].append(float(value))
            way = re.search(r"way (\w+)", output.text)
            print(f"  {machine.cpu}, {shape}: {way[1] if way else '?'} kernel", file=sys.stderr)
        guest.end()
    return figures


def ratio(title: str, ours: list[Figures], theirs: list[Figures], name: str, other: str) -> None:
    """Prints a ratio of medians, and its range over rounds."""
    rounds = sorted(
        statistics.median(a[name]) / statistics.median(b[other])
        for a, b in zip(ours, theirs, strict=True)
    )
    medians = [
        statistics.median(x for figures in side for x in figures[key])
        for side, key in ((ours, name), (theirs, other))
    ]
    print(
        f"  {title:<44} {medians[0] / medians[1]:>6.1f} times"
        f" ({rounds[0]:.1f} to {rounds[-1]:.1f} in one round)"
    )


def report(machine: Machine, ours: list[Figures], linux: list[Figures]) -> None:
    """Prints everything of one CPU."""
    print(f"{machine.cpu}")
    for side in (linux, ours):
        for name in side[0] if side else ():
            values = [value for figures in side for value in figures[name]]
            best = (
                max(values) if "tok_s" in name or "mmacs" in name or "C " in name else min(values)
            )
            print(f"  {name:<44} median {statistics.median(values):>12,.1f} best {best:>12,.1f}")
    if linux:
        for other in linux[0]:
            ratio(f"15M shape: ours beside {other}", ours, linux, "15m int8_tok_s", other)
    ratio("house model: int8 beside f32", ours, ours, "house int8_tok_s", "house f32_tok_s")
    for shape in ("15m", "house"):
        parts = [
            min(value for figures in ours for value in figures[f"{shape} {name}"])
            for name in ("token_matrices_us", "token_us")
        ]
        title = f"{shape}: share of the kernel's rate alone"
        print(f"  {title:<44} {parts[0] / parts[1]:>6.0%} of multiply-adds of the matrices")


def main(arguments: list[str]) -> int:
    """Measures and prints."""
    if not arguments:
        print(__doc__)
        return 2
    artifacts.require(paths.KERNEL_ELF, paths.TEST_IMAGE)
    rounds = int(arguments[1]) if len(arguments) > 1 else ROUNDS
    rig = None if arguments[0] == "none" else prepare(Path(arguments[0]).resolve())
    for machine in MACHINES:
        ours: list[Figures] = []
        linux: list[Figures] = []
        for _ in range(rounds):
            before = ask_linux(rig, machine) if rig else {}
            mine = ask_swiftos(machine)
            for name, values in ask_swiftos(machine).items():
                mine[name] += values
            ours.append(mine)
            if rig:
                for name, values in ask_linux(rig, machine).items():
                    before[name] += values
                linux.append(before)
        report(machine, ours, linux)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
