"""`./swos model`: what it packs and signs is what the guest's reader accepts, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import bare
from swiftos import bundle as bundles
from swiftos.errors import ProductError, UsageError

GUEST = bare.load("user/lib/llm/manifest.py")
MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture
def bundle(tmp_path: Path) -> bundles.Bundle:
    files = {part: tmp_path / part for part in bundles.PARTS}
    for part, path in files.items():
        path.write_bytes(part.encode() * 9)
    return bundles.pack(tmp_path / "toy" / "3", "toy", 3, "llama2c-f32", files)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    bundles.make_key(tmp_path / "key")
    return tmp_path / "key"


def guest_accepts(text: bytes, public_key: bytes) -> bool:
    manifest = GUEST.Manifest()
    return bool(manifest.parse(text) and manifest.is_signed_by(public_key))


def test_signed_bundle_is_accepted_by_host_and_guest(bundle: bundles.Bundle, key: Path) -> None:
    public = key.with_suffix(".pub")
    signed = bundles.sign(bundle, bundles.read_private(key))
    again = bundles.sign(signed, bundles.read_private(key))
    assert again.text == signed.text
    bundles.check_signature(signed, bundles.read_public(public))
    bundles.check_files(signed)
    assert guest_accepts(signed.text, public.read_bytes())
    assert len(public.read_bytes()) == 32
    assert key.stat().st_mode & 0o777 == 0o600


def test_every_changed_byte_is_refused_by_both(bundle: bundles.Bundle, key: Path) -> None:
    public = key.with_suffix(".pub")
    text = bundles.sign(bundle, bundles.read_private(key)).text
    for place in range(0, len(text), 17):
        changed = bytearray(text)
        changed[place] ^= 1
        assert not guest_accepts(bytes(changed), public.read_bytes()), place
        (bundle.folder / bundles.MANIFEST).write_bytes(changed)
        with pytest.raises(ProductError):
            bundles.check_signature(bundles.read(bundle.folder), bundles.read_public(public))


@pytest.mark.parametrize(
    "addition", ["\n[file.model]\nsize = 1\n", 'extra = "x"\n', "[signature]\n"]
)
def test_nothing_may_follow_the_signature(bundle: bundles.Bundle, key: Path, addition: str) -> None:
    text = bundles.sign(bundle, bundles.read_private(key)).text
    assert not guest_accepts(text + addition.encode(), key.with_suffix(".pub").read_bytes())


def test_unsigned_bundle_and_changed_files_are_refused(bundle: bundles.Bundle, key: Path) -> None:
    public = bundles.read_public(key.with_suffix(".pub"))
    with pytest.raises(ProductError, match="not signed"):
        bundles.check_signature(bundle, public)
    assert not guest_accepts(bundle.text, key.with_suffix(".pub").read_bytes())
    (bundle.folder / "model.bin").write_bytes(b"other")
    with pytest.raises(ProductError, match="model size/sha256 mismatch"):
        bundles.check_files(bundle)


def test_gguf_bundle_has_one_file(tmp_path: Path, key: Path) -> None:
    model = tmp_path / "tiny.gguf"
    model.write_bytes(b"GGUF and so on")
    assert bundles.format_of(model) == "gguf"
    with pytest.raises(UsageError, match="a bundle of format gguf has model"):
        bundles.pack(tmp_path / "no", "toy", 1, "gguf", {"model": model, "tokenizer": model})
    with pytest.raises(UsageError, match="has model and tokenizer"):
        bundles.pack(tmp_path / "no", "toy", 1, "llama2c-f32", {"model": model})
    made = bundles.pack(tmp_path / "toy", "toy", 1, "gguf", {"model": model})
    signed = bundles.sign(made, bundles.read_private(key))
    bundles.check_files(signed)
    assert guest_accepts(signed.text, key.with_suffix(".pub").read_bytes())
    assert not guest_accepts(made.text.replace(b'"gguf"', b'"other"'), b"")
    (made.folder / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(ProductError, match="model size/sha256 mismatch"):
        bundles.check_files(signed)


def test_no_key_and_no_bundle_is_written_over(bundle: bundles.Bundle, key: Path) -> None:
    with pytest.raises(UsageError, match="already there"):
        bundles.make_key(key)
    with pytest.raises(UsageError, match="already there"):
        bundles.pack(bundle.folder, "toy", 3, "x", {})
    with pytest.raises(UsageError, match="no private key"):
        bundles.read_private(key.with_suffix(".pub"))


def test_shipped_bundles_are_signed_by_the_trust_root() -> None:
    root = bundles.read_public(bundles.TRUST_ROOT)
    good, corrupt = (bundles.read(MODELS / name) for name in ("house", "corrupt"))
    bundles.check_signature(good, root)
    bundles.check_files(good)
    bundles.check_signature(corrupt, root)
    assert corrupt.values["generation"] > good.values["generation"]
    with pytest.raises(ProductError, match="mismatch"):
        bundles.check_files(corrupt)
