"""A model with its tokenizer, checked against their manifest."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, inline, raises, struct
from bare.lib.allocator import Allocator
from user.lib.llm.fault import Fault
from user.lib.llm.manifest import Manifest
from user.lib.llm.tokenizer import Tokenizer
from user.lib.llm.weights import Model


@struct
class Bundle:
    """Views of mapped files, which must stay mapped."""

    model: Model = inline()
    tokenizer: Tokenizer = inline()

    @raises(ENOMEM)
    def open(self, allocator: Allocator, model_file: Bytes, tokenizer_file: Bytes) -> Fault:
        """Checks the shape of both files and makes them ready for use."""
        fault = self.model.open(allocator, model_file)
        if fault != Fault.NONE:
            return fault
        return self.tokenizer.open(allocator, tokenizer_file, self.model.config.vocab)


def verify(manifest: Manifest, model_file: Bytes, tokenizer_file: Bytes) -> Fault:
    """Checks both files against a manifest."""
    if not manifest.model.matches(model_file):
        return Fault.MODEL_MISMATCH
    if not manifest.tokenizer.matches(tokenizer_file):
        return Fault.TOKENIZER_MISMATCH
    return Fault.NONE
