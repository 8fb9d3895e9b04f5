"""`Url`: an `http` address taken apart, and where a redirection leads from there (RFC 3986)."""

from __future__ import annotations

from abi.errno import EINVAL, EPROTONOSUPPORT
from bare import Bytes, raises, struct, u16, usize
from user.lib.http.characters import IS_HOST, IS_TARGET, is_same_word
from user.lib.net.address import host_length, parse_port
from user.lib.strings import find_byte, starts_with

HTTP: bytes = b"http://"
HTTPS: bytes = b"https://"
DEFAULT_PORT: u16 = 80
SLASH = ord("/")
QUESTION = ord("?")
HASH = ord("#")
COLON = ord(":")
DEFAULT_NAME: bytes = b"index.html"


@struct
class Url:
    """The parts; they are views of the word that was read."""

    host: Bytes = b""
    port: u16 = DEFAULT_PORT
    authority: Bytes = b""
    """Host and port as they were written: the value of `Host`."""
    target: Bytes = b"/"
    """Path and query."""

    @raises(EINVAL, EPROTONOSUPPORT)
    def parse(self, word: Bytes) -> None:
        """Reads `http://HOST[:PORT][/PATH]`, or the same without `http://`.

        EPROTONOSUPPORT: another protocol; EINVAL: bytes that an address cannot have.
        """
        rest = word
        if has_prefix(word, HTTP):
            rest = word[len(HTTP) :]
        elif has_scheme(word):
            raise OSError(EPROTONOSUPPORT)
        end: usize = 0
        while end < len(rest) and rest[end] not in (SLASH, QUESTION, HASH):
            end += 1
        self._take_authority(rest[:end])
        self._take_target(rest[end : find_byte(rest, HASH, 0)])

    @raises(EINVAL)
    def _take_authority(self, word: Bytes) -> None:
        end = host_length(word)
        self.authority = word
        self.host = word[:end]
        self.port = DEFAULT_PORT if end == len(word) else parse_port(word[end + 1 :])
        if end == 0:
            raise OSError(EINVAL)
        for byte in word:
            if not IS_HOST[byte]:
                raise OSError(EINVAL)

    @raises(EINVAL)
    def _take_target(self, word: Bytes) -> None:
        for byte in word:
            if not IS_TARGET[byte]:
                raise OSError(EINVAL)
        self.target = word if len(word) > 0 and word[0] == SLASH else b"/"
        if len(word) > 0 and word[0] != SLASH:
            raise OSError(EINVAL)

    def file_name(self) -> Bytes:
        """Returns the path's last part; DEFAULT_NAME where it ends in a slash."""
        end = find_byte(self.target, QUESTION, 0)
        start = end
        while start > 0 and self.target[start - 1] != SLASH:
            start -= 1
        return self.target[start:end] if end > start else DEFAULT_NAME

    def folder_length(self) -> usize:
        """Returns how much of `target` is the path up to its last slash, that one too."""
        end = find_byte(self.target, QUESTION, 0)
        while end > 0 and self.target[end - 1] != SLASH:
            end -= 1
        return end


def has_prefix(word: Bytes, lower: Bytes) -> bool:
    """Whether `word` begins with `lower`, whatever its case."""
    return len(word) >= len(lower) and is_same_word(word[: len(lower)], lower)


def has_scheme(word: Bytes) -> bool:
    """Whether a word names a protocol: `NAME://`."""
    end = find_byte(word, COLON, 0)
    return end < len(word) and starts_with(word[end + 1 :], b"//")
