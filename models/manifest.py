"""Measures an exported model and writes its manifest.

    python -m models.manifest MODEL_FOLDER --name NAME [--generation N] [--corpus FOLDER]

The manifest names both files, their sizes and SHA-256, which programs check before use; the shape
and the measured quality are for people and tools. `./swos model sign` adds the signature.
"""

import argparse
import hashlib
from pathlib import Path

from models.corpus import corpus_hashes, default_corpus_folder, read_stories
from models.quality import measure
from models.reference import Config, Tokenizer, read_model

LICENCE = "Apache-2.0"


def file_section(section: str, path: Path) -> list[str]:
    """Returns the lines of one file's section."""
    content = path.read_bytes()
    return [
        "",
        f"[file.{section}]",
        f'path = "{path.name}"',
        f"size = {len(content)}",
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
    ]


def shape_section(config: Config) -> list[str]:
    """Returns the lines of the dimensions."""
    names = ("dim", "hidden", "layers", "heads", "kv_heads", "vocab", "context")
    lines = [f"{name} = {getattr(config, name)}" for name in names]
    return ["", "[shape]", *lines, f"tied = {str(config.is_tied).lower()}"]


def quality_section(measures: dict[str, float], valid_hash: str) -> list[str]:
    """Returns the lines of the measured quality, and the hash of the stories it was measured on."""
    names = ("story_bits_per_character", "packed_bits_per_character")
    lines = [f"{name} = {measures[name]:.4f}" for name in names]
    counts = [f"{name} = {measures[name]}" for name in ("stories", "characters")]
    return ["", "[quality]", *lines, *counts, f'held_out_sha256 = "{valid_hash}"']


def write_manifest(folder: Path, name: str, generation: int, corpus: Path) -> None:
    """Measures the model in a folder on the held-out stories and writes `manifest.toml`."""
    weights, tokens = folder / "model.bin", folder / "tokenizer.bin"
    model = read_model(weights)
    measures = measure(model, Tokenizer.read(tokens), read_stories(corpus / "valid.txt.xz"))
    valid_hash = corpus_hashes(corpus)["valid.txt.xz"]
    lines = [
        f'name = "{name}"',
        f"generation = {generation}",
        f'licence = "{LICENCE}"',
        'format = "llama2c-f32"',
        *file_section("model", weights),
        *file_section("tokenizer", tokens),
        *shape_section(model.config),
        *quality_section(measures, valid_hash),
    ]
    (folder / "manifest.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Reads the command line and writes the manifest."""
    parser = argparse.ArgumentParser(description="measure a model and write its manifest")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--generation", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=default_corpus_folder())
    arguments = parser.parse_args()
    write_manifest(arguments.folder, arguments.name, arguments.generation, arguments.corpus)


if __name__ == "__main__":
    main()
