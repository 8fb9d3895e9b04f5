"""Which generation of a model is chosen, with each format, and what is said of the others."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import bare
from abi.errno import ENOENT
from swiftos import bundle as bundles
from tests.user.fake_kernel import FakeKernel
from tests.user.llm import gguf_files, toys
from tests.user.llm.gguf_files import Recipe

CONFIG = toys.Config(8, 6, 1, 4, 1, 259, 16)
PROBE = "tests.user.llm.store_probe"
ROOT = "/etc/swos/model-signing.pub"
FAMILY = "/models/toy"


class Shop:
    """A folder of the host in which bundles are packed and signed, to be put before a guest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.public = bundles.make_key(folder / "key").read_bytes()
        self.files: dict[str, bytes] = {ROOT: self.public}
        model, tokenizer = toys.random_model(CONFIG, seed=1), toys.toy_tokenizer(CONFIG.vocab)
        toys.model_file(model, folder)
        (folder / "tokenizer.bin").write_bytes(toys.tokenizer_file(tokenizer))
        gguf_files.file_bytes(folder, model, tokenizer, Recipe())

    def add(self, generation: int, format_name: str, name: str = "toy") -> None:
        """Packs and signs a generation."""
        parts = {"model": self.folder / "model.gguf"}
        if format_name != bundles.GGUF:
            parts = {part: self.folder / f"{part}.bin" for part in bundles.PARTS}
        made = bundles.pack(self.folder / str(generation), name, generation, format_name, parts)
        signed = bundles.sign(made, bundles.read_private(self.folder / "key"))
        for path in signed.folder.iterdir():
            self.files[f"{FAMILY}/{generation}/{path.name}"] = path.read_bytes()

    def damage(self, generation: int, name: str, change: Callable[[bytes], bytes]) -> None:
        """Changes a file of a generation."""
        path = f"{FAMILY}/{generation}/{name}"
        self.files[path] = change(self.files[path])

    def choose(self) -> tuple[int, dict[int, str]]:
        """Returns the generation that is chosen, and the reasons for those that are not."""
        kernel = FakeKernel(self.files)
        loaded = bare.load(PROBE, memory=kernel.memory, machine=kernel)
        try:
            chosen = int(loaded.choose(FAMILY.encode()))
        except OSError as error:
            assert error.errno == ENOENT
            chosen = 0
        assert not kernel.open_paths, "files were left open"
        said = re.findall(r"generation (\d+) rejected \((.*)\)\n", kernel.written.decode())
        return chosen, {int(number): reason for number, reason in said}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def test_newest_of_both_formats_is_chosen(shop: Shop) -> None:
    shop.add(3, bundles.LLAMA2C)
    shop.add(12, bundles.GGUF)
    assert shop.choose() == (12, {})


def test_damaged_generations_are_named_and_passed_over(shop: Shop) -> None:
    for generation in (1, 2, 3, 4, 5, 6):
        shop.add(generation, bundles.GGUF if generation % 2 else bundles.LLAMA2C)
    shop.damage(6, "tokenizer.bin", flipped)
    shop.damage(5, "model.gguf", flipped)
    shop.damage(4, "model.bin", lambda content: content[:-4])
    shop.damage(3, "manifest.toml", lambda text: text.replace(b'"gguf"', b'"ggug"'))
    shop.damage(2, "manifest.toml", lambda text: text.replace(b"generation = 2", b"generation = 9"))
    assert shop.choose() == (
        1,
        {
            6: "tokenizer size/sha256 mismatch",
            5: "model size/sha256 mismatch",
            4: "model size/sha256 mismatch",
            3: "manifest missing or malformed",
            2: "bad manifest signature",
        },
    )


def test_missing_files_and_other_families_are_refused(shop: Shop) -> None:
    shop.add(1, bundles.GGUF)
    shop.add(2, bundles.LLAMA2C)
    shop.add(3, bundles.GGUF, name="house")
    del shop.files[f"{FAMILY}/1/model.gguf"]
    del shop.files[f"{FAMILY}/2/tokenizer.bin"]
    assert shop.choose() == (
        0,
        {
            3: "the manifest is that of another bundle",
            2: "tokenizer size/sha256 mismatch",
            1: "model size/sha256 mismatch",
        },
    )


def test_without_a_trust_root_hashes_alone_decide(shop: Shop) -> None:
    shop.add(1, bundles.GGUF)
    shop.add(2, bundles.GGUF)
    shop.damage(2, "manifest.toml", lambda text: text.split(b"[signature]")[0])
    assert shop.choose() == (1, {2: "bad manifest signature"})
    del shop.files[ROOT]
    assert shop.choose() == (2, {})
    shop.damage(2, "model.gguf", flipped)
    assert shop.choose() == (1, {2: "model size/sha256 mismatch"})
