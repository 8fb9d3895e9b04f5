"""Which modules may import `bare.unsafe`, and that each use says why it is safe."""

import ast
from pathlib import Path

from swiftos import paths
from tests.support import tree

DIALECT = ("abi", "kernel", "user")

# Folder or file -> why raw memory is needed there.
ALLOWED = {
    "kernel/arch/": "system registers, vectors, page tables, boot",
    "kernel/mm/": "frames and page tables are addresses",
    "kernel/sync/": "exclusive access and barriers",
    "kernel/drivers/clock/arm_timer.py": "the timer is system registers",
    "kernel/drivers/irq/gicv3.py": "the CPU interface is system registers",
    "kernel/drivers/virtio/": "rings are shared with the device",
    "kernel/build_id.py": "the linker's note is found at a symbol",
    "kernel/main.py": "hands the image's own memory to the allocators",
    "kernel/panic.py": "reads the stack of a kernel that is broken",
    "kernel/sched/cpu.py": "the CPU's own structure is found through a register",
    "user/lib/sys.py": "system calls take addresses",
    "user/lib/svc.py": "the instruction that enters the kernel",
    "user/lib/runtime.py": "the first instructions of a program",
    "user/lib/heap.py": "memory from the kernel becomes objects",
    "user/lib/arguments.py": "the initial stack is found at an address",
    "user/lib/shell/interrupt.py": "the kernel takes the address of a signal handler",
    "user/lib/shell/region.py": "marks the memory that a command line used",
    "user/lib/standard.py": "the one object of a process",
    "user/lib/terminal.py": "ioctl takes an address",
    "user/lib/traceback.py": "reads the stack of a program that is broken",
    "user/lib/words.py": "the kernel takes arrays of addresses",
    "user/lib/ticks.py": "the counter is a system register",
    "user/lib/stop_signal.py": "a signal handler is an address, its flag the one object",
    "user/lib/net/interface.py": "ioctl takes an address",
    "user/lib/mapped_file.py": "a mapped file is memory at an address",
    "user/lib/llm/": "weights are mapped; SIMD kernels",
}


# Names that touch no memory and change no state: they need no reason.
HARMLESS = frozenset(
    {"isb", "dsb", "dmb", "wfi", "wfe", "sev", "spin_hint", "naked", "linker_symbol"}
    | {"read_system_register", "function_address"}
)


def importers() -> list[Path]:
    """Returns the files that import `bare.unsafe`."""
    found = []
    for path in tree.python_files(*DIALECT):
        modules = [found.module for found in tree.imports(path)]
        names = [f"{found.module}.{name}" for found in tree.imports(path) for name in found.names]
        if "bare.unsafe" in modules + names:
            found.append(path)
    return found


def unsafe_names(path: Path) -> set[str]:
    """Returns the names that a file imports from `bare.unsafe`."""
    names: set[str] = set()
    for found in tree.imports(path):
        if found.module == "bare.unsafe":
            names.update(found.names)
    return names


def uses_without_reason(path: Path) -> list[str]:
    """Returns the functions that use an unsafe name and have no `# SAFETY:` in or above them.

    A `# SAFETY:` at the left margin, outside of functions, speaks for its whole module.
    """
    lines = path.read_text().splitlines()
    if any(line.startswith("# SAFETY:") for line in lines):
        return []
    names = unsafe_names(path)
    found = []
    for function in ast.walk(tree.parse(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        decorators = [node.lineno for node in function.decorator_list]
        first = min([function.lineno, *decorators]) - 2
        text = "\n".join(lines[max(0, first) : function.end_lineno])
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        if used & (names - HARMLESS) and "# SAFETY:" not in text:
            found.append(f"{paths.relative(path)}:{function.lineno}: {function.name}")
    return found


def test_unsafe_is_imported_only_where_it_may_be() -> None:
    wrong = [
        paths.relative(path)
        for path in importers()
        if not any(paths.relative(path).startswith(prefix) for prefix in ALLOWED)
    ]
    assert not wrong, "not in the list of tests/repo/test_unsafe.py:\n" + "\n".join(wrong)


def test_list_names_nothing_that_needs_no_unsafe() -> None:
    used = [paths.relative(path) for path in importers()]
    idle = [prefix for prefix in ALLOWED if not any(path.startswith(prefix) for path in used)]
    assert not idle, "remove from the list:\n" + "\n".join(idle)


def test_every_use_says_why_it_is_safe() -> None:
    wrong = [line for path in importers() for line in uses_without_reason(path)]
    assert not wrong, "no # SAFETY: in or right above\n" + "\n".join(wrong)
