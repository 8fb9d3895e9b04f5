"""Who may import whom: one table for the whole tree, from the bottom up.

A kernel folder may import what is listed before it on a lower level, its siblings named in
SIBLINGS, and itself. The files of `kernel/` itself are the top: they may import everything, and no
folder may import them. Where a lower layer must call up, it declares an abstract class.
"""

import sys
from pathlib import Path

import pytest

from swiftos import paths
from tests.support import tree
from tests.support.tree import Import

KERNEL_LEVELS = (
    ("kernel.params", "kernel.lib"),
    ("kernel.arch",),
    ("kernel.mm", "kernel.sync", "kernel.time"),
    ("kernel.sched", "kernel.device", "kernel.security"),
    ("kernel.fs", "kernel.net", "kernel.ipc", "kernel.tty", "kernel.drivers"),
    ("kernel.proc",),
    ("kernel.syscall",),
)
SIBLINGS = {
    "kernel.lib": ("kernel.params",),
    "kernel.time": ("kernel.sync",),
    "kernel.mm": ("kernel.sync", "kernel.time"),
    "kernel.security": ("kernel.device.log",),
    "kernel.net": ("kernel.fs.file",),
    "kernel.ipc": ("kernel.fs.file",),
    "kernel.tty": ("kernel.fs.file", "kernel.fs.dev.device"),
}
NEVER = {
    "kernel.drivers": ("kernel.fs", "kernel.net", "kernel.ipc"),
    "kernel.fs": ("kernel.drivers",),
    "kernel.net": ("kernel.drivers",),
    "kernel.ipc": ("kernel.drivers",),
    "kernel.tty": ("kernel.drivers",),
    "kernel.proc": ("kernel.drivers",),
    "kernel.syscall": ("kernel.drivers",),
}
OUTSIDE_KERNEL = {
    "abi": ("abi", "bare"),
    "bare": ("bare", "abi.errno"),
    "bare.checked": ("bare", "abi.errno", "compiler"),
    "bench": ("bench", "swiftos"),
    "compiler": ("compiler", "bare"),
    "models": ("models",),
    "swiftos": ("swiftos", "compiler", "bare", "abi"),
    "user.lib": ("user.lib", "abi", "bare"),
    "user.bin": ("user.lib", "abi", "bare"),
    "user.sbin": ("user.lib", "abi", "bare"),
}
DIALECT = ("abi", "kernel", "user")
OURS = ("abi", "bare", "bench", "boot", "compiler", "kernel", "models", "swiftos", "tests", "user")

# An import inside a function needs a reason: file or folder -> reason.
INNER_IMPORTS = {
    "swiftos/bootstrap.py": "what it imports exists only after the environment is made",
    "swiftos/compiling.py": "the compiler is loaded only when there is something to compile",
    "bare/__init__.py": "`load` is for tools: compiled code must not drag the compiler in",
    "compiler/backend/toolchain.py": "a missing package becomes a message with its cure",
}


def is_under(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


def owner(module: str, prefixes: list[str]) -> str | None:
    """Returns the longest prefix that a module is under."""
    found = [prefix for prefix in prefixes if is_under(module, prefix)]
    return max(found, key=len, default=None)


def kernel_rules() -> dict[str, tuple[str, ...]]:
    """Returns what each kernel folder may import."""
    rules = {}
    below: list[str] = ["abi", "bare"]
    for level in KERNEL_LEVELS:
        for folder in level:
            allowed = [*below, folder, *SIBLINGS.get(folder, ())]
            never = NEVER.get(folder, ())
            rules[folder] = tuple(name for name in allowed if name not in never)
        below += level
    return {**rules, "kernel": ("abi", "bare", "kernel")}


def may_import(module: str, imported: str) -> bool:
    """Says whether the table lets a module import another one of ours."""
    rules = {**OUTSIDE_KERNEL, **kernel_rules()}
    folder = owner(module, list(rules))
    if folder is None:
        return is_under(module, "tests") or module in OURS
    return any(is_under(imported, prefix) for prefix in rules[folder])


def all_imports(*folders: str) -> list[Import]:
    return [found for path in tree.python_files(*folders) for found in tree.imports(path)]


def targets(found: Import) -> list[str]:
    """Returns the modules that an import may mean: the module, or modules of a package."""
    folder = paths.REPOSITORY / Path(*found.module.split("."))
    if folder.is_dir():
        inside = [name for name in found.names if (folder / name).is_dir()]
        inside += [name for name in found.names if (folder / f"{name}.py").exists()]
        if inside:
            return [f"{found.module}.{name}" for name in inside]
    return [found.module]


def test_imports_point_downward() -> None:
    wrong = []
    for found in all_imports():
        if owner(found.module, list(OURS)) is None:
            continue
        importer = tree.module_name(found.path)
        wrong += [str(found) for name in targets(found) if not may_import(importer, name)]
    assert not wrong, "\n".join(wrong)


def test_dialect_imports_no_package_of_others() -> None:
    wrong = [
        str(found)
        for found in all_imports(*DIALECT)
        if owner(found.module, list(OURS)) is None
        and found.module.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong, "\n".join(wrong)


def test_no_star_import() -> None:
    wrong = [str(found) for found in all_imports() if "*" in found.names]
    assert not wrong, "\n".join(wrong)


def test_imports_inside_functions_have_a_reason() -> None:
    wrong = [
        str(found)
        for found in all_imports()
        if found.is_in_function and inner_import_reason(found) is None
    ]
    assert not wrong, "\n".join(wrong)


def test_reasons_for_inner_imports_are_needed() -> None:
    used = {inner_import_reason(found) for found in all_imports() if found.is_in_function}
    assert set(INNER_IMPORTS.values()) <= used


def inner_import_reason(found: Import) -> str | None:
    name = paths.relative(found.path)
    return next((why for prefix, why in INNER_IMPORTS.items() if name.startswith(prefix)), None)


def test_every_kernel_folder_is_in_the_table() -> None:
    known = list(kernel_rules())
    folders = {
        "kernel." + path.relative_to(paths.REPOSITORY / "kernel").parts[0]
        for path in tree.python_files("kernel")
        if path.parent != paths.REPOSITORY / "kernel"
    }
    assert folders <= set(known)


@pytest.mark.parametrize(
    ("module", "imported", "is_allowed"),
    [
        ("kernel.mm.frame", "kernel.sync.spin_lock", True),
        ("kernel.mm.frame", "kernel.sched.thread", False),
        ("kernel.fs.path", "kernel.drivers.uart.pl011", False),
        ("kernel.drivers.virtio.blk", "kernel.device.block", True),
        ("kernel.drivers.virtio.blk", "kernel.fs.file", False),
        ("kernel.ipc.pipe", "kernel.fs.file", True),
        ("kernel.ipc.pipe", "kernel.fs.path", False),
        ("kernel.syscall.file", "kernel.proc.process", True),
        ("kernel.proc.process", "kernel.syscall.file", False),
        ("kernel.main", "kernel.drivers.uart.pl011", True),
        ("kernel.syscall.entry", "kernel.panic", False),
        ("kernel.lib.ring", "user.lib.io", False),
        ("user.bin.ls", "user.lib.io", True),
        ("user.bin.ls", "kernel.params", False),
        ("user.lib.io", "user.bin.ls", False),
        ("swiftos.qemu", "kernel.params", False),
        ("compiler.build", "swiftos.paths", False),
        ("bare.spans", "compiler.ir", False),
    ],
)
def test_table_says_what_the_style_says(module: str, imported: str, is_allowed: bool) -> None:
    assert may_import(module, imported) is is_allowed
