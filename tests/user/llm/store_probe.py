"""A door into the store of bundles, in Bare Python, for a kernel that the test fakes."""

from __future__ import annotations

from bare import Bytes, allocate, allocate_span, raises, u8, u64
from user.lib.llm.bundle import Bundle
from user.lib.llm.fault import Fault
from user.lib.llm.store import ChosenBundle, choose_bundle, read_trust_root
from user.lib.output import Output
from user.lib.standard import standard

LINE_BYTES = 256


@raises()
def choose(family: Bytes) -> u64:
    """Chooses a generation of a family and opens it; returns its number."""
    prepare(standard().output)
    prepare(standard().errors)
    chosen = allocate(standard().heap, ChosenBundle)
    read_trust_root(chosen)
    choose_bundle(chosen, family)
    bundle = allocate(standard().heap, Bundle)
    fault = bundle.open(standard().heap, chosen.model_file, chosen.tokenizer_file)
    assert fault == Fault.NONE, "what was chosen cannot be opened"
    return chosen.generation


@raises()
def prepare(output: Output) -> None:
    """Gives a stream its buffer, as the start of a program does."""
    output.buffer = allocate_span(standard().heap, u8, LINE_BYTES)
    output.by_line = True
