"""The bootstrapper: what makes an environment fresh, and a start without HOME in a copy."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from swiftos import bootstrap, paths


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "VENV", tmp_path / "venv")
    monkeypatch.setattr(paths, "LOCKS", tmp_path / "locks")
    for folder in (paths.VENV, paths.LOCKS):
        folder.mkdir()
    (paths.VENV / "bin").mkdir()
    (paths.VENV / "bin" / "python").touch()
    for name in bootstrap.LOCK_NAMES:
        (paths.LOCKS / f"{name}.txt").write_text(f"{name}==1\n")
    return tmp_path


def stamp(name: str) -> None:
    digest = hashlib.sha256((paths.LOCKS / f"{name}.txt").read_bytes()).hexdigest()
    (paths.VENV / f"lock-{name}.sha256").write_text(digest + "\n")


def test_environment_is_fresh_while_its_lock_is_unchanged(environment: Path) -> None:
    assert not bootstrap.is_fresh("tools")
    stamp("tools")
    assert bootstrap.is_fresh("tools")
    assert not bootstrap.is_fresh("dev")
    (paths.LOCKS / "tools.txt").write_text("tools==2\n")
    assert not bootstrap.is_fresh("tools")


def test_environment_without_its_interpreter_is_not_fresh(environment: Path) -> None:
    stamp("dev")
    bootstrap.interpreter().unlink()
    assert not bootstrap.is_fresh("dev")


def test_test_packages_include_the_tools(environment: Path) -> None:
    stamp("dev")
    assert bootstrap.is_fresh("dev")
    assert bootstrap.is_fresh("tools")


@pytest.mark.parametrize(
    ("arguments", "needs_dev"),
    [(["build"], False), (["test", "--host"], True), (["--help"], False), (["sabotage"], True)],
)
def test_only_test_commands_want_the_test_packages(arguments: list[str], needs_dev: bool) -> None:
    assert bootstrap.needs_dev(arguments) is needs_dev


def test_every_package_of_the_locks_has_a_hash_and_no_host() -> None:
    for name in bootstrap.LOCK_NAMES:
        text = (paths.REPOSITORY / "locks" / f"{name}.txt").read_text()
        entries = text.replace("\\\n", " ").strip().splitlines()
        assert len(entries) > 5
        for entry in entries:
            assert "==" in entry
            assert "--hash=sha256:" in entry
        assert "://" not in text
    assert "numpy" not in (paths.REPOSITORY / "locks" / "tools.txt").read_text()


@pytest.mark.slow
def test_start_from_elsewhere_without_home(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(paths.REPOSITORY / "swos", copy)
    for name in ("swiftos", "locks", "abi"):
        shutil.copytree(paths.REPOSITORY / name, copy / name)
    (copy / ".venv").symlink_to(paths.REPOSITORY / ".venv")
    result = subprocess.run(
        [sys.executable, str(copy / "swos"), "--version"],
        cwd="/",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("swos ")
