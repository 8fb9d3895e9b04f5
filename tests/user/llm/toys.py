"""Small models and tokenizers with random content, as files."""

import struct
from pathlib import Path

import numpy as np

from models.reference import Config as Config
from models.reference import Model, Tokenizer, write_model

SHAPES = {
    "kv equals heads": Config(16, 24, 2, 4, 4, 300, 12),
    "kv below heads": Config(24, 20, 3, 6, 2, 270, 9),
    "one kv head": Config(8, 6, 1, 4, 1, 259, 16),
    "odd tails": Config(44, 13, 2, 2, 1, 261, 8),
    "untied": Config(16, 40, 2, 2, 1, 280, 8, is_tied=False),
}
MERGED = (
    b" t",
    b"he",
    b" a",
    b"in",
    b"re",
    b" the",
    b"nd",
    b"ab",
    b"bc",
    b" ab",
    "é".encode(),
    b"aa",
)
SINGLE = tuple(bytes([byte]) for byte in b" abcdefghinrtwy.,")


def random_model(config: Config, seed: int) -> Model:
    """Returns a model with normal weights of a usual size."""
    generator = np.random.default_rng(seed)
    tensors = {
        name: (generator.normal(size=shape) / 3).astype(np.float32)
        for name, shape in config.tensors()
    }
    return Model(config, tensors)


def model_file(model: Model, folder: Path) -> bytes:
    """Returns the bytes of a model's file."""
    write_model(folder / "model.bin", model)
    return (folder / "model.bin").read_bytes()


def toy_tokenizer(vocab: int = 290) -> Tokenizer:
    """Returns a tokenizer with a few merged pieces, of which some score alike, and fillers."""
    byte_pieces = [f"<0x{byte:02X}>".encode() for byte in range(256)]
    pieces = [b"<unk>", b"\n<s>\n", b"\n</s>\n", *byte_pieces, *MERGED, *SINGLE]
    scores = [0.0] * 259 + [-float(n // 2) for n in range(len(MERGED))] + [-1e9] * len(SINGLE)
    while len(pieces) < vocab:
        pieces.append(f"filler {len(pieces)}".encode())
        scores.append(-1e9)
    return Tokenizer(pieces[:vocab], scores[:vocab])


def tokenizer_file(tokenizer: Tokenizer) -> bytes:
    """Returns the bytes of a tokenizer's file."""
    parts = [struct.pack("<I", max(map(len, tokenizer.pieces)))]
    for piece, score in zip(tokenizer.pieces, tokenizer.scores, strict=True):
        parts.append(struct.pack("<fi", score, len(piece)) + piece)
    return b"".join(parts)
