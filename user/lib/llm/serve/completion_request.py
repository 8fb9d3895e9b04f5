"""`CompletionRequest`: what the body of a POST to `/completion` asks for.

A body of media type `application/json` is an object with the names of llama.cpp's server; any other
is the prompt itself, continued greedily by 64 tokens.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Bytes,
    Span,
    allocate_span,
    f32,
    f64,
    i64,
    inline,
    raises,
    struct,
    u8,
    u64,
    usize,
)
from user.lib.json import JsonReader, Token
from user.lib.llm.serve.stop_strings import StopStrings
from user.lib.numbers import parse_unsigned

MOST_PROMPT_BYTES: usize = 8192
RAW_TOKENS: u64 = 64
NO_LIMIT: u64 = 0xFFFF_FFFF_FFFF_FFFF
LARGEST_WHOLE: f64 = 9007199254740992.0
"""2**53: whole numbers beyond are not told apart as f64."""
DEFAULT_TEMPERATURE: f32 = 0.8
DEFAULT_TOP_P: f32 = 0.95
DEFAULT_TOP_K: usize = 40


@struct
class CompletionRequest:
    """The values of one request. `prepare` once, then `read_raw` or `read_json` for each body."""

    prompt_buffer: Span[u8]
    prompt: Bytes = b""
    limit: u64 = RAW_TOKENS
    """Tokens to add, at most."""
    temperature: f32 = 0.0
    top_p: f32 = 1.0
    top_k: usize = 0
    seed: u64 = 1
    has_seed: bool = False
    is_stream: bool = True
    is_json: bool = False
    has_prompt: bool = False
    stops: StopStrings = inline()
    problem: Bytes = b""
    """What is wrong, empty where nothing is."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator) -> None:
        """Takes the memory for the longest prompt."""
        self.prompt_buffer = allocate_span(allocator, u8, MOST_PROMPT_BYTES)

    def read_raw(self, body: Bytes) -> bool:
        """Takes a body that is the prompt; False, with `problem`, where it cannot be one."""
        self._reset()
        self.is_json = False
        self.is_stream = True
        self.limit = RAW_TOKENS
        self.temperature = 0.0
        self.top_p = 1.0
        self.top_k = 0
        return self._take_prompt(body)

    def read_json(self, body: Bytes) -> bool:
        """Takes a JSON body; False, with `problem`, where it is malformed or a value is wrong."""
        self._reset()
        self.is_json = True
        self.is_stream = False
        self.limit = NO_LIMIT
        self.temperature = DEFAULT_TEMPERATURE
        self.top_p = DEFAULT_TOP_P
        self.top_k = DEFAULT_TOP_K
        reader = JsonReader(body)
        if reader.next() != Token.OBJECT:
            return self._refuse(b"the body is not a JSON object")
        while True:
            token = reader.next()
            if token == Token.OBJECT_END:
                break
            if token != Token.KEY:
                return self._refuse(b"the body is not valid JSON")
            if not self._take_member(reader):
                return False
        if reader.next() != Token.END:
            return self._refuse(b"the body is not valid JSON")
        if not self.has_prompt:
            return self._refuse(b"prompt is missing")
        return True

    def _reset(self) -> None:
        self.prompt = b""
        self.has_prompt = False
        self.has_seed = False
        self.stops.clear()
        self.problem = b""

    def _refuse(self, problem: Bytes) -> bool:
        self.problem = problem
        return False

    def _take_prompt(self, prompt: Bytes) -> bool:
        """Keeps a copy of the prompt."""
        if len(prompt) == 0:
            return self._refuse(b"empty prompt")
        if len(prompt) > MOST_PROMPT_BYTES:
            return self._refuse(b"the prompt has more than 8192 bytes")
        self.prompt_buffer[: len(prompt)].copy_from(prompt)
        self.prompt = self.prompt_buffer[: len(prompt)]
        self.has_prompt = True
        return True

    def _take_member(self, reader: JsonReader) -> bool:
        """Takes one member of the object; unknown ones are left out, as llama.cpp does."""
        key = reader.raw
        if key == b"prompt":
            return self._take_prompt_text(reader)
        if key == b"stop":
            return self._take_stops(reader)
        if key == b"stream":
            return self._take_stream(reader)
        is_known = key == b"n_predict" or key == b"temperature" or key == b"top_k"
        if is_known or key == b"top_p" or key == b"seed":
            return self._take_number(reader, key)
        if not reader.skip(reader.next()):
            return self._refuse(b"the body is not valid JSON")
        return True

    def _take_prompt_text(self, reader: JsonReader) -> bool:
        if reader.next() != Token.STRING:
            return self._refuse(b"prompt must be a string")
        try:
            return self._take_prompt(reader.unescape(self.prompt_buffer))
        except OSError:
            return self._refuse(b"the prompt has more than 8192 bytes")

    def _take_stream(self, reader: JsonReader) -> bool:
        token = reader.next()
        if token != Token.TRUE and token != Token.FALSE:
            return self._refuse(b"stream must be true or false")
        self.is_stream = token == Token.TRUE
        return True

    def _take_stops(self, reader: JsonReader) -> bool:
        """Takes a string, or an array of strings."""
        token = reader.next()
        if token == Token.STRING:
            return self._take_stop(reader)
        if token != Token.ARRAY:
            return self._refuse(b"stop must be a string or an array of strings")
        while True:
            token = reader.next()
            if token == Token.ARRAY_END:
                return True
            if token != Token.STRING:
                return self._refuse(b"stop must be a string or an array of strings")
            if not self._take_stop(reader):
                return False

    def _take_stop(self, reader: JsonReader) -> bool:
        text: Span[u8] = self.stops.scratch[:]
        try:
            if self.stops.add(reader.unescape(text)):
                return True
        except OSError:
            pass
        return self._refuse(b"stop takes up to 4 strings of 1 to 64 bytes")

    def _take_number(self, reader: JsonReader, key: Bytes) -> bool:
        """Takes one of the members that are numbers."""
        if reader.next() != Token.NUMBER:
            return self._refuse(b"n_predict, temperature, top_k, top_p and seed must be numbers")
        value = reader.number()
        if key == b"temperature":
            self.temperature = f32(max(0.0, min(value, 100.0)))
            return True
        if key == b"top_p":
            self.top_p = f32(max(0.0, min(value, 1.0)))
            return True
        if key == b"seed":
            return self._take_seed(reader.raw, value)
        if not is_whole(value):
            return self._refuse(b"n_predict and top_k must be whole numbers")
        if key == b"top_k":
            self.top_k = usize(max(0.0, value))
        else:
            self.limit = NO_LIMIT if value < 0.0 else u64(value)
        return True

    def _take_seed(self, digits: Bytes, value: f64) -> bool:
        """Takes a seed; a negative one asks for a random one, as llama.cpp has it."""
        self.has_seed = value >= 0.0
        if not self.has_seed:
            return True
        try:
            self.seed = parse_unsigned(digits)
        except OSError:
            return self._refuse(b"seed must be a whole number below 2**63")
        return True


def is_whole(value: f64) -> bool:
    """Whether a number has no fraction and is small enough to be a count."""
    if not -LARGEST_WHOLE <= value <= LARGEST_WHOLE:
        return False
    return f64(i64(value)) == value
