"""Segments as lines of a script, in numbers that count from where each side began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MASK = 0xFFFF_FFFF
BASE_MS = 1_000_000
"""The clock at the start of a script."""
PEER_INITIAL = 0xFFFF_FFC0
PEER_CLOCK = 0xFFFF_FF00
LETTERS = {"S": "is_syn", "R": "is_rst", "F": "is_fin", "P": "is_psh", "A": "is_ack"}
OPTIONS = ("ack", "win", "mss", "ws", "sackok", "ts", "sack")


@dataclass
class Notation:
    """Where both sides begin, and the peer's last window."""

    our_initial: int = 0
    peer_initial: int = PEER_INITIAL
    clock_offset: int = 0
    window: int = 10_000

    def parse(self, words: list[str], segment: Any) -> None:
        """Writes a line as the segment of the peer."""
        segment.clear()
        for letter in words[0]:
            setattr(segment, LETTERS[letter], True)
        sequence, _, length = words[1].partition("+")
        segment.sequence = (self.peer_initial + int(sequence)) & MASK
        segment.payload_length = int(length or 0)
        segment.source_port, segment.destination_port = 1000, 80
        options = options_of(words[2:])
        if "ack" in options:
            segment.acknowledgment = (self.our_initial + int(options["ack"][0])) & MASK
        if "win" in options:
            self.window = int(options["win"][0])
        segment.window = self.window
        segment.mss = int(options.get("mss", ["0"])[0])
        segment.has_window_scale = "ws" in options
        segment.window_shift = int(options.get("ws", ["0"])[0])
        segment.is_sack_permitted = "sackok" in options
        if "ts" in options:
            value, echo = options["ts"]
            segment.has_timestamps = True
            segment.timestamp = (PEER_CLOCK + int(value)) & MASK
            segment.timestamp_echo = (int(echo) + BASE_MS + self.clock_offset) & MASK
        for index, block in enumerate(options.get("sack", [])):
            left, right = (int(edge) for edge in block.split("-"))
            segment.sack[index].left = (self.our_initial + left) & MASK
            segment.sack[index].right = (self.our_initial + right) & MASK
            segment.sack_count = index + 1

    def describe(self, header: Any) -> str:
        """Writes a segment that we send as a line."""
        flags = "".join(letter for letter, name in LETTERS.items() if getattr(header, name))
        length = f"+{header.payload_length}" if header.payload_length else ""
        words = [flags, f"{signed(header.sequence - self.our_initial)}{length}"]
        if header.is_ack:
            words += ["ack", str(signed(header.acknowledgment - self.peer_initial))]
        words += ["win", str(header.window)]
        if header.mss:
            words += ["mss", str(header.mss)]
        if header.has_window_scale:
            words += ["ws", str(header.window_shift)]
        if header.is_sack_permitted:
            words += ["sackok"]
        if header.has_timestamps:
            value = signed(header.timestamp - BASE_MS - self.clock_offset)
            echo = signed(header.timestamp_echo - PEER_CLOCK) if header.timestamp_echo else 0
            words += ["ts", str(value), str(echo)]
        if header.sack_count:
            words.append("sack")
        for index in range(header.sack_count):
            block = header.sack[index]
            left, right = (signed(edge - self.peer_initial) for edge in (block.left, block.right))
            words.append(f"{left}-{right}")
        return " ".join(words)


def signed(difference: int) -> int:
    """Returns a difference of numbers that wrap around, as one near zero."""
    difference &= MASK
    return difference - (MASK + 1) if difference > MASK // 2 else difference


def options_of(words: list[str]) -> dict[str, list[str]]:
    """Groups words under the options that they follow."""
    options: dict[str, list[str]] = {}
    for word in words:
        if word in OPTIONS:
            options[word] = []
        else:
            options[list(options)[-1]].append(word)
    return options
