"""Packages are fetched by the host's apt and unpacked as a whole or not at all; both are faked."""

import stat
from pathlib import Path

import pytest

from swiftos import apt
from swiftos.errors import MissingToolError

APT = """#!/bin/sh
for word in "$@"; do
    case $word in
        Dir::Cache::archives=*) archives=${word#*=} ;;
        install | download) : > "$archives/first.deb"; : > "$archives/second.deb" ;;
    esac
done
"""
DPKG = """#!/bin/sh
mkdir -p "$3/usr/bin"
: > "$3/usr/bin/$(basename "$2" .deb)"
"""
BROKEN_DPKG = f"""{DPKG}
case $2 in *second*) echo 'dpkg: not an archive' >&2; exit 2 ;; esac
"""


def put_program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    put_program(folder, "apt-get", APT)
    put_program(folder, "dpkg", DPKG)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


@pytest.mark.usefixtures("programs")
def test_all_packages_are_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "copy"
    apt.fetch(["emulator"], True, target, tmp_path / "state")
    assert sorted(path.name for path in target.glob("usr/bin/*")) == ["first", "second"]
    assert "fetching emulator" in capsys.readouterr().err


def test_nothing_is_left_of_a_broken_package(tmp_path: Path, programs: Path) -> None:
    put_program(programs, "dpkg", BROKEN_DPKG)
    target = tmp_path / "copy"
    with pytest.raises(MissingToolError, match="dpkg failed: dpkg: not an archive"):
        apt.fetch(["emulator"], True, target, tmp_path / "state")
    assert not target.exists()
    put_program(programs, "dpkg", DPKG)
    apt.fetch(["emulator"], True, target, tmp_path / "state")
    assert target.exists()
