"""Every `run_` program does in its three executions what its `.expected` file says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bare.checked.loading import LoadedModule
from compiler.backend.profile import SEMIHOST, host_profile
from compiler.runtime.harness import QEMU
from tests.bare import executions
from tests.bare.executions import PROGRAMS, Outcome

DEBUG_ONLY = {"run_trap_use_after_free"}
"""Programs whose trap is in checked execution and debug builds."""


@pytest.fixture(scope="session")
def library() -> LoadedModule:
    return executions.load_all()


@pytest.fixture(scope="session")
def on_host(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder: Path = tmp_path_factory.mktemp("host")
    return executions.run_compiled(executions.build_all(host_profile(), folder))


@pytest.fixture(scope="session")
def on_target(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    if shutil.which(QEMU) is None:
        pytest.skip(f"{QEMU} is not installed")
    folder: Path = tmp_path_factory.mktemp("target")
    return executions.run_compiled(executions.build_all(SEMIHOST, folder))


def assert_same(outcome: Outcome, wanted: Outcome) -> None:
    assert (outcome.output, outcome.trap) == (wanted.output, wanted.trap)
    if outcome.line is not None and wanted.line is not None:
        assert outcome.line == wanted.line


@pytest.mark.parametrize("name", PROGRAMS)
def test_checked_execution(name: str, library: LoadedModule) -> None:
    assert_same(executions.run_checked(library, name), executions.expected(name))


@pytest.mark.slow
@pytest.mark.xdist_group("bare-host")
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in DEBUG_ONLY])
def test_host_execution(name: str, on_host: dict[str, Outcome]) -> None:
    assert_same(on_host[name], executions.expected(name))


@pytest.mark.slow
@pytest.mark.guest
@pytest.mark.xdist_group("bare-target")
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in DEBUG_ONLY])
def test_target_execution(name: str, on_target: dict[str, Outcome]) -> None:
    assert_same(on_target[name], executions.expected(name))


@pytest.mark.slow
@pytest.mark.guest
@pytest.mark.parametrize("name", sorted(DEBUG_ONLY))
def test_debug_build(name: str, tmp_path: Path) -> None:
    if shutil.which(QEMU) is None:
        pytest.skip(f"{QEMU} is not installed")
    program = executions.build_all(SEMIHOST.with_debug(), tmp_path, [name])
    outcome = executions.trapped(executions.run_selected(program, 0))
    assert_same(outcome, executions.expected(name))


def test_every_expectation_belongs_to_a_program() -> None:
    expectations = {path.stem for path in executions.FOLDER.glob("*.expected")}
    assert expectations == set(PROGRAMS)
