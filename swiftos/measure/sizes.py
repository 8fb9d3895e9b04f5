"""Measures the artifacts: bytes of kernel and image."""

from swiftos import artifacts
from swiftos.evidence.record import Direction, Domain, Metric, Sample


def measure() -> list[Metric]:
    """Returns the sizes that the project bounds."""
    sizes = artifacts.footprint()
    return [
        _bytes("kernel.bin plus zeroed memory", sizes.kernel_memory),
        _bytes("base.img without models", sizes.base_without_models),
        _bytes("base.img", sizes.base_image),
    ]


def _bytes(name: str, value: int) -> Metric:
    sample = (Sample(float(value), 0),)
    return Metric(name, "bytes", Domain.EXACT, Direction.LOWER, sample)
