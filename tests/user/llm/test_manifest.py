import hashlib
from pathlib import Path

import pytest

import bare
from models.manifest import file_section
from tests.user.llm.engines import Engine

FAULT = bare.load("user/lib/llm/fault.py").Fault
BAD_MANIFEST = 254
MODEL, TOKENS = b"weights " * 20, b"pieces"


def manifest(folder: Path) -> str:
    (folder / "toy.bin").write_bytes(MODEL)
    (folder / "tokenizer.bin").write_bytes(TOKENS)
    lines = ['name = "toy"', "# a remark", "generation = 7"]
    lines += file_section("model", folder / "toy.bin")
    lines += file_section("tokenizer", folder / "tokenizer.bin")
    return "\n".join([*lines, "", "[shape]", "dim = 8", ""])


def verify(engine: Engine, text: str, model: bytes = MODEL, tokens: bytes = TOKENS) -> int:
    pairs = [(engine.lend(part), len(part)) for part in (text.encode(), model, tokens)]
    return engine.call("verify", *(number for pair in pairs for number in pair))


def test_right_files_match(engine: Engine, tmp_path: Path) -> None:
    assert verify(engine, manifest(tmp_path)) == FAULT.NONE


def test_blanks_and_carriage_returns_do_not_matter(engine: Engine, tmp_path: Path) -> None:
    text = manifest(tmp_path).replace("\n", " \r\n").replace(" = ", "\t=")
    assert verify(engine, text) == FAULT.NONE


def test_changed_or_cut_files_do_not_match(engine: Engine, tmp_path: Path) -> None:
    text = manifest(tmp_path)
    changed = bytes([MODEL[0] ^ 1]) + MODEL[1:]
    assert verify(engine, text, model=changed) == FAULT.MODEL_MISMATCH
    assert verify(engine, text, model=MODEL[:-1]) == FAULT.MODEL_MISMATCH
    assert verify(engine, text, model=b"") == FAULT.MODEL_MISMATCH
    assert verify(engine, text, tokens=b"Pieces") == FAULT.TOKENIZER_MISMATCH
    assert verify(engine, text, tokens=TOKENS + b"\0") == FAULT.TOKENIZER_MISMATCH


def test_gguf_manifest_names_one_file(engine: Engine, tmp_path: Path) -> None:
    model = b"GGUF" + MODEL
    (tmp_path / "toy.gguf").write_bytes(model)
    lines = ['name = "toy"', "generation = 7", 'format = "gguf"']
    text = "\n".join([*lines, *file_section("model", tmp_path / "toy.gguf"), ""])
    assert verify(engine, text, model, b"") == FAULT.NONE
    assert verify(engine, text, model[:-1], b"") == FAULT.MODEL_MISMATCH
    assert verify(engine, text.replace('"gguf"', '"llama2c-f32"'), model, b"") == BAD_MANIFEST


def test_format_of_manifest_and_model_agree(engine: Engine, tmp_path: Path) -> None:
    text = manifest(tmp_path)
    assert verify(engine, 'format = "gguf"\n' + text) == FAULT.OTHER_FORMAT
    model = b"GGUF" + MODEL[4:]
    digest = hashlib.sha256(model).hexdigest()
    assert verify(engine, text.replace(DIGEST, digest), model) == FAULT.OTHER_FORMAT


DIGEST = hashlib.sha256(MODEL).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "toy"\n', ""),
        ('name = "toy"', 'name = "toy'),
        ('name = "toy"', "name"),
        ('name = "toy"', 'name = ""'),
        ("generation = 7\n", ""),
        ("generation = 7", "generation = x"),
        ("generation = 7", "generation = 9999999999999"),
        ('"toy.bin"', '"../toy.bin"'),
        ('"toy.bin"', '"/toy.bin"'),
        ('"toy.bin"', '".."'),
        ("[file.model]", "[file.weights]"),
        ("[file.tokenizer]", "[file.tokenizer"),
        (f"size = {len(MODEL)}", "size = -1"),
        (f"size = {len(MODEL)}", "size ="),
        (f"size = {len(MODEL)}", "size = 99999999999999999999999999"),
        (DIGEST, DIGEST[:-1]),
        (DIGEST, DIGEST + "0"),
        (DIGEST, DIGEST[:-1] + "G"),
        (DIGEST, DIGEST[:-1] + "/"),
    ],
)
def test_malformed_manifest_is_refused(engine: Engine, tmp_path: Path, old: str, new: str) -> None:
    text = manifest(tmp_path)
    assert text.count(old) == 1
    assert verify(engine, text.replace(old, new)) == BAD_MANIFEST


def test_empty_manifest_is_refused(engine: Engine) -> None:
    assert verify(engine, "") == BAD_MANIFEST
