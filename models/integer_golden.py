"""Makes the golden file of a model in integers: what the integer engine must write, to the bit.

    python -m models.integer_golden MODEL.bin TOKENIZER.bin OUTPUT.json

By the NumPy twin. Each case carries ids, text, and the SHA-256 of all integer logits, token by
token, as little-endian `i32`. Sampled cases draw from `float32` logits; `smallest_margin` is how
near a coin came to another token.
"""

import hashlib
from pathlib import Path

import numpy as np

from models import golden
from models.golden import (
    GREEDY_POSITIONS,
    GREEDY_PROMPTS,
    SAMPLED_POSITIONS,
    SAMPLED_SETTINGS,
    Case,
)
from models.integer import IntegerEngine, logits
from models.reference import BOS, EOS, Model, Sampler, Tokenizer, read_model

KNOBS = ("temperature", "top_p", "top_k", "seed")
GREEDY = {"temperature": 0.0, "top_p": 1.0, "top_k": 0, "seed": 1}


def case_of(model: Model, tokenizer: Tokenizer, settings: Case, positions: int) -> Case:
    """Returns a run with the given settings, up to `positions` or the end of the story."""
    sampler = Sampler(**{name: settings[name] for name in KNOBS})
    engine = IntegerEngine(model)
    prompt_ids = tokenizer.encode(settings["prompt"])
    integers, units = engine.advance(prompt_ids)
    digest = hashlib.sha256(integers.astype("<i4").tobytes())
    generated: list[int] = []
    while engine.position < positions:
        if sampler.temperature == 0:
            token = int(np.argmax(integers[-1]))
        else:
            token = sampler.choose(logits(integers[-1:], units[-1:])[0])
        if token in (BOS, EOS):
            break
        generated.append(token)
        integers, units = engine.advance([token])
        digest.update(integers.astype("<i4").tobytes())
    case = {
        **settings,
        "prompt_ids": prompt_ids,
        "generated_ids": generated,
        "text": tokenizer.decode(generated, prompt_ids[-1]).decode(errors="replace"),
        "logits_sha256": digest.hexdigest(),
    }
    if sampler.temperature > 0:
        case["smallest_margin"] = float(f"{sampler.smallest_margin:.3g}")
    return case


def make_golden(model_path: Path, tokenizer_path: Path) -> Case:
    """Returns the golden cases of one model and tokenizer."""
    model, tokenizer = read_model(model_path), Tokenizer.read(tokenizer_path)
    greedy = [{"prompt": prompt, **GREEDY} for prompt in GREEDY_PROMPTS]
    return {
        "model_sha256": hashlib.sha256(model_path.read_bytes()).hexdigest(),
        "tokenizer_sha256": hashlib.sha256(tokenizer_path.read_bytes()).hexdigest(),
        "greedy": [case_of(model, tokenizer, case, GREEDY_POSITIONS) for case in greedy],
        "sampled": [
            case_of(model, tokenizer, settings, SAMPLED_POSITIONS) for settings in SAMPLED_SETTINGS
        ],
    }


if __name__ == "__main__":
    golden.main("make the golden file of a model in integers", make_golden)
