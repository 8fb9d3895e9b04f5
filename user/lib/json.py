"""`JsonReader`: reads a JSON text (RFC 8259) piece by piece, without memory of its own.

How to use it: `JsonReader(text)`, then `next` until it returns `Token.END` or `Token.ERROR`. After
`KEY` and `STRING`, `unescape` gives the value; after `NUMBER`, `number`. To leave out a value that
has just begun, call `skip`. Strict: what is not JSON in UTF-8 is an ERROR, for good.
"""

from __future__ import annotations

from abi.errno import EMSGSIZE
from bare import Bytes, Enum8, Span, f64, i32, invert, raises, struct, u8, u32, u64, usize
from user.lib.strings import NOT_HEX, find_byte, hex_value
from user.lib.utf8 import character_size, encode_character

MOST_LEVELS = 32
"""Objects and arrays inside each other beyond which a text is refused."""
QUOTE = ord('"')
BACKSLASH = ord("\\")
ZERO = ord("0")
NINE = ord("9")
ESCAPES = b'"\\/bfnrt'
ESCAPED = b'"\\/\b\f\n\r\t'
LETTER_U = ord("u")
CLOSE_BRACE = ord("}")
CLOSE_BRACKET = ord("]")
OPEN_BRACE = ord("{")
OPEN_BRACKET = ord("[")
COMMA = ord(",")
COLON = ord(":")
LETTER_T = ord("t")
LETTER_F = ord("f")
LETTER_N = ord("n")
MINUS = ord("-")
PLUS = ord("+")
POINT = ord(".")
LETTER_E = ord("e")
UPPER_E = ord("E")
BLANKS = b" \t\r\n"
HIGH_SURROGATES: u32 = 0xD800
LOW_SURROGATES: u32 = 0xDC00
SURROGATES_END: u32 = 0xE000
NO_CHARACTER: u32 = 0xFFFF_FFFF
MOST_DIGITS = 18
"""Digits of a number that are looked at; an f64 has less than 17."""
MOST_EXPONENT = 400
"""Powers of ten beyond which an f64 is infinite or zero."""


class Token(Enum8):
    """What was read."""

    END = 0
    ERROR = 1
    OBJECT = 2
    OBJECT_END = 3
    ARRAY = 4
    ARRAY_END = 5
    KEY = 6
    STRING = 7
    NUMBER = 8
    TRUE = 9
    FALSE = 10
    NULL = 11


class Expected(Enum8):
    """What may come next."""

    VALUE = 0
    VALUE_OR_END = 1
    """The first of an array."""
    KEY = 2
    KEY_OR_END = 3
    """The first of an object."""
    COMMA_OR_END = 4
    NOTHING = 5


