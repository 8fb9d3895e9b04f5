"""Opens damaged model files with the engine compiled for this machine.

    python -m tests.user.llm.file_fuzz --mutations 100000 --seed 1

Every file must be refused with a fault that has words, or be a sound model: both engines take in
tokens, all logits are numbers, text goes in and out. Files end right before memory that cannot be
touched, so that a read beyond the end ends the process, as a trap does; then the case is named, and
`--seed CASE --mutations 1` does it again.
"""

import argparse
import ctypes
import faulthandler
import mmap
import os
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.manifest import file_section
from models.reference import Config
from swiftos import bundle as bundles
from tests.user.llm import gguf_files, toys
from tests.user.llm.engines import Engine, HostEngine
from tests.user.llm.gguf_fields import gguf_fields
from tests.user.llm.gguf_files import Kind, Recipe
from tests.user.llm.mutations import Field, mutate, mutate_text

CONFIG = Config(32, 32, 2, 4, 2, 280, 8, is_tied=False)
TOKENIZER = toys.toy_tokenizer(CONFIG.vocab)
MEMORY_BYTES = 1 << 20
FILE_BYTES = 1 << 18
OUT_BYTES = 1 << 14
NO_MEMORY, BAD_MANIFEST = 255, 254
PAGE = mmap.PAGESIZE
TEXT = "the hen ate\n 7 €".encode()
NAMES = ("model", "tokenizer")


