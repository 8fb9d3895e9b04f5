"""Model bundles on the host: manifests written, signed, verified.

A bundle is a folder with `manifest.toml`, weights and a tokenizer, or one GGUF file in place of
both; `user/lib/llm/manifest.py` says what the guest reads. The signature (Ed25519) is of every
byte before the line `[signature]`. Keys are files: the private one holds the 32 bytes of the seed
in hexadecimal, the public one 32 bytes.
"""

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from swiftos import paths
from swiftos.errors import ProductError, UsageError

MANIFEST = "manifest.toml"
SECTION = b"[signature]"
TRUST_ROOT = paths.REPOSITORY / "base" / "etc" / "swos" / "model-signing.pub"
LARGEST_MANIFEST = 4096
"""Bytes that the guest reads at most."""
PARTS = ("model", "tokenizer")
GGUF = "gguf"
GGUF_MAGIC = b"GGUF"
LLAMA2C = "llama2c-f32"


@dataclass(frozen=True)
class Bundle:
    """A folder with its parsed manifest; `signed` is what a signature is of."""

    folder: Path
    text: bytes
    signed: bytes
    values: dict[str, Any]

    @property
    def parts(self) -> tuple[str, ...]:
        """The files that belong to it: a GGUF file holds its tokenizer."""
        return parts_of(self.values.get("format"))

    @property
    def signature(self) -> bytes | None:
        """The signature's bytes, if there is one."""
        section = self.values.get("signature", {})
        if section.get("algo") != "ed25519":
            return None
        return bytes.fromhex(section["sig"])


def read(folder: Path) -> Bundle:
    """Reads a bundle's manifest; UsageError where there is none, ProductError where it is bad."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(f"{path} does not exist", "./swos model pack --help")
    text = path.read_bytes()
    try:
        values = tomllib.loads(text.decode())
        bundle = Bundle(folder, text, signed_part(text), values)
        _ = bundle.signature
        for part in bundle.parts:
            record = values["file"][part]
            assert isinstance(record["size"], int) and len(bytes.fromhex(record["sha256"])) == 32
            assert Path(record["path"]).name == record["path"]
        assert isinstance(values["name"], str) and isinstance(values["generation"], int)
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise ProductError(f"{path} is no manifest: {error}", "pack the bundle again") from error
    if len(text) > LARGEST_MANIFEST:
        raise ProductError(f"{path} has more than {LARGEST_MANIFEST} bytes", "shorten it")
    return bundle


def signed_part(text: bytes) -> bytes:
    """Returns the bytes before the line `[signature]`."""
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip() == SECTION:
            return text[:start]
        start += len(line)
    return text


def parts_of(format_name: object) -> tuple[str, ...]:
    """Returns the names of the files that a bundle of a format has."""
    return PARTS[:1] if format_name == GGUF else PARTS


def format_of(model: Path) -> str:
    """Returns the format of a file of weights."""
    with model.open("rb") as file:
        return GGUF if file.read(len(GGUF_MAGIC)) == GGUF_MAGIC else LLAMA2C


def pack(
    folder: Path, name: str, generation: int, format_name: str, files: dict[str, Path]
) -> Bundle:
    """Makes a bundle of files in a new folder, not signed."""
    if folder.exists():
        raise UsageError(f"{folder} is already there", "choose another folder, or remove it")
    if "/" in name or '"' in name or name in ("", ".", ".."):
        raise UsageError(f"{name!r} is no name of a bundle", "choose letters and digits")
    parts = parts_of(format_name)
    if set(files) != set(parts):
        wanted = " and ".join(parts)
        raise UsageError(f"a bundle of format {format_name} has {wanted}", "give just these files")
    folder.mkdir(parents=True)
    lines = [f'name = "{name}"', f"generation = {generation}", f'format = "{format_name}"']
    suffix = "gguf" if format_name == GGUF else "bin"
    for part in parts:
        content = files[part].read_bytes()
        (folder / f"{part}.{suffix}").write_bytes(content)
        lines += ["", f"[file.{part}]", f'path = "{part}.{suffix}"', f"size = {len(content)}"]
        lines.append(f'sha256 = "{hashlib.sha256(content).hexdigest()}"')
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(folder)


def make_key(private: Path) -> Path:
    """Writes a new key pair, the private key for the owner's eyes; returns the public one's path.

    UsageError where either file is already there: a key is never written over.
    """
    public = private.with_suffix(".pub")
    for path in (private, public):
        if path.exists():
            raise UsageError(f"{path} is already there", "choose another name, or remove it")
    key = Ed25519PrivateKey.generate()
    handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    public.write_bytes(key.public_key().public_bytes_raw())
    return public


def read_private(path: Path) -> Ed25519PrivateKey:
    """Reads a private key file; UsageError where it is none."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no private key: {error}", "./swos model keygen FILE") from None


def read_public(path: Path) -> Ed25519PublicKey:
    """Reads a public key file; UsageError where it is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no public key: {error}", "./swos model keygen FILE") from None


def sign(bundle: Bundle, key: Ed25519PrivateKey) -> Bundle:
    """Writes the manifest anew, with the key's signature in place of any other."""
    signed = bundle.signed.rstrip() + b"\n\n"
    section = f'{SECTION.decode()}\nalgo = "ed25519"\nsig = "{key.sign(signed).hex()}"\n'
    (bundle.folder / MANIFEST).write_bytes(signed + section.encode())
    return read(bundle.folder)


def check_signature(bundle: Bundle, key: Ed25519PublicKey) -> None:
    """ProductError unless the manifest is signed by the key's owner."""
    signature = bundle.signature
    if signature is None:
        raise ProductError(f"{bundle.folder} is not signed", "./swos model sign --help")
    try:
        key.verify(signature, bundle.signed)
    except InvalidSignature:
        raise ProductError(
            f"{bundle.folder}: bad manifest signature", "sign it with the key of the trust root"
        ) from None


def check_files(bundle: Bundle) -> None:
    """ProductError unless both files have the size and the hash of the manifest."""
    for part in bundle.parts:
        record = bundle.values["file"][part]
        path = bundle.folder / record["path"]
        content = path.read_bytes() if path.is_file() else b""
        digest = hashlib.sha256(content).hexdigest()
        if (len(content), digest) != (record["size"], record["sha256"]):
            raise ProductError(
                f"{path}: {part} size/sha256 mismatch", "restore the file, or pack and sign again"
            )
