"""The files of the resolver: `/etc/resolv.conf` and `/etc/hosts`, as bytes.

`#` and `;` begin comments. What a line says that is not known, or wrong, is passed over.
"""

from __future__ import annotations

from bare import Bytes, struct, u8, u32, usize
from user.lib.net.address import parse_address, parse_number
from user.lib.net.dns_lookup import Lookup
from user.lib.net.dns_name import is_same_name
from user.lib.strings import find_byte, starts_with

NEWLINE = ord("\n")
RETURN = ord("\r")
SPACE = ord(" ")
TAB = ord("\t")
HASH = ord("#")
SEMICOLON = ord(";")
NO_ADDRESS: u32 = 0
MOST_TIMEOUT_S: u32 = 30
MOST_ATTEMPTS: u32 = 5
MS_PER_SECOND: u32 = 1000
TIMEOUT = b"timeout:"
ATTEMPTS = b"attempts:"


@struct
class Words:
    """Walks over the words of a line up to its comment; `word` is what `next` stepped to."""

    line: Bytes
    position: usize = 0
    word: Bytes = b""

    def next(self) -> bool:
        """Steps to the next word; False when there is none."""
        line = self.line
        start = self.position
        while start < len(line) and is_blank(line[start]):
            start += 1
        end = start
        while end < len(line) and not is_blank(line[end]) and line[end] not in (HASH, SEMICOLON):
            end += 1
        self.word = line[start:end]
        self.position = end
        return end > start


def is_blank(byte: u8) -> bool:
    """Whether a byte separates words."""
    return byte in (SPACE, TAB, RETURN)


def read_resolver_settings(content: Bytes, lookup: Lookup) -> None:
    """Takes `nameserver ADDRESS` and `options timeout:SECONDS attempts:NUMBER`."""
    start: usize = 0
    while start < len(content):
        end = find_byte(content, NEWLINE, start)
        words = Words(content[start:end])
        if words.next():
            if words.word == b"nameserver":
                add_server(words, lookup)
            elif words.word == b"options":
                while words.next():
                    take_option(words.word, lookup)
        start = end + 1


def add_server(words: Words, lookup: Lookup) -> None:
    """Takes the server that a line names."""
    try:
        if words.next():
            lookup.add_server(parse_address(words.word))
    except OSError:
        return


def take_option(option: Bytes, lookup: Lookup) -> None:
    """Takes one option."""
    try:
        if starts_with(option, TIMEOUT):
            seconds = parse_number(option[len(TIMEOUT) :], MOST_TIMEOUT_S)
            lookup.first_timeout_ms = max(seconds, 1) * MS_PER_SECOND
        elif starts_with(option, ATTEMPTS):
            attempts = parse_number(option[len(ATTEMPTS) :], MOST_ATTEMPTS)
            lookup.attempts = max(attempts, 1)
    except OSError:
        return


def find_in_hosts(content: Bytes, name: Bytes) -> u32:
    """Returns the IPv4 address that a hosts file gives `name`; NO_ADDRESS for none."""
    start: usize = 0
    while start < len(content):
        end = find_byte(content, NEWLINE, start)
        address = address_for(content[start:end], name)
        if address != NO_ADDRESS:
            return address
        start = end + 1
    return NO_ADDRESS


def address_for(line: Bytes, name: Bytes) -> u32:
    """Returns the address of one line, if it is one that the line gives `name`."""
    words = Words(line)
    if not words.next():
        return NO_ADDRESS
    try:
        address = parse_address(words.word)
        while words.next():
            if is_same_name(words.word, name):
                return address
    except OSError:
        pass
    return NO_ADDRESS