class GuardedFile:
    """Memory for one file at a time, which ends where the next page may not be touched."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, FILE_BYTES + PAGE)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        library = ctypes.CDLL(None, use_errno=True)
        if library.mprotect(ctypes.c_void_p(self.start + FILE_BYTES), PAGE, mmap.PROT_READ * 0):
            raise OSError(ctypes.get_errno(), "mprotect")

    def put(self, content: bytes) -> tuple[int, int]:
        """Returns address and length; at most three bytes lie between its end and the guard."""
        address = (self.start + FILE_BYTES - len(content)) // 4 * 4
        self.memory[address - self.start : address - self.start + len(content)] = content
        return address, len(content)


@dataclass
class Target:
    """A format: a good file, its fields, and how an engine opens a damaged one."""

    file: bytes
    fields: list[Field]
    outcome: Callable[["Rig", bytes], str]
    damage: Callable[[bytes, int], bytes] | None = None
    """Unless given, `mutate` with the fields."""

    def damaged(self, case: int) -> bytes:
        """Returns the damaged file of a case."""
        if self.damage is not None:
            return self.damage(self.file, case)
        return mutate(self.file, self.fields, case)


class Rig:
    """An engine with room for two files and for what it computes."""

    def __init__(self, engine: Engine, put: Callable[[bytes], tuple[int, int]] | None) -> None:
        self.engine = engine
        self.memory = engine.lend(bytes(MEMORY_BYTES))
        self.out = engine.lend(bytes(OUT_BYTES))
        self.text = engine.lend(TEXT)
        self.ids = engine.lend(bytes(4 * (len(TEXT) + 2)))
        self.put = put or self.lend
        self.lent: dict[bytes, tuple[int, int]] = {}

    def lend(self, content: bytes) -> tuple[int, int]:
        """Lends a part to the engine; returns address and length."""
        return self.engine.lend(content), len(content)

    def lend_once(self, content: bytes) -> tuple[int, int]:
        """Lends what is the same in all cases."""
        if content not in self.lent:
            self.lent[content] = self.lend(content)
        return self.lent[content]

    def open(self, model: tuple[int, int], tokens: tuple[int, int]) -> str:
        """Opens two files; returns what came of it, in words."""
        fault = self.engine.call("open", self.memory, MEMORY_BYTES, *model, *tokens)
        if fault == NO_MEMORY:
            return "out of memory"
        if fault != 0:
            words = self.engine.read(self.out, self.engine.call("explain", fault, self.out))
            assert words.isascii() and words, "a fault without words"
            return words.decode().split(":")[0]
        self.check_sound()
        return "sound"

    def check_sound(self) -> None:
        """Runs a few tokens, and text through the tokenizer."""
        vocab = self.engine.call("vocab")
        assert 4 * vocab <= OUT_BYTES
        tokens = (1, vocab - 1, 70)[: self.engine.call("context")]
        for position, token in enumerate(tokens):
            self.engine.call("forward", token, position, self.out)
        assert np.isfinite(self.engine.read_f32(self.out, vocab)).all(), "a logit is no number"
        self.engine.set_knobs(temperature=0.8, top_p=0.9, top_k=40, seed=5)
        assert self.engine.call("choose", self.out) < vocab
        lent = self.lend_once(np.array(tokens, "<u4").tobytes())[0]
        best = self.engine.call("integer_forward", lent, len(tokens), 0, self.out)
        assert best < vocab
        assert np.isfinite(self.engine.read_f32(self.out + 4 * vocab, 1)), "the unit is no number"
        count = self.engine.call("encode", self.text, len(TEXT), self.ids)
        assert 2 <= count <= len(TEXT) + 2
        for token in np.frombuffer(self.engine.read(self.ids, 4 * count), "<u4"):
            self.engine.call("text", int(token), 1, self.out)


def open_native(rig: Rig, file: bytes) -> str:
    return rig.open(rig.put(file), rig.lend_once(toys.tokenizer_file(TOKENIZER)))


def open_gguf(rig: Rig, file: bytes) -> str:
    return rig.open(rig.put(file), (rig.out, 0))


def native_target(folder: Path) -> Target:
    """Weights as llama2.c has them."""
    file = toys.model_file(toys.random_model(CONFIG, seed=1), folder)
    return Target(file, [Field(4 * index, 4) for index in range(7)], open_native)


def tokenizer_target(folder: Path) -> Target:
    """A tokenizer beside good weights."""
    model = toys.model_file(toys.random_model(CONFIG, seed=1), folder)
    file = toys.tokenizer_file(TOKENIZER)
    fields, offset = [Field(0, 4)], 4
    for piece in TOKENIZER.pieces:
        fields += [Field(offset, 4), Field(offset + 4, 4)]
        offset += 8 + len(piece)

    def open_with(rig: Rig, damaged: bytes) -> str:
        return rig.open(rig.lend_once(model), rig.put(damaged))

    return Target(file, fields, open_with)


def gguf_target(folder: Path, kind: Kind) -> Target:
    """A GGUF file with matrices of one type."""
    model = toys.random_model(CONFIG, seed=1)
    file = gguf_files.file_bytes(folder, model, TOKENIZER, Recipe(kind))
    return Target(file, gguf_fields(file), open_gguf)


def manifest_target(folder: Path) -> Target:
    """A manifest with the two files that it names, in one: each is damaged in its turn."""
    files = {name: name.encode() * 30 for name in NAMES}
    lines = ['name = "toy"', "generation = 7"]
    for name, content in files.items():
        (folder / f"{name}.bin").write_bytes(content)
        lines += file_section(name, folder / f"{name}.bin")
    text = ("\n".join(lines) + "\n").encode()
    both = b"".join(files.values())

    def joined(text: bytes, both: bytes) -> bytes:
        return struct.pack("<I", len(text)) + text + both

    def damage(_file: bytes, case: int) -> bytes:
        if case % 3:
            return joined(mutate_text(text, case), both)
        return joined(text, mutate(both, (), case))

    def check(rig: Rig, damaged: bytes) -> str:
        end = 4 + int.from_bytes(damaged[:4], "little")
        middle = end + len(files["model"])
        parts = [damaged[4:end], damaged[end:middle], damaged[middle:]]
        lent = [rig.put(parts[0]), *(rig.lend(part) for part in parts[1:])]
        fault = rig.engine.call("verify", *(number for pair in lent for number in pair))
        if fault == 0:
            for name, part in zip(NAMES, parts[1:], strict=True):
                assert part == files[name], "a changed file was taken"
            return "sound"
        return "bad manifest" if fault == BAD_MANIFEST else "mismatch"

    return Target(joined(text, both), [], check, damage)


def signature_target(folder: Path) -> Target:
    """A signed manifest, of which no other form may pass."""
    for name in NAMES:
        (folder / f"{name}.bin").write_bytes(name.encode())
    files = {name: folder / f"{name}.bin" for name in NAMES}
    packed = bundles.pack(folder / "bundle", "toy", 1, bundles.LLAMA2C, files)
    public = bundles.make_key(folder / "key")
    signed = bundles.sign(packed, bundles.read_private(folder / "key")).text
    key = public.read_bytes()

    def check(rig: Rig, damaged: bytes) -> str:
        fault = rig.engine.call("signed", *rig.put(damaged), rig.lend_once(key)[0])
        if fault == 0:
            assert is_same_manifest(damaged, signed), "a changed manifest was taken"
            return "sound"
        return "bad manifest" if fault == BAD_MANIFEST else "bad signature"

    return Target(signed, [], check, mutate_text)


def is_same_manifest(text: bytes, signed: bytes) -> bool:
    """Whether what is signed, and the signature, are there unchanged."""
    body, mark, _ = signed.partition(b"[signature]")
    digits = signed.split(b'sig = "')[1].split(b'"')[0]
    return text.startswith(body) and digits in text[len(body) :] and mark in text


TARGETS: dict[str, Callable[[Path], Target]] = {
    "llama2c": native_target,
    "tokenizer": tokenizer_target,
    "gguf-f32": lambda folder: gguf_target(folder, Kind.F32),
    "gguf-f16": lambda folder: gguf_target(folder, Kind.F16),
    "gguf-q8_0": lambda folder: gguf_target(folder, Kind.Q8_0),
    "manifest": manifest_target,
    "signature": signature_target,
}


def run(rig: Rig, target: Target, cases: range, at: mmap.mmap | None = None) -> Counter[str]:
    """Opens the damaged files of all cases; `at` tells another process how far it has come."""
    outcomes: Counter[str] = Counter()
    assert target.outcome(rig, target.file) == "sound"
    for case in cases:
        if at is not None:
            at[:8] = case.to_bytes(8, "little")
        outcomes[target.outcome(rig, target.damaged(case))] += 1
    return outcomes


@contextmanager
def shared_page() -> Iterator[mmap.mmap]:
    with mmap.mmap(-1, PAGE) as page:
        yield page


def run_apart(engine: HostEngine, target: Target, cases: range) -> Counter[str]:
    """Does `run` with guarded files in a child process, whose death is an error of this one."""
    with shared_page() as page, tempfile.TemporaryFile() as report:
        child = os.fork()
        if child == 0:
            faulthandler.disable()  # the parent names the case
            status = 1
            try:
                outcomes = run(Rig(engine, GuardedFile().put), target, cases, page)
                report.write("\n".join(f"{n} {name}" for name, n in outcomes.items()).encode())
                report.flush()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if status != 0:
            case = int.from_bytes(page[:8], "little")
            raise AssertionError(f"case {case}: the engine ended with status {status:#x}")
        report.seek(0)
        lines = [line.split(" ", 1) for line in report.read().decode().splitlines()]
        return Counter({name: int(number) for number, name in lines})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=100_000, help="of each format")
    parser.add_argument("--seed", type=int, default=1, help="the first case")
    parser.add_argument("--format", choices=TARGETS, action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swiftos-fuzz-") as name:
        engine = HostEngine(Path(name))
        for chosen in given.format or TARGETS:
            began = time.monotonic()
            target = TARGETS[chosen](Path(name))
            outcomes = run_apart(engine, target, range(given.seed, given.seed + given.mutations))
            print(f"{chosen}: {given.mutations} files in {time.monotonic() - began:.2f} s")
            for outcome, count in outcomes.most_common():
                print(f"{count:>9} {outcome}")


if __name__ == "__main__":
    main()
