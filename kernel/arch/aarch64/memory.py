"""Copying and clearing of whole pages."""

from __future__ import annotations

from bare import u64
from bare.unsafe import span_at
from kernel.arch.aarch64.layout import PAGE_SIZE, VirtAddr

WORDS = PAGE_SIZE // 8


def copy_page(target: VirtAddr, source: VirtAddr) -> None:
    """Copies a page; both are page aligned addresses of the linear map."""
    # SAFETY: callers own the target and hold a reference to the source.
    span_at(u64, target, WORDS).copy_from(span_at(u64, source, WORDS))
