"""A model with its tokenizer, checked against their manifest."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, inline, raises, struct
from bare.lib.allocator import Allocator
from user.lib.llm.detail import Detail
from user.lib.llm.fault import Fault, fault_text
from user.lib.llm.gguf.model import is_gguf, open_gguf
from user.lib.llm.integer.model import IntegerModel
from user.lib.llm.manifest import Manifest
from user.lib.llm.tokenizer import Tokenizer
from user.lib.llm.weights import Model


@struct
class Bundle:
    """Views of mapped files, which must stay mapped."""

    model: Model = inline()
    tokenizer: Tokenizer = inline()
    detail: Detail = inline()
    integer: IntegerModel = inline()
    is_packed: bool = False
    """Whether texts are written by the integer engine."""

    @raises(ENOMEM)
    def open(self, allocator: Allocator, model_file: Bytes, tokenizer_file: Bytes) -> Fault:
        """Checks the shape of both files and makes them ready for use. A GGUF file has a tokenizer
        of its own, and no other is looked at.
        """
        fault = Fault.NONE
        if is_gguf(model_file):
            fault = open_gguf(self.model, self.tokenizer, self.detail, allocator, model_file)
        else:
            fault = self.model.open(allocator, model_file)
            if fault == Fault.NONE:
                vocab = self.model.config.vocab
                fault = self.tokenizer.open(allocator, tokenizer_file, vocab)
        if fault == Fault.NONE and not self.model.is_bounded():
            return Fault.WEIGHT_TOO_LARGE
        return fault

    @raises(ENOMEM)
    def pack(self, allocator: Allocator) -> None:
        """Packs an open model for the integer engine."""
        self.integer.pack(allocator, self.model)
        self.is_packed = True

    def explain(self, fault: Fault) -> str:
        """Returns what `open` found to be wrong, in words."""
        return self.detail.as_str() if self.detail.length > 0 else fault_text(fault)


def verify(manifest: Manifest, model_file: Bytes, tokenizer_file: Bytes) -> Fault:
    """Checks both files against a manifest; some models have their tokenizer inside."""
    if not manifest.model.matches(model_file):
        return Fault.MODEL_MISMATCH
    if manifest.has_own_tokenizer != is_gguf(model_file):
        return Fault.OTHER_FORMAT
    if not manifest.has_own_tokenizer and not manifest.tokenizer.matches(tokenizer_file):
        return Fault.TOKENIZER_MISMATCH
    return Fault.NONE
