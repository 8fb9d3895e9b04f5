"""Build profiles: for which machine, with which checks of the tools, to which kind of file."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import Literal

AARCH64_TRIPLE = "aarch64-unknown-none-elf"

_HOST_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything about a build that is not in the source."""

    name: str
    triple: str
    cpu: str
    features: str
    runtime: str | None
    """Bare Python module with entry, output sink and trap text; see `compiler.runtime`."""
    output: Literal["executable", "shared"] = "executable"
    linker_script: str | None = None
    """Path of the linker script, relative to the source root."""
    traps: Literal["instruction", "call"] = "instruction"
    """A BRK with the kind as its immediate, or a call of `bare_trap(kind)`."""
    debug: bool = False
    """Unoptimised, with true locals in the debugger."""
    line_table: bool = False
    """Whether the compact line table for tracebacks is linked in."""
    build_id: bool = False
    """Whether the linker writes a build id note, a hash of the file's contents."""
    inline_limit: int | None = None
    """Cost up to which LLVM inlines a call, in its units; None: its default, 225, with which the
    kernel is an eighth larger."""
    flat_binary: bool = False
    """Whether a flat image of the loaded segments is written beside the ELF file."""

    @property
    def is_aarch64(self) -> bool:
        """Whether the code is for AArch64."""
        return self.triple.startswith("aarch64")

    @property
    def is_hosted(self) -> bool:
        """Whether the code runs inside a process of this machine."""
        return self.output == "shared"

    def with_debug(self) -> Profile:
        """The unoptimised variant with exact locals."""
        return replace(self, name=f"{self.name}-debug", debug=True)


KERNEL = Profile(
    name="kernel",
    triple=AARCH64_TRIPLE,
    cpu="generic",
    features="+v8a,+el2vmsa,+el3,-neon,-fp-armv8",
    runtime="kernel.arch.aarch64.runtime",
    linker_script="kernel/arch/aarch64/kernel.ld",
    line_table=True,
    build_id=True,
    inline_limit=80,
    flat_binary=True,
)

USER = Profile(
    name="user",
    triple=AARCH64_TRIPLE,
    cpu="generic",
    features="+v8a,+neon,+fp-armv8",
    runtime="user.lib.runtime",
    linker_script="user/lib/user.ld",
    line_table=True,
)

SEMIHOST = Profile(
    name="semihost",
    triple=AARCH64_TRIPLE,
    cpu="generic",
    features="+v8a,+neon,+fp-armv8",
    runtime="compiler.runtime.semihost",
    linker_script="compiler/runtime/semihost.ld",
    line_table=True,
)


def host_profile() -> Profile:
    """The profile of the machine that we run on: a shared object that `ctypes` can load."""
    machine = _HOST_MACHINES.get(platform.machine(), platform.machine())
    is_x86 = machine == "x86_64"
    return Profile(
        name="host",
        triple=f"{machine}-unknown-linux-gnu",
        cpu="x86-64-v2" if is_x86 else "generic",
        features="" if is_x86 else "+neon,+fp-armv8",
        runtime="compiler.runtime.host",
        output="shared",
        traps="call",
    )


def profile_named(name: str) -> Profile:
    """The profile `kernel`, `user`, `semihost` or `host`, with `-debug` appended or not."""
    plain = name.removesuffix("-debug")
    profiles = {"kernel": KERNEL, "user": USER, "semihost": SEMIHOST, "host": host_profile()}
    if plain not in profiles:
        raise KeyError(
            f"no profile {name!r}; there are {', '.join(profiles)}, each also with -debug"
        )
    found = profiles[plain]
    return found.with_debug() if name.endswith("-debug") else found
