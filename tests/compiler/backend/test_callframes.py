"""Call frame information after the rewrite: same rules for code, scratch registers undefined."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from elftools.dwarf.callframe import CIE, FDE
from elftools.elf.elffile import ELFFile

from compiler.backend.profile import SEMIHOST
from compiler.build import build_program

CACHE = Path(__file__).parents[3] / "build" / "cache" / "tests"
UNDEFINED = 0x07


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[CIE | FDE]:
    output = tmp_path_factory.mktemp("frames") / "program.elf"
    build_program(
        "tests.bare.run_print",
        source_root=Path(__file__).parents[3],
        profile=SEMIHOST,
        output=output,
        cache=CACHE,
    )
    file = ELFFile(io.BytesIO(output.read_bytes()))
    found = file.get_dwarf_info().CFI_entries()
    return [entry for entry in found if isinstance(entry, CIE | FDE)]


@pytest.mark.slow
def test_scratch_registers_are_undefined_and_saved_ones_are_not(entries: list[CIE | FDE]) -> None:
    (common,) = [entry for entry in entries if isinstance(entry, CIE)]
    undefined = {item.args[0] for item in common.instructions if item.opcode == UNDEFINED}
    assert set(range(19)) <= undefined
    assert undefined.isdisjoint(range(19, 32))


@pytest.mark.slow
def test_each_function_has_its_frame_address_and_dropped_code_has_none(
    entries: list[CIE | FDE],
) -> None:
    functions = [entry for entry in entries if isinstance(entry, FDE)]
    assert functions
    for entry in functions:
        assert entry["initial_location"] >= 0x40200000
        assert entry.get_decoded().table
