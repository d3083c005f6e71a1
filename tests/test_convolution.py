"""Convolutions are torch's, whichever algorithm computes them."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.convolution import Winograd, convolve, layout, nnpack_gains, winograd_pays
from nst.method.losses import gram_matrix
from nst.method.vgg import VGG19, random_weights

SHAPES = [(40, 50), (41, 57), (20, 20)]  # the last too small to pay
WAYS = [convolve, Winograd.apply]  # also where Winograd's does not gain


def inputs(height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(1, 32, height, width, generator=generator)
    weight = torch.randn(48, 32, 3, 3, generator=generator) / 17
    return x, weight, torch.randn(48, generator=generator)


@pytest.mark.parametrize(("height", "width"), SHAPES)
@pytest.mark.parametrize("way", WAYS, ids=["convolve", "winograd"])
def test_response_and_gradient_are_those_of_a_plain_convolution_in_float64(
    way: Callable[..., Tensor], height: int, width: int
) -> None:
    if way is not convolve and not torch._nnpack_available():
        pytest.skip("this build of torch has no NNPACK")
    x, weight, bias = inputs(height, width)
    exact = x.double().requires_grad_()
    expected = F.conv2d(exact, weight.double(), bias.double(), padding=1)
    x.requires_grad_()
    found = way(x, weight, bias)
    assert (found - expected).norm() < 1e-5 * expected.norm()
    direction = torch.randn(found.shape, generator=torch.Generator().manual_seed(2))
    (gradient,) = torch.autograd.grad((found * direction).sum(), x)
    (reference,) = torch.autograd.grad((expected * direction).sum(), exact)
    assert (gradient - reference).norm() < 1e-5 * reference.norm()


def test_responses_and_gradients_keep_the_layout_in_which_they_are_convolved() -> None:
    """Copies from one layout to the other took up to a third of an evaluation."""
    for dtype in (torch.float32, torch.bfloat16):
        order = layout(torch.device("cpu"), dtype)
        network = VGG19(random_weights(1 / 4), deepest="conv2_1").to(dtype).to(memory_format=order)
        responses = network(torch.rand(1, 3, 20, 24).requires_grad_(), network.layers)
        gradients = torch.autograd.grad(
            gram_matrix(responses["conv2_1"]).sum(), responses["conv2_1"]
        )
        for F_l in (*responses.values(), *gradients):
            assert F_l.is_contiguous(memory_format=order), (dtype, F_l.shape, F_l.stride())


def test_the_same_input_gives_the_same_bytes() -> None:
    x, weight, bias = inputs(40, 50)
    assert torch.equal(convolve(x, weight, bias), convolve(x, weight, bias))


def test_winograd_is_for_large_float32_inputs_and_fixed_filters() -> None:
    x, weight, _ = inputs(40, 50)
    assert winograd_pays(x, weight) == nnpack_gains()
    assert not winograd_pays(x[..., :20, :20], weight)
    assert not winograd_pays(x.double(), weight.double())
    assert not winograd_pays(x.bfloat16(), weight.bfloat16())
    assert not winograd_pays(x, weight.clone().requires_grad_())
    assert not winograd_pays(x[:, :3], weight[:, :3])  # an image
