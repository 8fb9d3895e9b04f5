"""What can be wrong with the files of a model."""

from __future__ import annotations

from bare import Enum8


class Fault(Enum8):
    """The first thing found to be wrong."""

    NONE = 0
    MANIFEST = 1
    MODEL_MISMATCH = 2
    TOKENIZER_MISMATCH = 3
    NO_HEADER = 4
    BAD_DIMENSION = 5
    BAD_HEADS = 6
    TRUNCATED = 7
    TOO_LONG = 8
    TOO_FEW_PIECES = 9
    TOKENIZER_TRUNCATED = 10
    TOKENIZER_LENGTH = 11
    TOKENIZER_TOO_LONG = 12
    SIGNATURE = 13
    OTHER_BUNDLE = 14
    WEIGHT_TOO_LARGE = 15
    TOKENIZER_SCORE = 16
    GGUF_TRUNCATED = 17
    GGUF_MALFORMED = 18
    GGUF_UNSUPPORTED = 19
    OTHER_FORMAT = 20


def fault_text(fault: Fault) -> str:
    """Returns a fault in words."""
    match fault:
        case Fault.NONE:
            return "nothing wrong"
        case Fault.MANIFEST:
            return "manifest missing or malformed"
        case Fault.MODEL_MISMATCH:
            return "model size/sha256 mismatch"
        case Fault.TOKENIZER_MISMATCH:
            return "tokenizer size/sha256 mismatch"
        case Fault.NO_HEADER:
            return "too short for a header"
        case Fault.BAD_DIMENSION:
            return "a dimension in the header is out of range; llama2.c version 0 is expected"
        case Fault.BAD_HEADS:
            return "the heads in the header do not divide its dimensions"
        case Fault.TRUNCATED:
            return "truncated: shorter than the header asks for"
        case Fault.TOO_LONG:
            return "longer than the header asks for"
        case Fault.TOO_FEW_PIECES:
            return "the vocabulary is too small for the 256 byte pieces"
        case Fault.TOKENIZER_TRUNCATED:
            return "tokenizer truncated: fewer pieces than the model's vocabulary"
        case Fault.TOKENIZER_LENGTH:
            return "a tokenizer piece has a negative length"
        case Fault.TOKENIZER_TOO_LONG:
            return "tokenizer longer than the model's vocabulary asks for"
        case Fault.SIGNATURE:
            return "bad manifest signature"
        case Fault.OTHER_BUNDLE:
            return "the manifest is that of another bundle"
        case Fault.WEIGHT_TOO_LARGE:
            return "a weight is larger than 1024 or not a number"
        case Fault.TOKENIZER_SCORE:
            return "the score of a tokenizer piece is not a finite number"
        case Fault.GGUF_TRUNCATED:
            return "truncated GGUF file"
        case Fault.GGUF_MALFORMED:
            return "malformed GGUF file"
        case Fault.GGUF_UNSUPPORTED:
            return "GGUF file that is not supported"
        case Fault.OTHER_FORMAT:
            return "the manifest names another format than the model has"
