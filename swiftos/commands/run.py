"""Build what changed and boot it with its console on this terminal; Ctrl-A x leaves."""

import os
import re
import shlex
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

import click

from swiftos import artifacts, building, emulator, network, paths, qemu
from swiftos.errors import ExitCode, UsageError
from swiftos.qemu import BootPath, Clock
from swiftos.runfolder import RunFolder

GDB_PORT_BASE = 25000
GDB_PORT_SPAN = 5000
GDB_PORT_HELP = "Port for --gdb; by default one that fits the user id."
MAXIMUM_CPUS = 8
MEMORY = re.compile(r"[1-9]\d{0,9}[KMGkmg]?")
EXAMPLES = """\b
Examples:
  ./swos run -m 64M --gic 3
  ./swos run -p 8080:8080 -p :5555/udp    ports of the host that lead to the guest
  ./swos run --gdb            then, in another terminal, the gdb line that it prints
  ./swos run --dry-run        print the QEMU line, start nothing
  ./swos run -- -d int        pass options on to QEMU
"""


def check_memory(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """Refuses what QEMU would not take as a size."""
    if MEMORY.fullmatch(text) is None:
        raise click.BadParameter(f"{text!r} is no size; write e.g. 64M or 1G")
    return text


@click.command(
    help=__doc__,
    epilog=EXAMPLES,
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@click.option(
    "-m",
    "--memory",
    envvar="MEM",
    default="256M",
    show_default=True,
    callback=check_memory,
    help="Memory of the guest.",
)
@click.option(
    "--smp",
    envvar="SMP_CPUS",
    default=1,
    show_default=True,
    type=click.IntRange(1, MAXIMUM_CPUS),
    help="CPUs of the guest.",
)
@click.option("--cpu", default="cortex-a72", show_default=True, help="QEMU's CPU model.")
@click.option("--gic", type=click.Choice(["2", "3"]), help="Interrupt controller version.")
@click.option("--bin", "is_binary", is_flag=True, help="Boot kernel.bin instead of kernel.elf.")
@click.option("--icount", "is_counted", is_flag=True, help="Guest time counts instructions.")
@click.option("--append", default="", help="Kernel arguments.")
@click.option(
    "-p",
    "ports",
    multiple=True,
    metavar="HOST:GUEST[/udp]",
    help="Forward a port; HOST 0: a free one.",
)
@click.option("--pcap", type=click.Path(dir_okay=False), help="Write all frames to this file.")
@click.option("--no-net", is_flag=True, help="No network interface.")
@click.option("--gdb", "has_gdb", is_flag=True, help="Wait for gdb before the first instruction.")
@click.option("--gdb-port", type=click.IntRange(1, 65535), help=GDB_PORT_HELP)
@click.option("--no-build", is_flag=True, help="Boot build/ as it is.")
@click.option("--dry-run", is_flag=True, help="Print the QEMU line and stop.")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
def command(
    memory: str,
    smp: int,
    cpu: str,
    gic: str | None,
    is_binary: bool,
    is_counted: bool,
    append: str,
    ports: tuple[str, ...],
    pcap: str | None,
    no_net: bool,
    has_gdb: bool,
    gdb_port: int | None,
    no_build: bool,
    dry_run: bool,
    extra: tuple[str, ...],
) -> None:
    base = qemu.default_profile(BootPath.BINARY if is_binary else BootPath.ELF)
    if no_net and (ports or pcap):
        raise UsageError("--no-net leaves nothing to forward or to record", "drop one of them")
    forwards = network.with_ports([network.parse_forward(text) for text in ports])
    profile = replace(
        base,
        memory=memory,
        smp=smp,
        cpu=cpu,
        gic=gic or "",
        clock=Clock.COUNTED if is_counted else Clock.HOST,
        has_semihosting=True,
        kernel_arguments=append,
        network="" if no_net else network.user_network(forwards),
        capture=Path(pcap).absolute() if pcap else None,
        gdb_port=(gdb_port or default_gdb_port()) if has_gdb else None,
        extra=extra,
    )
    program = emulator.obtain()
    argv = [str(program.program), *program.arguments, *qemu.machine_arguments(profile)]
    if dry_run:
        click.echo(shlex.join(argv + terminal_arguments("console.log")))
        return
    if not no_build:
        build()
    artifacts.require(profile.kernel, paths.BASE_IMAGE)
    folder = RunFolder.create("run")
    argv += terminal_arguments(qemu.escape(folder.console_log))
    folder.record(profile, argv)
    for forward in forwards:
        click.echo(f"swos: {forward.describe()}", err=True)
    if profile.gdb_port is not None:
        click.echo(gdb_hint(profile.gdb_port), err=True)
    code = run_on_terminal(argv, program.full_environment())
    if code != 0:
        click.echo(
            f"swos: QEMU ended with code {code}; see {paths.relative(folder.path)}", err=True
        )
        raise SystemExit(int(ExitCode.PRODUCT))


def build() -> None:
    """Builds what changed, as the last build did: optimised or for debugging."""
    for line in building.build(building.Plan(is_debug=building.has_debug_artifacts())):
        click.echo(line, err=True)


def default_gdb_port() -> int:
    """Returns a port that differs between the users of a host."""
    return GDB_PORT_BASE + os.getuid() % GDB_PORT_SPAN


def gdb_hint(port: int) -> str:
    """Returns the line that attaches gdb."""
    kernel = paths.relative(paths.KERNEL_ELF)
    return f"waiting for gdb; run: gdb-multiarch {kernel} -ex 'target remote localhost:{port}'"


def terminal_arguments(log: str) -> list[str]:
    """Returns the arguments that put console and monitor (Ctrl-A c) on this terminal."""
    chardev = f"stdio,id=console,mux=on,signal=off,logfile={log}"
    return ["-chardev", chardev, "-serial", "chardev:console", "-mon", "chardev=console"]


def run_on_terminal(argv: list[str], environment: dict[str, str]) -> int:
    """Runs QEMU in the foreground; the terminal's settings are put back whatever happens."""
    saved = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None
    try:
        return subprocess.run(argv, env=environment, check=False).returncode
    finally:
        if saved is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)
