"""Muon: momentum whose update is replaced by the nearest orthogonal matrix.

For weight matrices only; stacked parameters [layers, out, in] are orthogonalised as one batch.
The five Newton-Schulz steps use the quintic polynomial of K. Jordan et al., "Muon: an optimizer
for hidden layers in neural networks" (2024).
"""

# mypy: disable-error-code="misc, untyped-decorator, no-any-return"

from typing import Any

import torch

QUINTIC = (3.4445, -4.7750, 2.0315)
STEPS = 5


def orthogonalise(matrices: torch.Tensor) -> torch.Tensor:
    """Returns matrices [..., rows, columns] with all singular values moved close to 1."""
    a, b, c = QUINTIC
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if is_tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.mT if is_tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, with decoupled weight decay."""

    def __init__(
        self, parameters: list[torch.Tensor], lr: float, momentum: float, decay: float
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:
        """Applies one update to every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)

    def _update(self, parameter: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        momentum = state["momentum"]
        momentum.lerp_(parameter.grad, 1 - group["momentum"])
        direction = orthogonalise(parameter.grad.lerp(momentum, group["momentum"]))
        rows, columns = parameter.shape[-2:]
        scale = max(1.0, rows / columns) ** 0.5
        parameter.mul_(1 - group["lr"] * group["decay"])
        parameter.add_(direction, alpha=-group["lr"] * scale)