@struct
class JsonReader:
    """A text and how far it has been read."""

    text: Bytes
    position: usize = 0
    expected: Expected = Expected.VALUE
    levels: u32 = 0
    objects: u64 = 0
    """Bit n: level n is an object."""
    raw: Bytes = b""
    """The string between its quotes, or the number, as it stands in the text."""
    is_broken: bool = False

    def next(self) -> Token:
        """Reads the next piece."""
        token = Token.ERROR if self.is_broken else self._advance()
        if token == Token.ERROR:
            self.is_broken = True
        return token

    def skip(self, begun: Token) -> bool:
        """Reads to the end of the value that `begun` began; False on an error."""
        if begun != Token.OBJECT and begun != Token.ARRAY:
            return begun != Token.ERROR
        level = self.levels
        while self.levels >= level:
            token = self.next()
            if token == Token.ERROR or token == Token.END:
                return False
        return True

    @raises(EMSGSIZE)
    def unescape(self, into: Span[u8]) -> Bytes:
        """Writes the value of the string just read; EMSGSIZE where `into` is too small."""
        size: usize = 0
        place: usize = 0
        raw = self.raw
        while place < len(raw):
            step: usize = 1
            character = u32(raw[place])
            if raw[place] == BACKSLASH:
                step = escape_size(raw[place:])
                character = escaped_character(raw[place:])
            if raw[place] != BACKSLASH or character < 0x80:
                if size == len(into):
                    raise OSError(EMSGSIZE)
                into[size] = u8(character)
                size += 1
            else:
                if len(into) - size < 4:
                    raise OSError(EMSGSIZE)
                size += encode_character(into[size:], character)
            place += step
        return into[:size]

    def number(self) -> f64:
        """Returns the value of the number just read, right to about 15 digits."""
        return decimal_value(self.raw)

    def _advance(self) -> Token:
        self._skip_blanks()
        if self.position == len(self.text):
            is_whole = self.levels == 0 and self.expected == Expected.NOTHING
            return Token.END if is_whole else Token.ERROR
        byte = self.text[self.position]
        match self.expected:
            case Expected.NOTHING:
                return Token.ERROR
            case Expected.COMMA_OR_END:
                return self._separator(byte)
            case Expected.KEY:
                return self._key(byte)
            case Expected.KEY_OR_END:
                if byte == CLOSE_BRACE:
                    return self._leave(Token.OBJECT_END)
                return self._key(byte)
            case Expected.VALUE_OR_END:
                if byte == CLOSE_BRACKET:
                    return self._leave(Token.ARRAY_END)
                return self._value(byte)
            case Expected.VALUE:
                return self._value(byte)

    def _skip_blanks(self) -> None:
        while self.position < len(self.text) and self.text[self.position] in (
            0x20,
            0x09,
            0x0D,
            0x0A,
        ):
            self.position += 1

    def _separator(self, byte: u8) -> Token:
        """Reads what follows a value: a comma and the next, or the end of its container."""
        is_object = self._is_in_object()
        if byte == COMMA and self.levels > 0:
            self.position += 1
            self.expected = Expected.KEY if is_object else Expected.VALUE
            return self._advance()
        if byte == CLOSE_BRACE and is_object:
            return self._leave(Token.OBJECT_END)
        if byte == CLOSE_BRACKET and self.levels > 0 and not is_object:
            return self._leave(Token.ARRAY_END)
        return Token.ERROR

    def _key(self, byte: u8) -> Token:
        if byte != QUOTE or not self._read_string():
            return Token.ERROR
        self._skip_blanks()
        if self.position == len(self.text) or self.text[self.position] != COLON:
            return Token.ERROR
        self.position += 1
        self.expected = Expected.VALUE
        return Token.KEY

    def _value(self, byte: u8) -> Token:
        if byte == OPEN_BRACE:
            return self._enter(Token.OBJECT)
        if byte == OPEN_BRACKET:
            return self._enter(Token.ARRAY)
        token = Token.ERROR
        if byte == QUOTE:
            token = Token.STRING if self._read_string() else Token.ERROR
        elif byte == LETTER_T:
            token = self._word(b"true", Token.TRUE)
        elif byte == LETTER_F:
            token = self._word(b"false", Token.FALSE)
        elif byte == LETTER_N:
            token = self._word(b"null", Token.NULL)
        elif self._read_number():
            token = Token.NUMBER
        self._value_ended()
        return token

    def _value_ended(self) -> None:
        self.expected = Expected.COMMA_OR_END if self.levels > 0 else Expected.NOTHING

    def _enter(self, token: Token) -> Token:
        """Begins an object or array."""
        if self.levels == MOST_LEVELS:
            return Token.ERROR
        self.position += 1
        self.levels += 1
        bit = u64(1) << u64(self.levels)
        if token == Token.OBJECT:
            self.objects |= bit
            self.expected = Expected.KEY_OR_END
        else:
            self.objects &= invert(bit)
            self.expected = Expected.VALUE_OR_END
        return token

    def _leave(self, token: Token) -> Token:
        """Ends an object or array."""
        self.position += 1
        self.levels -= 1
        self._value_ended()
        return token

    def _is_in_object(self) -> bool:
        return self.levels > 0 and self.objects >> u64(self.levels) & 1 == 1

    def _word(self, word: Bytes, token: Token) -> Token:
        """Reads a literal name."""
        rest = self.text[self.position :]
        if len(rest) < len(word) or rest[: len(word)] != word:
            return Token.ERROR
        self.position += len(word)
        return token

    def _read_string(self) -> bool:
        """Reads from a quote to the next: `raw` is what is between. False on bad content."""
        start = self.position + 1
        place = start
        while place < len(self.text):
            byte = self.text[place]
            if byte == QUOTE:
                self.raw = self.text[start:place]
                self.position = place + 1
                return True
            size: usize = 0
            if byte == BACKSLASH:
                size = escape_size(self.text[place:])
            elif byte >= 0x20:
                size = character_size(self.text[place:])
            if size == 0:
                return False
            place += size
        return False

    def _read_number(self) -> bool:
        """Reads a number as RFC 8259, 6 has it; False where there is none."""
        start = self.position
        place = start
        if byte_at(self.text, place) == MINUS:
            place += 1
        if byte_at(self.text, place) == ZERO:
            place += 1
        else:
            end = digits_end(self.text, place)
            if end == place:
                return False
            place = end
        if byte_at(self.text, place) == POINT:
            end = digits_end(self.text, place + 1)
            if end == place + 1:
                return False
            place = end
        if byte_at(self.text, place) in (LETTER_E, UPPER_E):
            place += 1
            if byte_at(self.text, place) in (PLUS, MINUS):
                place += 1
            end = digits_end(self.text, place)
            if end == place:
                return False
            place = end
        self.raw = self.text[start:place]
        self.position = place
        return True


