"""Turns a finished training run into the files that ship.

    python -m models.export RUN_FOLDER MODEL_FOLDER

Writes `model.bin` (llama2.c version 0), `tokenizer.bin` and `curve.csv` into the model's folder.
`models.manifest` then measures the exported files and writes the manifest.
"""

import argparse
import struct
from pathlib import Path
from typing import Any

import sentencepiece
import torch

from models.network import MATRICES
from models.reference import BOS, EOS, Config, Model, write_model

NORMS = ("attention_norm", "ffn_norm", "final_norm")
SPACE_MARK = "▁"


def export_weights(state: dict[str, Any], path: Path) -> None:
    """Writes the network of a saved training state as a version-0 file."""
    shape = state["recipe"]["shape"]
    names = ("dim", "hidden", "layers", "heads", "kv_heads", "vocab", "context")
    config = Config(*(shape[name] for name in names))
    tensors = {name: state["network"][name].numpy() for name in ("embedding", *NORMS, *MATRICES)}
    write_model(path, Model(config, tensors))


def export_tokenizer(model: bytes, path: Path) -> None:
    """Writes the pieces and scores of a SentencePiece model as a llama2.c tokenizer.bin."""
    tokenizer = sentencepiece.SentencePieceProcessor(model_proto=model)
    framed = {BOS: "\n<s>\n", EOS: "\n</s>\n"}
    pieces = []
    for token in range(tokenizer.vocab_size()):
        text = framed.get(token) or tokenizer.id_to_piece(token).replace(SPACE_MARK, " ")
        pieces.append((tokenizer.get_score(token), text.encode()))
    parts = [struct.pack("<I", max(len(piece) for _, piece in pieces))]
    parts += [struct.pack("<fi", score, len(piece)) + piece for score, piece in pieces]
    path.write_bytes(b"".join(parts))


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description="export a training run")
    parser.add_argument("run", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--state", default="final.pt")
    arguments = parser.parse_args()
    arguments.model.mkdir(parents=True, exist_ok=True)
    state = torch.load(arguments.run / arguments.state, weights_only=True)
    export_weights(state, arguments.model / "model.bin")
    tokenizer = (arguments.run / "tokenizer.model").read_bytes()
    export_tokenizer(tokenizer, arguments.model / "tokenizer.bin")
    curve = (arguments.run / "curve.csv").read_bytes()
    (arguments.model / "curve.csv").write_bytes(curve)


if __name__ == "__main__":
    main()
