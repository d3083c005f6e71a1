"""The paper's protocol in plain PyTorch, as tutorials write it: what `nst` is measured against.

White noise, one size, float32, 500 evaluations of torch's L-BFGS with strong Wolfe over pixels.
"""

import time

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.objective import Objective

PROTOCOL = 500  # evaluations


class PlainNetwork(torch.nn.Module):
    """The network of an objective, layer by layer in float32, NCHW."""

    def __init__(self, objective: Objective) -> None:
        super().__init__()
        ours = objective.network
        self.preprocessing, self.layers = ours.preprocessing, ours.layers
        for name in self.layers:
            if name.startswith("conv"):
                W = ours.get_buffer(f"{name}_weight").float().contiguous()
                self.register_buffer(f"{name}_weight", W)
                self.register_buffer(f"{name}_bias", ours.get_buffer(f"{name}_bias").float())

    def forward(self, x: Tensor, layers: list[str]) -> dict[str, Tensor]:
        x, responses = self.preprocessing(x), {}
        for name in self.layers:
            if name.startswith("pool"):
                x = F.avg_pool2d(x, 2, ceil_mode=True)  # as Caffe does
            else:
                W, b = self.get_buffer(f"{name}_weight"), self.get_buffer(f"{name}_bias")
                x = F.relu(F.conv2d(x, W, b, padding=1))
            if name in layers:
                responses[name] = x
        return responses


def protocol(objective: Objective, start: Tensor) -> tuple[list[float], list[float], float]:
    """Synthesize from a start (1, 3, H, W): losses, seconds at each, and the loss of the picture.

    Pixels are not bounded; the picture is the last image with its pixels clipped.
    """
    x = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [x], max_iter=PROTOCOL, max_eval=PROTOCOL, tolerance_grad=0, tolerance_change=0,
        line_search_fn="strong_wolfe", history_size=100,
    )  # fmt: skip
    losses, clock, begin = [], [], time.perf_counter()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = objective(x).total.sum()
        loss.backward()
        losses.append(loss.item())
        clock.append(time.perf_counter() - begin)
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        picture = objective(x.clamp(0, 1)).total.item()
    return losses, clock, picture
