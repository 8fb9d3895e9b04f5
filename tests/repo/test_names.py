"""Every name of the performance and sizing guide is there and works, or says that it is not built.

What needs a running guest is checked by `tests/guest/test_names.py`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from abi import syscalls
from swiftos import cli, names, paths
from swiftos.errors import ExitCode
from swiftos.evidence import report
from swiftos.names import Name

NOT_BUILT = "is not built yet. It will be: "


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=paths.REPOSITORY, capture_output=True, text=True, check=False, timeout=60
    )


def by_state(kind: str, is_built: bool) -> list[str]:
    return [row.name for row in names.of_kind(kind) if row.is_built is is_built]


def test_table_has_each_name_once_and_says_what_it_is() -> None:
    rows = names.load()
    keys = [(row.kind, row.name) for row in rows]
    assert len(set(keys)) == len(keys)
    assert all(row.what for row in rows)
    assert any(row.is_built for row in rows) and any(not row.is_built for row in rows)


@pytest.mark.parametrize("name", by_state("make target", is_built=True))
def test_target_calls_a_subcommand_that_is_there(name: str) -> None:
    result = run("make", "-n", "-B", name)
    assert result.returncode == 0, result.stderr
    called = re.findall(r"^\./swos ([a-z-]+)", result.stdout, re.MULTILINE)
    assert called and all(cli.module_path(command).exists() for command in called)
    assert called != ["names"]


@pytest.mark.slow
def test_targets_of_what_is_not_built_say_so_and_fail() -> None:
    targets = by_state("make target", is_built=False)
    result = run("make", "-k", *targets)
    assert result.returncode != 0
    for name in targets:
        assert f"swos: {name} {NOT_BUILT}" in result.stderr
        assert re.search(rf"{name}\] Error {int(ExitCode.ENVIRONMENT)}$", result.stderr, re.M)


@pytest.mark.parametrize("name", by_state("test script", is_built=True))
def test_script_runs_a_test_that_is_there(name: str) -> None:
    path = paths.REPOSITORY / name
    assert os.access(path, os.X_OK)
    words = path.read_text().split()
    test = paths.REPOSITORY / words[-1]
    assert words[-2] == "test" and test.is_file()
    assert re.search(r"^def test_", test.read_text(), re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", by_state("test script", is_built=False))
def test_script_of_what_is_not_built_says_so_and_exits_with_4(name: str) -> None:
    result = run(name)
    assert result.returncode == ExitCode.ENVIRONMENT
    assert NOT_BUILT in result.stderr


def test_every_script_is_in_the_table() -> None:
    scripts = {f"./tests/{path.name}" for path in (paths.REPOSITORY / "tests").glob("*.sh")}
    assert scripts == {row.name for row in names.of_kind("test script")}


@pytest.mark.parametrize("row", names.of_kind("environment variable"), ids=lambda row: row.name)
def test_variable_is_read(row: Name) -> None:
    if row.is_built:
        assert f'"{row.name}"' in (paths.REPOSITORY / row.used_by).read_text()
    else:
        assert "later" in row.state and not row.used_by


@pytest.mark.parametrize("name", by_state("template field", is_built=True))
def test_report_has_the_field(name: str) -> None:
    assert re.search(rf"^{re.escape(name)}: \{{\{{", report.TEMPLATE, re.MULTILINE)


def test_report_has_the_fields_in_the_order_of_the_guide() -> None:
    fields = re.findall(r"^([A-Z][A-Za-z_ ]+): \{\{", report.TEMPLATE, re.MULTILINE)
    assert fields == by_state("template field", is_built=True)


@pytest.mark.parametrize("name", by_state("system call", is_built=True))
def test_call_is_declared(name: str) -> None:
    assert hasattr(syscalls, name.removeprefix("SYS_").lower())


@pytest.mark.parametrize("name", by_state("output", is_built=True))
def test_output_is_a_path_of_the_tools(name: str) -> None:
    known = (paths.KERNEL_ELF, paths.KERNEL_BIN, paths.BASE_IMAGE)
    assert name in [paths.relative(path) for path in known]


@pytest.mark.slow
@pytest.mark.parametrize("row", names.of_kind("host command"), ids=lambda row: row.name)
def test_host_command_runs(row: Name) -> None:
    words = row.name.split()
    if words[0].startswith("qemu"):
        pytest.skip("the guest tests start it")
    if words[0] == "git" and run("git", "rev-parse").returncode:
        pytest.skip("this copy of the tree is no git repository")
    if words[0] == "ls" and not all((paths.REPOSITORY / name).exists() for name in words[2:]):
        pytest.skip("not built: ./swos build")
    result = run(*words)
    assert result.returncode in ((0, 2) if "--check" in words else (0,)), result.stderr


@pytest.mark.slow
def test_command_prints_the_table_and_refuses_what_is_not_built() -> None:
    swos = str(paths.REPOSITORY / "swos")
    listed = run(sys.executable, swos, "names")
    assert listed.returncode == 0
    for row in names.load():
        assert row.name in listed.stdout
    refused = run(sys.executable, swos, "names", "tls_test.sh")
    assert refused.returncode == ExitCode.ENVIRONMENT
    unknown = run(sys.executable, swos, "names", "nonsense")
    assert unknown.returncode == ExitCode.USAGE
    assert "cure: ./swos names" in unknown.stderr


def test_wrong_state_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "names.toml"
    table.write_text('[[name]]\nkind = "output"\nname = "x"\nwhat = "y"\nstate = "soon"\n')
    monkeypatch.setattr(names, "TABLE", table)
    with pytest.raises(ValueError, match="not `soon`"):
        names.load()
