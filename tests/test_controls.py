"""The controls beyond the paper, in the loss: blends, layer weights, masks, total variation."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nst.method.losses import gram_matrix, guided_gram_matrix, total_variation
from nst.method.objective import Artwork, Losses, Objective, guide, loss_and_gradient
from nst.method.pixels import to_grey
from nst.method.vgg import LAYERS, VGG19, stride

CONTENT = ["conv2_2"]
STYLE = ["conv1_1", "conv2_1", "conv3_1"]
HALF = torch.zeros(1, 1, 32, 32)
HALF[..., 16:] = 1.0  # the right half
Artworks = Tensor | list[Artwork]


@pytest.fixture
def x() -> Tensor:
    return torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(4))


@pytest.fixture
def other() -> Tensor:
    """Another artwork."""
    return torch.rand(1, 3, 40, 20, generator=torch.Generator().manual_seed(6))


@pytest.fixture
def style(network: VGG19, photograph: Tensor, x: Tensor) -> Callable[..., Losses]:
    """L_style of x against artworks, with settings of the objective."""

    def losses(artworks: Artworks, layers: list[str] = STYLE, **settings: object) -> Losses:
        return Objective(network, photograph, artworks, 0.0, 1.0, [], layers, "relative",
                         **settings)(x)  # type: ignore[arg-type]  # fmt: skip

    return losses


def test_a_blend_of_an_artwork_with_itself_is_that_artworks(
    style: Callable[..., Losses], artwork: Tensor
) -> None:
    blend = style([Artwork(artwork, 3.0), Artwork(artwork, 1.0)])
    assert blend.style.equal(style(artwork).style)
    assert blend.raw.keys() == style(artwork).raw.keys()


def test_a_blend_is_the_weighted_mean_of_what_each_artwork_gives(
    style: Callable[..., Losses], artwork: Tensor, other: Tensor
) -> None:
    blend = style([Artwork(artwork, 3.0), Artwork(other, 1.0)])
    expected = 0.75 * style(artwork).style + 0.25 * style(other).style
    torch.testing.assert_close(blend.style, expected)
    again = style([Artwork(artwork, 0.3), Artwork(other, 0.1)])
    torch.testing.assert_close(again.style, expected)
    assert style([Artwork(artwork), Artwork(other, 0.0)]).style.equal(style(artwork).style)


def test_the_colour_of_x_counts_unless_brightness_alone_is_painted(
    network: VGG19, photograph: Tensor, artwork: Tensor
) -> None:
    x = photograph.flip(2)
    for grey in (False, True):
        objective = Objective(network, to_grey(photograph), to_grey(artwork), 1.0, 1.0, CONTENT,
                              STYLE, grey=grey)  # fmt: skip
        assert objective(x).total.equal(objective(to_grey(x)).total) is grey


def test_layer_weights_scaled_by_c_scale_the_style_loss_by_c(
    style: Callable[..., Losses], artwork: Tensor
) -> None:
    w = [1.0, 0.5, 0.25]
    found, scaled = (style(artwork, style_weights=[c * v for v in w]) for c in (1.0, 4.0))
    assert scaled.style.equal(4 * found.style)
    assert scaled.raw == found.raw
    for name, v in zip(STYLE, w, strict=True):
        alone = style(artwork, [name]).style
        torch.testing.assert_close(found.weighted[f"style_{name}"], v * alone)


def test_equal_layer_weights_that_sum_to_1_are_the_papers(
    style: Callable[..., Losses], artwork: Tensor
) -> None:
    assert style(artwork, style_weights=[1 / 3] * 3).style.equal(style(artwork).style)
    only = style(artwork, style_weights=[0.0, 1.0, 0.0])
    torch.testing.assert_close(only.style, style(artwork, ["conv2_1"]).style)


@pytest.mark.parametrize("value", [1.0, 0.25])
def test_a_mask_of_equal_values_is_no_mask(
    network: VGG19, photograph: Tensor, artwork: Tensor, x: Tensor, value: float
) -> None:
    def found(artworks: Artworks) -> tuple[Losses, Tensor]:
        return loss_and_gradient(
            Objective(network, photograph, artworks, 1.0, 1.0, CONTENT, STYLE, "relative"), x
        )

    masked, plain = (
        found([Artwork(artwork, 1.0, torch.full((1, 1, 32, 32), value))]),
        found(artwork),
    )
    assert masked[0].total.equal(plain[0].total)
    torch.testing.assert_close(masked[1], plain[1])


def test_a_guided_gram_matrix_is_that_of_the_guides_positions() -> None:
    F = torch.randn(2, 3, 4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    T = torch.zeros(1, 1, 4, 6, dtype=torch.float64)
    T[..., :2] = 0.7
    G, part = guided_gram_matrix(F, T), gram_matrix(F[..., :2].contiguous())
    torch.testing.assert_close(G / 24, part / 8)  # M, and the positions of the part
    grey = torch.rand(1, 1, 4, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weights = grey.square() / grey.square().mean()
    expected = torch.einsum("bihw,bjhw,hw->bij", F, F, weights[0, 0])
    torch.testing.assert_close(guided_gram_matrix(F, grey), expected)


@pytest.mark.parametrize("height", [32, 37])
@pytest.mark.parametrize("layer", ["conv1_1", "pool2", "conv5_1"])
def test_a_guide_has_its_layers_size(network: VGG19, layer: str, height: int) -> None:
    assert layer in LAYERS
    T = guide(torch.ones(1, 1, height, 50), layer)
    assert T.shape[2:] == network(torch.rand(1, 3, height, 50), [layer])[layer].shape[2:]
    assert T.equal(torch.ones_like(T))
    mask = torch.zeros(1, 1, height, 50)
    mask[..., 0, 0] = 1.0
    assert guide(mask, layer)[0, 0, 0, 0] == pytest.approx(1 / stride(layer) ** 2)


def test_nothing_is_painted_where_the_mask_is_black(
    network: VGG19, artwork: Tensor, x: Tensor
) -> None:
    objective = Objective(network, None, [Artwork(artwork, 1.0, HALF)], 0.0, 1.0, [], STYLE)
    losses, gradient = loss_and_gradient(objective, x)
    reach = 12  # pixels that a position of conv3_1 sees beyond its own
    assert gradient[..., : 16 - reach].abs().max() == 0
    assert gradient[..., 16:].abs().amin((0, 1)).min() > 0
    changed = x.clone()
    changed[..., : 16 - reach] = 0.0
    assert objective(changed).total.equal(losses.total)


def test_two_artworks_each_paint_where_their_mask_is_white(
    style: Callable[..., Losses], artwork: Tensor, other: Tensor
) -> None:
    right, left = Artwork(artwork, 1.0, HALF), Artwork(other, 1.0, 1 - HALF)
    both = style([right, left]).style
    torch.testing.assert_close(both, (style([right]).style + style([left]).style) / 2)
    mixed = style([right, Artwork(other)]).style
    torch.testing.assert_close(mixed, (style([right]).style + style(other).style) / 2)


def test_total_variation_adds_squares_of_differences_to_neighbours() -> None:
    x = torch.tensor([[[[0.0, 1.0, 1.0], [0.0, 3.0, 1.0]]]])
    # down 0, 4, 0 and right 1, 0, 9, 4, over 6 positions
    assert total_variation(x).tolist() == [3.0]
    assert total_variation(torch.cat([x, x], 1)).tolist() == [6.0]
    assert total_variation(torch.full((2, 3, 4, 5), 0.7)).tolist() == [0.0, 0.0]


def test_variation_is_a_term_of_the_total(
    network: VGG19, photograph: Tensor, artwork: Tensor, x: Tensor
) -> None:
    arguments = (network, photograph, artwork, 0.1, 1.0, CONTENT, STYLE, "relative")
    plain, smooth = Objective(*arguments)(x), Objective(*arguments, tv_weight=2.5)(x)
    assert "variation" not in plain.raw
    assert smooth.raw["variation"].equal(total_variation(x))
    torch.testing.assert_close(smooth.total, plain.total + 2.5 * total_variation(x))
    assert torch.stack(list(smooth.weighted.values())).sum() == pytest.approx(smooth.total.item())


def test_the_gradient_of_every_control_is_that_of_finite_differences(
    photograph: Tensor, artwork: Tensor, other: Tensor, weights: dict[str, Tensor], x: Tensor
) -> None:
    network = VGG19(weights, deepest="conv3_1").double()
    blend = [Artwork(artwork.double(), 2.0, HALF.double()), Artwork(other.double(), 1.0)]
    objective = Objective(network, photograph.double(), blend, 0.1, 1.0, CONTENT, STYLE, "relative",
                          [1.0, 2.0, 3.0], 0.1)  # fmt: skip
    x, step = x.double(), 1e-6
    _, gradient = loss_and_gradient(objective, x)
    direction = torch.rand_like(x) - 0.5
    with torch.no_grad():
        ahead, behind = (objective(x + s * step * direction).total for s in (1, -1))
    slope = ((ahead - behind) / (2 * step)).item()
    assert slope == pytest.approx((gradient * direction).sum().item(), rel=1e-4)
