"""Parts of the build: fingerprints, targets, stripping, image specifications, run folders."""

import io
import json
import os
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from swiftos import bareelf, building, elfstrip, imagespec, packer, paths, runfolder, targets
from swiftos.baseimage import BaseImage
from swiftos.errors import UsageError
from swiftos.fingerprint import Fingerprints
from swiftos.imagespec import ImageSpec
from swiftos.qemu import Profile
from swiftos.runfolder import RunFolder


def fingerprint(memory: Path, *sources: Path, salt: str = "") -> str:
    prints = Fingerprints(memory)
    value = prints.of_paths(sources, salt)
    prints.save()
    return value


def test_fingerprint_follows_content_not_time(tmp_path: Path) -> None:
    memory, source = tmp_path / "memory.json", tmp_path / "src"
    source.mkdir()
    file = source / "a.py"
    file.write_text("one")
    first = fingerprint(memory, source)
    os.utime(file, ns=(1, 1))
    assert fingerprint(memory, source) == first
    file.write_text("two")
    changed = fingerprint(memory, source)
    assert changed != first
    assert fingerprint(memory, source, salt="debug") != changed
    (source / "b.py").write_text("")
    assert fingerprint(memory, source) != changed


def test_fingerprint_of_a_link_is_where_it_leads(tmp_path: Path) -> None:
    memory, source = tmp_path / "memory.json", tmp_path / "src"
    source.mkdir()
    link = source / "resolv.conf"
    link.symlink_to("/nowhere/resolv.conf")
    first = fingerprint(memory, source)
    assert fingerprint(memory, link) == fingerprint(memory, source)
    link.unlink()
    link.symlink_to("/elsewhere/resolv.conf")
    assert fingerprint(memory, source) != first


def test_fingerprint_does_without_its_memory(tmp_path: Path) -> None:
    memory, file = tmp_path / "memory.json", tmp_path / "a.py"
    file.write_text("one")
    first = fingerprint(memory, file)
    memory.write_text("{ not json")
    assert fingerprint(memory, file) == first
    memory.unlink()
    assert fingerprint(memory, file) == first


def test_byte_code_does_not_count(tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    source = tmp_path / "src"
    (source / "__pycache__").mkdir(parents=True)
    (source / "a.py").write_text("one")
    first = fingerprint(memory, source)
    (source / "__pycache__" / "a.pyc").write_text("x")
    assert fingerprint(memory, source) == first


def test_every_command_file_is_a_target_of_the_default_image() -> None:
    found = imagespec.program_targets(imagespec.load("default"))
    files = targets.program_files("user/bin/*")
    assert {f"bin/{path.stem}" for path in files} <= set(found)
    for name, target in found.items():
        assert target.module == "user." + name.replace("/", ".")
        assert target.output == paths.PROGRAMS / f"{name.partition('/')[2]}.elf"
    tests = imagespec.program_targets(imagespec.load("test"))
    assert set(found) < set(tests)


def test_stripped_program_keeps_its_segments_and_loses_the_rest() -> None:
    plain = bareelf.wrap(bareelf.floor_program())
    content = bytearray(plain + b"symbols and debug information")
    content[0x28:0x30] = len(plain).to_bytes(8, "little")
    stripped = elfstrip.stripped(bytes(content))
    assert stripped == plain
    elf = ELFFile(io.BytesIO(stripped))
    assert elf.num_sections() == 0
    assert [segment["p_type"] for segment in elf.iter_segments()] == ["PT_LOAD"]


def spec(base: Path, **changes: object) -> ImageSpec:
    fields: dict[str, object] = {
        "name": "test",
        "mtime_s": 1,
        "base": base,
        "programs": (),
        "directories": ("/tmp", "/dev"),
        "files": (),
    }
    return ImageSpec(**{**fields, **changes})  # type: ignore[arg-type]


def test_image_holds_base_programs_and_directories(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "motd").write_text("hi\n")
    script = tmp_path / "etc" / "rc"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o700)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ash").symlink_to("sh")
    entries = imagespec.gather(spec(tmp_path), {"bin/sh": b"ELF"})
    image = BaseImage(packer.pack(entries, 1))
    modes = {path: node.mode for path, node in image.walk()}
    assert modes["/etc/motd"] == 0o100644
    assert modes["/etc/rc"] == 0o100755
    assert modes["/bin/sh"] == 0o100755
    assert modes["/bin/ash"] == 0o120777
    assert modes["/tmp"] == 0o041777
    assert modes["/dev"] == 0o040755


def test_missing_file_and_unknown_program_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"wants no/such\.bin"):
        imagespec.gather(spec(tmp_path, files=(("/models/m", "no/such.bin"),)), {})
    with pytest.raises(UsageError, match="no program matches user/bin/nosuch"):
        imagespec.program_targets(spec(tmp_path, programs=(("/bin", "user/bin/nosuch"),)))
    with pytest.raises(UsageError, match="no image is called nosuch"):
        imagespec.load("nosuch")


def test_default_image_specification_is_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert imagespec.load("default").mtime_s == 1767225600
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "77")
    assert imagespec.load("default").mtime_s == 77


def test_unchanged_output_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "out" / "base.img"
    building.write_if_changed(path, b"one")
    os.utime(path, ns=(1, 1))
    building.write_if_changed(path, b"one")
    assert path.stat().st_mtime_ns == 1
    building.write_if_changed(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["base.img"]


def test_run_folders_are_separate_and_describe_the_guest(tmp_path: Path) -> None:
    kernel = tmp_path / "k.elf"
    kernel.write_bytes(b"kernel")
    first = RunFolder.create("a test[x]", tmp_path / "runs")
    second = RunFolder.create("a test[x]", tmp_path / "runs")
    assert first.path != second.path
    first.record(Profile(kernel=kernel), ["qemu", "-x"])
    assert json.loads((first.path / "argv.json").read_text()) == ["qemu", "-x"]
    (artifact,) = json.loads((first.path / "artifacts.json").read_text())
    assert artifact["bytes"] == 6
    profile = json.loads((first.path / "profile.json").read_text())
    assert profile["boot_path"] == "direct -kernel (ELF)"


def test_old_run_folders_are_removed_new_ones_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runfolder, "KEPT_FOLDERS", 2)
    created = [RunFolder.create(f"run {number}", tmp_path).path for number in range(4)]
    for number, path in enumerate(created):
        os.utime(path, (number, number))
    RunFolder.create("last", tmp_path)
    assert [path.exists() for path in created] == [False, False, True, True]
