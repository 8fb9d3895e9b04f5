"""The build driver: same bytes from the same source, nothing done twice, errors in their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.backend.elf import ElfFile, flat_image
from compiler.backend.profile import SEMIHOST, host_profile
from compiler.build import BuildRequest, BuildResult, build_many, build_program
from compiler.frontend.diagnostics import CompileError

CACHE = Path(__file__).parents[2] / "build" / "cache" / "tests"

PROGRAM = '''\
"""A program of two modules."""

from __future__ import annotations

from part import double


def main() -> None:
    """Prints."""
    print(double(21), f"{double(4):>4}")
'''
PART = '''\
"""The other module."""

from __future__ import annotations

from bare import u32


def double(value: u32) -> u32:
    """Doubles."""
    return value * 2
'''


def write_sources(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "part.py").write_text(PART)
    return folder


def build(source: Path, output: Path, cache: Path = CACHE) -> BuildResult:
    return build_program(
        "program", source_root=source, profile=SEMIHOST, output=output, cache=cache
    )


@pytest.mark.slow
def test_same_source_gives_same_bytes_in_another_place_with_another_cache(tmp_path: Path) -> None:
    first = build(write_sources(tmp_path / "here"), tmp_path / "a.elf", tmp_path / "cache1")
    second = build(write_sources(tmp_path / "there"), tmp_path / "b.elf", tmp_path / "cache2")
    assert first.output.read_bytes() == second.output.read_bytes()


@pytest.mark.slow
def test_no_path_of_this_machine_is_in_the_output(tmp_path: Path) -> None:
    built = build(write_sources(tmp_path / "source"), tmp_path / "a.elf")
    contents = built.output.read_bytes()
    for place in (tmp_path, CACHE.resolve(), Path.home(), Path.cwd()):
        assert str(place).encode() not in contents


@pytest.mark.slow
def test_an_unchanged_program_is_not_built_again(tmp_path: Path) -> None:
    source = write_sources(tmp_path / "source")
    assert not build(source, tmp_path / "a.elf").is_cached
    assert build(source, tmp_path / "a.elf").is_cached


@pytest.mark.slow
def test_a_change_in_an_imported_module_is_seen(tmp_path: Path) -> None:
    source = write_sources(tmp_path / "source")
    before = build(source, tmp_path / "a.elf").output.read_bytes()
    (source / "part.py").write_text(PART.replace("value * 2", "value * 3"))
    rebuilt = build(source, tmp_path / "a.elf")
    assert not rebuilt.is_cached
    assert rebuilt.output.read_bytes() != before


@pytest.mark.slow
def test_a_missing_or_damaged_output_is_made_again(tmp_path: Path) -> None:
    source = write_sources(tmp_path / "source")
    contents = build(source, tmp_path / "a.elf").output.read_bytes()
    (tmp_path / "a.elf").write_bytes(b"damaged")
    assert build(source, tmp_path / "a.elf").output.read_bytes() == contents
    (tmp_path / "a.elf").unlink()
    assert build(source, tmp_path / "a.elf").output.read_bytes() == contents


@pytest.mark.slow
def test_errors_of_one_program_do_not_stop_the_others(tmp_path: Path) -> None:
    source = write_sources(tmp_path / "source")
    (source / "broken.py").write_text(PROGRAM.replace("double(21)", "double(-1)"))
    requests = [
        BuildRequest(root, tmp_path / f"{root}.so", host_profile())
        for root in ("program", "broken")
    ]
    good, bad = build_many(requests, source_root=source, cache=CACHE)
    assert isinstance(good, BuildResult) and good.output.exists()
    assert isinstance(bad, CompileError) and bad.diagnostics[0].path == "broken.py"


@pytest.mark.slow
def test_flat_image_holds_each_segment_at_its_distance(tmp_path: Path) -> None:
    built = build(write_sources(tmp_path / "source"), tmp_path / "a.elf")
    elf = ElfFile(built.output.read_bytes())
    image = flat_image(elf)
    start = min(address for address, _ in elf.segments())
    for address, data in elf.segments():
        assert image[address - start : address - start + len(data)] == data
    assert len(image) == max(address + len(data) for address, data in elf.segments()) - start


def test_a_file_that_is_not_elf_is_refused() -> None:
    with pytest.raises(ValueError, match="ELF"):
        ElfFile(b"MZ" + bytes(100))
