"""`NewReno`: congestion control by RFC 5681 and RFC 6582."""

from __future__ import annotations

from bare import struct, u32, u64
from kernel.net.tcp.congestion import CongestionControl


@struct
class NewReno(CongestionControl):
    """Slow start, congestion avoidance, halving."""

    def start(self, segment: u32) -> None:
        self.segment = segment

    def acknowledged(self, count: u32, now_ms: u64, round_trip_ms: u32) -> None:
        self.window += count

    def loss_noticed(self, in_flight: u32, now_ms: u64) -> None:
        self.window = in_flight // 2

    def timed_out(self, in_flight: u32, now_ms: u64) -> None:
        self.window = self.segment

    def idle(self, now_ms: u64) -> None:
        self.window = self.segment
