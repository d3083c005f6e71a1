"""The paper's protocol in plain PyTorch, as tutorials write it: what `nst` is measured against.

White noise, one size, float32, 500 evaluations of torch's L-BFGS with strong Wolfe over pixels.
"""

import time

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.objective import Objective
from nst.method.synthesis import Row
from nst.method.vgg import VGG19

PROTOCOL = 500  # evaluations


class PlainNetwork(torch.nn.Module):
    """A network of ours, layer by layer in float32, NCHW."""

    def __init__(self, ours: VGG19) -> None:
        super().__init__()
        self.ours = ours.float().to(memory_format=torch.contiguous_format)

    def forward(self, x: Tensor, layers: list[str]) -> dict[str, Tensor]:
        x, responses = self.ours.preprocessing(x), {}
        for name in self.ours.layers:
            if name.startswith("pool"):
                x = F.avg_pool2d(x, 2, ceil_mode=True)  # as Caffe does
            else:
                W, b = (self.ours.get_buffer(f"{name}_{part}") for part in ("weight", "bias"))
                x = F.relu(F.conv2d(x, W, b, padding=1))
            if name in layers:
                responses[name] = x
        return responses


def protocol(objective: Objective, start: Tensor) -> tuple[list[Row], float]:
    """Synthesize from a start (1, 3, H, W); return a row per evaluation and the picture's loss.

    Pixels are not bounded; the picture is the last image with its pixels clipped.
    """
    x = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [x], max_iter=PROTOCOL, max_eval=PROTOCOL, tolerance_grad=0, tolerance_change=0,
        line_search_fn="strong_wolfe", history_size=100,
    )  # fmt: skip
    rows: list[Row] = []
    begin = time.perf_counter()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = objective(x).total.sum()
        loss.backward()
        row = {"evaluation": len(rows) + 1, "total": loss.item()}
        rows.append(row | {"seconds": time.perf_counter() - begin})
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        picture = objective(x.clamp(0, 1)).total.item()
    return rows, picture