def byte_at(text: Bytes, place: usize) -> u8:
    """Returns a byte, 0 behind the end."""
    return text[place] if place < len(text) else 0


def digits_end(text: Bytes, start: usize) -> usize:
    """Returns where the digits from `start` on end."""
    place = start
    while ZERO <= byte_at(text, place) <= NINE:
        place += 1
    return place


def escape_size(text: Bytes) -> usize:
    """Returns the bytes of the escape at the start of `text`, a surrogate pair as one; 0: bad."""
    kind = byte_at(text, 1)
    if kind != LETTER_U:
        return 2 if find_byte(ESCAPES, kind, 0) < len(ESCAPES) else 0
    first = code_unit(text)
    if first == NO_CHARACTER or LOW_SURROGATES <= first < SURROGATES_END:
        return 0
    if not HIGH_SURROGATES <= first < SURROGATES_END:
        return 6
    if byte_at(text, 6) != BACKSLASH or byte_at(text, 7) != LETTER_U:
        return 0
    second = code_unit(text[6:])
    is_low = second != NO_CHARACTER and LOW_SURROGATES <= second < SURROGATES_END
    return 12 if is_low else 0


def escaped_character(text: Bytes) -> u32:
    """Returns the code point of the good escape at the start of `text`."""
    kind = text[1]
    if kind != LETTER_U:
        return u32(ESCAPED[find_byte(ESCAPES, kind, 0)])
    first = code_unit(text)
    if not HIGH_SURROGATES <= first < SURROGATES_END:
        return first
    second = code_unit(text[6:])
    return 0x1_0000 + ((first - HIGH_SURROGATES) << 10) + (second - LOW_SURROGATES)


def code_unit(text: Bytes) -> u32:
    r"""Returns the value of the `\uXXXX` at the start of `text`, or NO_CHARACTER."""
    if len(text) < 6:
        return NO_CHARACTER
    value: u32 = 0
    for index in range(2, 6):
        digit = hex_value(text[index])
        if digit == NOT_HEX:
            return NO_CHARACTER
        value = value << 4 | u32(digit)
    return value


def decimal_value(digits: Bytes) -> f64:
    """Returns the value of a number as JSON writes it."""
    mantissa: u64 = 0
    used: u32 = 0
    scale: i32 = 0
    exponent: i32 = 0
    place: usize = 0
    is_negative = byte_at(digits, 0) == MINUS
    if is_negative:
        place = 1
    is_fraction = False
    while place < len(digits) and digits[place] | 0x20 != LETTER_E:
        if digits[place] == POINT:
            is_fraction = True
        else:
            if used < MOST_DIGITS:
                mantissa = mantissa * 10 + (digits[place] - ZERO)
                used += 1 if mantissa > 0 else 0
                scale -= 1 if is_fraction else 0
            else:
                scale += 0 if is_fraction else 1
        place += 1
    if place < len(digits):
        exponent = exponent_value(digits[place + 1 :])
    value = scaled(f64(mantissa), min(max(scale, -MOST_EXPONENT), MOST_EXPONENT) + exponent)
    return -value if is_negative else value


def exponent_value(digits: Bytes) -> i32:
    """Returns a decimal exponent, at most MOST_EXPONENT in size."""
    value: i32 = 0
    place: usize = 0
    if digits[0] == MINUS or digits[0] == PLUS:
        place = 1
    while place < len(digits):
        value = min(value * 10 + i32(digits[place] - ZERO), MOST_EXPONENT)
        place += 1
    return -value if digits[0] == MINUS else value


def scaled(value: f64, exponent: i32) -> f64:
    """Returns value * 10 ** exponent."""
    result = value
    power: f64 = 10.0
    rest = u32(max(exponent, -exponent))
    while rest > 0:
        if rest & 1 == 1:
            result = result / power if exponent < 0 else result * power
        power = power * power
        rest >>= 1
    return result
