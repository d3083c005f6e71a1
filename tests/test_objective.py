"""The loss of an image: against the formulas written out anew, and finite differences."""

import pytest
import torch
from torch import Tensor

from nst.inputs.weights import Weights
from nst.method.objective import Objective, loss_and_gradient
from nst.method.vgg import VGG19, random_weights

CONTENT = ["conv2_2", "conv4_2"]
STYLE = ["conv1_1", "conv2_1", "conv3_1"]


@pytest.fixture
def x() -> Tensor:
    return torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("loss_scaling", ["relative", "normalized"])
def test_losses_are_means_in_the_units_of_the_loss_scaling(
    network: VGG19, x: Tensor, photograph: Tensor, artwork: Tensor, loss_scaling: str
) -> None:
    alpha, beta = 0.25, 2.0
    losses = Objective(network, photograph, artwork, alpha, beta, CONTENT, STYLE, loss_scaling)(x)
    F, P, S = (network(image, CONTENT + STYLE) for image in (x, photograph, artwork))
    squares = {
        name: R.square().mean() if loss_scaling == "relative" else 1 for name, R in P.items()
    }
    content = sum((F[name] - P[name]).square().mean() / squares[name] for name in CONTENT)
    content = torch.as_tensor(content) / (x.shape[2] * x.shape[3])
    style = torch.zeros(())
    for name in STYLE:
        G, A = (torch.einsum("bihw,bjhw->ij", R, R) / squares[name] / R[0, 0].numel()
                for R in (F[name], S[name]))  # fmt: skip
        style = style + (G - A).square().mean() / 4 / len(STYLE)
    torch.testing.assert_close(losses.content, alpha * content[None])
    torch.testing.assert_close(losses.style, beta * style[None])
    torch.testing.assert_close(losses.total, losses.content + losses.style)


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_relative_losses_do_not_depend_on_the_scale_of_responses(
    weights: Weights, x: Tensor, photograph: Tensor, artwork: Tensor, scale: float
) -> None:
    scaled = {name: scale * W if name.startswith("conv1_1.") else W for name, W in weights.items()}
    found = [
        Objective(VGG19(W), photograph, artwork, 0.1, 1.0, CONTENT, STYLE, "relative")(x)
        for W in (weights, scaled)
    ]  # biases are 0: every response is scaled
    torch.testing.assert_close(found[0].content, found[1].content, rtol=1e-4, atol=0)
    torch.testing.assert_close(found[0].style, found[1].style, rtol=1e-4, atol=0)


def test_a_target_without_any_response_leaves_losses_finite(network: VGG19, x: Tensor) -> None:
    dead = VGG19({name: torch.zeros_like(W) for name, W in random_weights(1 / 8).items()})
    objective = Objective(dead, x, x, 1.0, 1.0, CONTENT, STYLE, "relative")
    assert objective(x).total.item() == 0


def test_literal_loss_scaling_is_the_papers_formula(
    network: VGG19, x: Tensor, photograph: Tensor
) -> None:
    alpha, beta = 1e-3, 5.0
    losses = Objective(network, photograph, photograph.flip(2), alpha, beta, CONTENT, STYLE,
                       "literal")(x)  # fmt: skip
    F, P, S = (network(image, CONTENT + STYLE) for image in (x, photograph, photograph.flip(2)))
    content = sum(0.5 * ((F[name] - P[name]) ** 2).sum() for name in CONTENT)
    style = torch.zeros(())
    for name in STYLE:
        R, T = F[name][0].flatten(1), S[name][0].flatten(1)
        N, M = R.shape
        E = ((R @ R.T - T @ T.T) ** 2).sum() / (4 * N**2 * M**2)
        torch.testing.assert_close(losses.raw[f"style_{name}"], E[None])
        style = style + E / len(STYLE)
    torch.testing.assert_close(losses.total, (alpha * content + beta * style)[None])


@pytest.mark.parametrize("loss_scaling", ["relative", "literal", "normalized"])
def test_there_is_no_loss_and_no_gradient_at_the_target(
    network: VGG19, photograph: Tensor, loss_scaling: str
) -> None:
    objective = Objective(network, photograph, photograph, 1.0, 1.0, CONTENT, STYLE, loss_scaling)
    x = photograph.clone().requires_grad_()
    losses = objective(x)
    (gradient,) = torch.autograd.grad(losses.total.sum(), x)
    assert losses.total.item() == 0
    assert gradient.abs().max() == 0
    assert objective(photograph.flip(3)).total.item() > 0


