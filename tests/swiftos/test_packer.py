"""The packer: reproducible bytes, implied directories, what it refuses; CRC-32C check values."""

import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abi import baseimage as layout
from swiftos import packer, paths
from swiftos.baseimage import BaseImage
from swiftos.crc32c import crc32c
from swiftos.errors import UsageError
from tests.support import images

NAMES = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=40)
PATHS = st.lists(NAMES.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_crc32c_check_values(data: bytes, crc: int) -> None:
    assert crc32c(data) == crc


def test_order_of_entries_does_not_matter() -> None:
    entries = [packer.regular(f"d{index % 7}/f{index}", b"x" * index) for index in range(60)]
    first = packer.pack(entries, 5)
    random.Random(1).shuffle(entries)
    assert packer.pack(entries, 5) == first


def test_same_bytes_in_another_process() -> None:
    code = "from tests.support import images; from swiftos.crc32c import crc32c; "
    code += "print(crc32c(images.sample()))"
    outputs = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"}
        result = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            cwd=paths.REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(result.stdout)
    assert outputs == {f"{crc32c(images.sample())}\n"}


@given(st.dictionaries(PATHS.map("/".join), st.binary(max_size=9000), max_size=20))
def test_what_is_packed_is_read_back(files: dict[str, bytes]) -> None:
    folders = {path[:index] for path in files for index, letter in enumerate(path) if letter == "/"}
    wanted = {path: content for path, content in files.items() if path not in folders}
    image = BaseImage(packer.pack([packer.regular(*item) for item in wanted.items()], 0))
    image.verify()
    for path, content in wanted.items():
        node = image.find(path)
        assert node is not None
        assert image.read(node) == content
        assert node.data_offset % layout.PAGE_SIZE == 0


def test_links_of_a_directory_count_its_folders() -> None:
    entries = [packer.directory("a/b"), packer.directory("a/c"), packer.regular("a/f", b"")]
    node = BaseImage(packer.pack(entries, 0)).find("a")
    assert node is not None
    assert node.nlink == 4


@pytest.mark.parametrize("path", ["a//b", "/a", "a/", "a/./b", "..", "x" * 256, "nul\0"])
def test_path_that_cannot_be_stored_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="cannot store"):
        packer.pack([packer.regular(path, b"")], 0)


def test_same_path_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        packer.pack([packer.regular("a", b"1"), packer.regular("a", b"2")], 0)


def test_file_used_as_directory_is_refused() -> None:
    with pytest.raises(UsageError, match="not a directory"):
        packer.pack([packer.regular("a", b"1"), packer.regular("a/b", b"2")], 0)
