"""Makes the golden file of a model: what a right engine must produce, from the f64 oracle.

    python -m models.golden MODEL.bin TOKENIZER.bin OUTPUT.json

Greedy cases carry ids, text and the logits at two positions; `smallest_gap` is the closest greedy
decision, so an engine with smaller error than half of it must give the same ids. Sampled cases run
the oracle in f32; `smallest_margin` is how near a coin came to another token.
"""

import argparse
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models.reference import BOS, EOS, Engine, Model, Sampler, Tokenizer, read_model

Case = dict[str, Any]

GREEDY_PROMPTS = (
    "",
    "Once upon a time",
    "Lily and her dog",
    "Tom had 17 red balls.\nHe went to the café — the big one —",
)
GREEDY_POSITIONS = 220
SAMPLED_POSITIONS = 120
SAMPLED_SETTINGS = (
    {"prompt": "", "temperature": 1.0, "top_p": 0.9, "top_k": 0, "seed": 133742},
    {"prompt": "Once upon a time", "temperature": 0.8, "top_p": 0.95, "top_k": 0, "seed": 42},
    {
        "prompt": "The big bear was sad because",
        "temperature": 0.8,
        "top_p": 1.0,
        "top_k": 40,
        "seed": 7,
    },
    {"prompt": "Once upon a time", "temperature": 1.0, "top_p": 0.9, "top_k": 10, "seed": 2},
    {"prompt": "One day", "temperature": 0.7, "top_p": 1.0, "top_k": 0, "seed": 99},
)


def greedy_case(model: Model, tokenizer: Tokenizer, prompt: str) -> Case:
    """Returns a greedy run up to GREEDY_POSITIONS positions or the end of the story."""
    engine = Engine(model)
    single = Engine(model, np.float32)
    prompt_ids = tokenizer.encode(prompt)
    logits = engine.advance(prompt_ids)[-1]
    generated, gaps, errors = [], [], []
    errors.append(np.max(np.abs(single.advance(prompt_ids)[-1] - logits)))
    recorded = {engine.position - 1: logits}
    while engine.position < GREEDY_POSITIONS:
        second, first = np.partition(logits, -2)[-2:]
        gaps.append(first - second)
        token = int(np.argmax(logits))
        if token in (BOS, EOS):
            break
        generated.append(token)
        logits = engine.advance([token])[-1]
        errors.append(np.max(np.abs(single.advance([token])[-1] - logits)))
    recorded[engine.position - 1] = logits
    return {
        "prompt": prompt,
        "prompt_ids": prompt_ids,
        "generated_ids": generated,
        "text": tokenizer.decode(generated, prompt_ids[-1]).decode(errors="replace"),
        "stopped_at_end": engine.position < GREEDY_POSITIONS,
        "smallest_gap": float(f"{min(gaps):.6g}"),
        "f32_largest_error": float(f"{max(errors):.3g}"),
        "logits": {str(at): [round(float(x), 6) for x in row] for at, row in recorded.items()},
    }


def sampled_case(model: Model, tokenizer: Tokenizer, settings: Case) -> Case:
    """Returns a seeded run with the given sampler settings."""
    knobs = {name: settings[name] for name in ("temperature", "top_p", "top_k", "seed")}
    sampler, coins = Sampler(**knobs), Sampler(**knobs)
    engine = Engine(model, np.float32)
    prompt_ids = tokenizer.encode(settings["prompt"])
    logits = engine.advance(prompt_ids)[-1]
    generated = []
    while engine.position < SAMPLED_POSITIONS:
        token = sampler.choose(logits)
        if token in (BOS, EOS):
            break
        generated.append(token)
        logits = engine.advance([token])[-1]
    return {
        **settings,
        "prompt_ids": prompt_ids,
        "generated_ids": generated,
        "text": tokenizer.decode(generated, prompt_ids[-1]).decode(errors="replace"),
        "first_coins": [float(coins.coin()) for _ in range(8)],
        "smallest_margin": float(f"{sampler.smallest_margin:.3g}"),
    }


def make_golden(model_path: Path, tokenizer_path: Path) -> Case:
    """Returns the golden cases of one model and tokenizer."""
    model, tokenizer = read_model(model_path), Tokenizer.read(tokenizer_path)
    return {
        "model_sha256": hashlib.sha256(model_path.read_bytes()).hexdigest(),
        "tokenizer_sha256": hashlib.sha256(tokenizer_path.read_bytes()).hexdigest(),
        "greedy": [greedy_case(model, tokenizer, prompt) for prompt in GREEDY_PROMPTS],
        "sampled": [sampled_case(model, tokenizer, settings) for settings in SAMPLED_SETTINGS],
    }


def write_golden(golden: Case, path: Path) -> None:
    """Writes the cases as JSON, lists of numbers on one line each."""
    lines = []
    for key in ("greedy", "sampled"):
        cases = ",\n".join("  " + json.dumps(case) for case in golden[key])
        lines.append(f' "{key}": [\n{cases}\n ]')
    hashes = [f' "{key}": "{golden[key]}"' for key in ("model_sha256", "tokenizer_sha256")]
    path.write_text("{\n" + ",\n".join(hashes + lines) + "\n}\n", encoding="utf-8")


def main(
    description: str = "make a model's golden file",
    make: Callable[[Path, Path], Case] = make_golden,
) -> None:
    """Reads the command line and writes the golden file that `make` makes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("model", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    write_golden(make(arguments.model, arguments.tokenizer), arguments.output)


if __name__ == "__main__":
    main()