@pytest.mark.parametrize("loss_scaling", ["relative", "literal", "normalized"])
def test_the_parts_add_up_to_the_total(
    network: VGG19, x: Tensor, photograph: Tensor, artwork: Tensor, loss_scaling: str
) -> None:
    losses = Objective(network, photograph, artwork, 0.1, 3.0, CONTENT, STYLE, loss_scaling)(x)
    weighted = losses.weighted
    content = torch.stack([weighted[f"content_{name}"] for name in CONTENT]).sum(0)
    style = torch.stack([weighted[f"style_{name}"] for name in STYLE]).sum(0)
    assert set(weighted) == set(losses.raw)
    assert len(weighted) == len(CONTENT) + len(STYLE)
    torch.testing.assert_close(losses.content, content)
    torch.testing.assert_close(losses.style, style)
    torch.testing.assert_close(losses.total, content + style)


def test_style_layers_weigh_the_same(network: VGG19, x: Tensor, artwork: Tensor) -> None:
    losses = Objective(network, None, artwork, 0.0, 1.0, [], STYLE, "literal")(x)
    for name in STYLE:
        ratio = losses.weighted[f"style_{name}"] / losses.raw[f"style_{name}"]
        assert ratio.item() == pytest.approx(1 / 3)


def test_without_alpha_content_is_never_evaluated(x: Tensor, artwork: Tensor) -> None:
    shallow = VGG19(random_weights(1 / 8), deepest="conv1_1")  # cannot give conv5_1
    objective = Objective(shallow, None, artwork, 0.0, 1.0, ["conv5_1"], ["conv1_1"])
    losses = objective(x)
    assert losses.content.item() == 0
    assert losses.total.item() == losses.style.item() > 0


def test_without_beta_style_is_never_evaluated(x: Tensor, photograph: Tensor) -> None:
    shallow = VGG19(random_weights(1 / 8), deepest="conv1_1")
    objective = Objective(shallow, photograph, None, 1.0, 0.0, ["conv1_1"], ["conv5_1"])
    losses = objective(x)
    assert losses.style.item() == 0
    assert losses.total.item() == losses.content.item() > 0


def test_the_losses_of_a_batch_are_those_of_its_images(
    network: VGG19, x: Tensor, photograph: Tensor, artwork: Tensor
) -> None:
    objective = Objective(network, photograph, artwork, 1.0, 1.0, CONTENT, STYLE)
    batch = torch.cat([x, x.flip(2)])
    alone = torch.cat([objective(image[None]).total for image in batch])
    torch.testing.assert_close(objective(batch).total, alone)


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.0, 1.0), (0.1, 1.0)])
def test_the_gradient_is_that_of_finite_differences(alpha: float, beta: float) -> None:
    generator = torch.Generator().manual_seed(5)
    photograph, artwork, x, *directions = (
        torch.rand(1, 3, 16, 20, generator=generator, dtype=torch.float64) for _ in range(7)
    )
    network = VGG19(random_weights(1 / 32), deepest="conv3_1").double()
    objective = Objective(network, photograph, artwork, alpha, beta, ["conv2_2"], STYLE)
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(objective.double()(x).total.sum(), x)
    step = 1e-7
    for direction in directions:
        direction = direction - 0.5
        with torch.no_grad():
            ahead, behind = (objective(x + s * step * direction).total for s in (1, -1))
        slope = ((ahead - behind) / (2 * step)).item()
        assert slope == pytest.approx((gradient * direction).sum().item(), rel=1e-4, abs=1e-9)


def test_an_evaluation_gives_the_loss_and_its_gradient(
    network: VGG19, photograph: Tensor, artwork: Tensor
) -> None:
    objective = Objective(network, photograph, artwork, 1.0, 1.0, ["conv2_2"], ["conv1_1"])
    x = torch.rand_like(photograph)
    losses, gradient = loss_and_gradient(objective, x)
    step = 1e-2 * gradient / gradient.norm()
    assert objective(x - step).total < losses.total
    assert not x.requires_grad
