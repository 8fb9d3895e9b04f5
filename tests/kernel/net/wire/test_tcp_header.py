"""TCP headers: options both ways, and what malformed ones come to."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare
from tests.support import frames

wire = bare.load("kernel/net/wire/tcp.py")
OURS, PEER = ("10.0.2.15", 80), ("10.0.2.2", 40000)
numbers = st.integers(0, 2**32 - 1)


def parse(segment: bytes) -> Any:
    header = wire.TcpHeader()
    return header if wire.parse_tcp(segment, header) else None


def segment(options: bytes = b"", payload: bytes = b"") -> bytes:
    padded = options + bytes(-len(options) % 4)
    return frames.tcp(PEER, OURS, 1, 2, frames.ACK, payload, options=padded)


@st.composite
def headers(draw: st.DrawFn) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "sequence": draw(numbers),
        "acknowledgment": draw(numbers),
        "flags": draw(st.integers(0, 63)),
        "window": draw(st.integers(0, 65535)),
    }
    if draw(st.booleans()):
        fields["segment_size"] = draw(st.integers(1, 65535))
    if draw(st.booleans()):
        fields |= {"has_window_scale": True, "window_scale": draw(st.integers(0, 14))}
    fields["is_sack_permitted"] = draw(st.booleans())
    if draw(st.booleans()):
        fields |= {
            "has_timestamps": True, "timestamp": draw(numbers), "timestamp_echo": draw(numbers)
        }  # fmt: skip
    used = 4 * ("segment_size" in fields) + 4 * ("has_window_scale" in fields)
    used += 12 if "has_timestamps" in fields else 4 * fields["is_sack_permitted"]
    room = min((40 - used - 4) // 8, 4)
    fields["blocks"] = draw(st.lists(st.tuples(numbers, numbers), max_size=max(room, 0)))
    return fields


@given(headers(), st.binary(max_size=20))
def test_built_headers_read_the_same(fields: dict[str, Any], payload: bytes) -> None:
    blocks = fields.pop("blocks")
    header = wire.TcpHeader(source_port=80, destination_port=40000, **fields)
    header.sack_count = len(blocks)
    for index, (left, right) in enumerate(blocks):
        header.sack_blocks[index].left = left
        header.sack_blocks[index].right = right
    built = bytearray(60)
    length = wire.build_tcp(built, header)
    assert length == wire.tcp_header_length(header)
    data = bytes(built[:length]) + payload
    seen = frames.Packet(*("10.0.2.15", "10.0.2.2"), frames.TCP, 0, 0, 64, data).segment()
    assert (seen.source_port, seen.destination_port) == (80, 40000)
    assert (seen.sequence, seen.acknowledgement) == (fields["sequence"], fields["acknowledgment"])
    assert (seen.flags, seen.window, seen.payload) == (fields["flags"], fields["window"], payload)
    expected = {}
    if "segment_size" in fields:
        expected[2] = struct.pack(">H", fields["segment_size"])
    if "has_window_scale" in fields:
        expected[3] = bytes([fields["window_scale"]])
    if fields["is_sack_permitted"]:
        expected[4] = b""
    if blocks:
        expected[5] = b"".join(struct.pack(">II", *block) for block in blocks)
    if "has_timestamps" in fields:
        expected[8] = struct.pack(">II", fields["timestamp"], fields["timestamp_echo"])
    assert seen.options == expected
    again = parse(data)
    assert again.length == length
    for name, value in fields.items():
        assert getattr(again, name) == value, name
    found = [
        (again.sack_blocks[i].left, again.sack_blocks[i].right) for i in range(again.sack_count)
    ]
    assert found == blocks


def test_lengths_are_checked() -> None:
    whole = segment(b"\x01\x01\x01\x01")
    assert parse(whole) is not None
    assert parse(whole[:19]) is None
    assert parse(whole[:23]) is None
    for words in range(5):
        wrong = bytearray(whole)
        wrong[12] = words << 4
        assert parse(bytes(wrong)) is None


@pytest.mark.parametrize(
    "options",
    [
        b"\x02",
        b"\x02\x00\x05\xb4",
        b"\x02\x01\x05\xb4",
        b"\x02\x09\x05\xb4",
        b"\x02\x03\x05",
        b"\x08\x0a\x00\x00",
        b"\x05\x0b" + bytes(9),
    ],
    ids=[
        "kind only",
        "length 0",
        "1",
        "beyond the end",
        "MSS of 3",
        "timestamps cut",
        "SACK of 11",
    ],
)
def test_malformed_options_are_not_there(options: bytes) -> None:
    header = parse(segment(b"\x03\x03\x07" + options))
    assert (header.has_window_scale, header.window_scale) == (True, 7)
    assert header.segment_size == 0
    assert not header.has_timestamps
    assert header.sack_count == 0


def test_unknown_options_are_skipped() -> None:
    header = parse(segment(b"\xfe\x04\x01\x02" + b"\x1e\x02" + b"\x02\x04\x05\xb4"))
    assert header.segment_size == 1460


def test_nothing_counts_behind_the_end_of_options() -> None:
    assert parse(segment(b"\x00\x02\x04\x05\xb4")).segment_size == 0


def test_window_scale_above_14_is_14() -> None:
    assert parse(segment(b"\x03\x03\xff")).window_scale == 14


def test_options_of_one_segment_are_not_the_next_ones() -> None:
    header = wire.TcpHeader()
    assert wire.parse_tcp(segment(b"\x02\x04\x05\xb4\x04\x02\x03\x03\x07\x01"), header)
    assert wire.parse_tcp(segment(), header)
    assert (header.segment_size, header.is_sack_permitted, header.has_window_scale) == (0, 0, 0)
