"""Measures the artifacts: bytes of kernel and image."""

from swiftos import artifacts
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric


def measure() -> list[Metric]:
    """Returns the sizes that the project bounds."""
    sizes = artifacts.footprint()
    return [
        one("size.kernel-memory", sizes.kernel_memory),
        one("size.base-without-models", sizes.base_without_models),
        one("size.base-image", sizes.base_image),
    ]
