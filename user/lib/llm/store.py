"""Model bundles: folders `NAME/GENERATION/` with a manifest, weights and a tokenizer.

The newest generation that passes all checks is taken: the manifest is well-formed and of this very
folder, its signature is by the trust root of the image, sizes and SHA-256 of both files are right.
What fails is reported with its reason, and the next older one is tried.
"""

from __future__ import annotations

from abi.errno import EINVAL, ENOENT
from bare import Bytes, errno_of, inline, raises, struct, u64
from bare.lib.ed25519 import PUBLIC_KEY_SIZE
from user.lib.directory import DirectoryReader
from user.lib.llm.bundle import verify
from user.lib.llm.fault import Fault, fault_text
from user.lib.llm.manifest import Manifest
from user.lib.mapped_file import map_file
from user.lib.numbers import parse_unsigned
from user.lib.paths import PathBuffer, base_name
from user.lib.report import report

TRUST_ROOT = b"/etc/swos/model-signing.pub"
MANIFEST_FILE = b"manifest.toml"
NO_LIMIT: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class ChosenBundle:
    """The files of the generation that was chosen; all stay mapped."""

    folder: PathBuffer = inline()
    name: Bytes = b""
    generation: u64 = 0
    trust_root: Bytes = b""
    """Empty where the image has none: then only sizes and hashes are checked."""
    manifest: Manifest = inline()
    model_file: Bytes = b""
    tokenizer_file: Bytes = b""


@raises()
def read_trust_root(chosen: ChosenBundle) -> None:
    """Maps the public key of the image; without one the key stays empty.

    EINVAL: a file is there, but it is no key.
    """
    try:
        chosen.trust_root = map_file(TRUST_ROOT)
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        return
    if len(chosen.trust_root) != PUBLIC_KEY_SIZE:
        raise OSError(EINVAL)


@raises()
def choose_bundle(chosen: ChosenBundle, family: Bytes) -> None:
    """Chooses among the generations in the folder `family`; ENOENT where none passes."""
    chosen.name = base_name(family)
    limit = NO_LIMIT
    while True:
        find_newest(chosen, family, limit)
        fault = check_generation(chosen)
        if fault == Fault.NONE:
            return
        report(f"generation {chosen.generation} rejected ({fault_text(fault)})")
        limit = chosen.generation


@raises()
def find_newest(chosen: ChosenBundle, family: Bytes, limit: u64) -> None:
    """Finds the folder with the largest number below `limit`; ENOENT where there is none."""
    reader = DirectoryReader()
    reader.open(family)
    is_found = False
    try:
        while reader.next():
            try:
                number = parse_unsigned(reader.name)
            except OSError:
                continue
            if number < limit and (not is_found or number > chosen.generation):
                chosen.generation = number
                chosen.folder.join(family, reader.name)
                is_found = True
    finally:
        reader.close()
    if not is_found:
        raise OSError(ENOENT)


def check_generation(chosen: ChosenBundle) -> Fault:
    """Maps the files of one generation and checks them; the cheap checks come first."""
    try:
        content = map_in(chosen, MANIFEST_FILE)
    except OSError:
        return Fault.MANIFEST
    if not chosen.manifest.parse(content):
        return Fault.MANIFEST
    if len(chosen.trust_root) > 0 and not chosen.manifest.is_signed_by(chosen.trust_root):
        return Fault.SIGNATURE
    if chosen.manifest.name != chosen.name or chosen.manifest.generation != chosen.generation:
        return Fault.OTHER_BUNDLE
    try:
        chosen.model_file = map_in(chosen, chosen.manifest.model.path)
    except OSError:
        return Fault.MODEL_MISMATCH
    if chosen.manifest.has_own_tokenizer:
        return verify(chosen.manifest, chosen.model_file, b"")
    try:
        chosen.tokenizer_file = map_in(chosen, chosen.manifest.tokenizer.path)
    except OSError:
        return Fault.TOKENIZER_MISMATCH
    return verify(chosen.manifest, chosen.model_file, chosen.tokenizer_file)


@raises()
def map_in(chosen: ChosenBundle, name: Bytes) -> Bytes:
    """Maps a file of the generation's folder."""
    path = PathBuffer()
    path.join(chosen.folder.content(), name)
    return map_file(path.content())
