"""nst.inputs.images, tensors: resizing by area, white noise, and pictures from tensors and back."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nst.errors import InputError
from nst.files import sha256
from nst.inputs.images import (
    fit,
    load_image,
    load_init,
    load_mask,
    same_aspect,
    to_picture,
    to_tensor,
)
from nst.method.pixels import LARGEST, pink_noise, white_noise

MakePicture = Callable[..., Path]


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1000, 100), (3, 3)])
@pytest.mark.parametrize("size", [64, 512])
def test_fit_gives_the_area_of_the_square_and_keeps_the_aspect(
    width: int, height: int, size: int
) -> None:
    w, h = fit(width, height, size)
    exact = (size * (width / height) ** 0.5, size * (height / width) ** 0.5)
    assert (w, h) == (round(exact[0]), round(exact[1]))


def test_fit_never_gives_an_empty_image() -> None:
    assert fit(100_000, 1, 32) == (10119, 1)


def test_load_image_gives_a_batch_of_one_in_the_range(picture_file: MakePicture) -> None:
    path = picture_file(width=80, height=20)
    x = load_image(path, size=32, minimum=16)
    assert x.shape == (1, 3, 16, 64)
    assert x.dtype == torch.float32
    assert 0 <= x.min() < x.max() <= 1
    assert x.is_contiguous()


def test_load_image_at_the_files_own_size_gives_the_files_pixels(
    picture_file: MakePicture,
) -> None:
    path = picture_file(width=32, height=32)
    x = load_image(path, size=32, minimum=16)
    expected = np.asarray(Image.open(path)).astype(np.float32) / 255
    np.testing.assert_array_equal(x[0].permute(1, 2, 0).numpy(), expected)


def test_an_elongated_image_is_an_input_error_with_its_size(picture_file: MakePicture) -> None:
    path = picture_file(width=200, height=10)
    with pytest.raises(InputError, match=r"143 x 7 px at size=32.*16 px a side: raise size"):
        load_image(path, size=32, minimum=16)


def test_to_picture_and_to_tensor_are_inverse_on_8_bits() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)
    picture = Image.fromarray(levels)
    np.testing.assert_array_equal(np.asarray(to_picture(to_tensor(picture))), levels)


def test_to_picture_rounds_and_clips() -> None:
    x = torch.tensor([-1.0, 0.4999 / 255, 0.5001 / 255, 2.0]).expand(1, 3, 1, 4)
    assert np.asarray(to_picture(x))[0, :, 0].tolist() == [0, 0, 1, 255]


def test_a_result_can_be_the_start_at_every_size() -> None:
    rng = np.random.default_rng(0)
    for width, height in rng.integers(100, 4000, (300, 2)).tolist():
        if not 1 / 8 < width / height < 8:
            continue
        for made, wanted in itertools.permutations((56, 112, 137, 224, 448, 512), 2):
            assert same_aspect(fit(width, height, made), fit(width, height, wanted))
    assert not same_aspect((224, 224), (229, 219))
    assert not same_aspect((512, 384), (384, 512))


def test_load_start_has_the_size_that_is_asked_for(picture_file: MakePicture) -> None:
    path = picture_file(width=150, height=100)
    assert load_init(path, 137, 91).shape == (1, 3, 91, 137)
    with pytest.raises(InputError, match="crop it to 91 x 137 px"):
        load_init(path, 91, 137)


def strokes(mode: str, level: int, alpha: int) -> tuple[Image.Image, dict[str, int]]:
    """A mask whose left half has a level and an alpha, the rest transparent white; 8 x 4 px."""
    half, size = (0, 0, 4, 4), (8, 4)
    if mode in ("L", "I;16", "RGB"):  # a level that is transparent, on the right
        clear = {"L": 255, "I;16": 65535, "RGB": (255, 255, 255)}[mode]
        picture = Image.new(mode, size, clear)
        picture.paste({"L": level, "I;16": 257 * level, "RGB": (level,) * 3}[mode], half)
        return picture, {"transparency": clear}
    if mode == "P":
        picture = Image.new(mode, size, 1)
        picture.putpalette([level] * 3 + [255] * 3)
        picture.paste(0, half)
        return picture, {"transparency": bytes([alpha, 0])}
    clear, stroke = ((255, 0), (level, alpha))
    if mode == "RGBA":
        clear, stroke = (255, 255, 255, 0), (level, level, level, alpha)
    picture = Image.new(mode, size, clear)
    picture.paste(stroke, half)
    return picture, {}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("png", mode) for mode in ("RGBA", "LA", "P", "RGB", "L", "I;16")]
    + [("tif", "RGBA"), ("tif", "LA"), ("webp", "RGBA")],
)
@pytest.mark.parametrize(("level", "alpha"), [(250, 255), (250, 51), (100, 255), (0, 255)])
def test_a_mask_is_luminance_times_alpha(
    kind: str, mode: str, level: int, alpha: int, tmp_path: Path
) -> None:
    picture, options = strokes(mode, level, alpha)
    alpha = alpha if mode in ("RGBA", "LA", "P") else 255
    path = tmp_path / f"a.{kind}"
    picture.save(path, **options, **({"lossless": True, "exact": True} if kind == "webp" else {}))
    if level == 0:
        with pytest.raises(InputError, match="is black at 8 x 4 px: paint a part opaque white"):
            load_mask(path, 8, 4)
        return
    mask = load_mask(path, 8, 4)
    assert mask.shape == (1, 1, 4, 8)
    assert mask[..., :4].numpy() == pytest.approx(level * alpha / 255**2, abs=1 / 255)
    assert not mask[..., 4:].any()


def test_black_strokes_on_transparent_paint_nowhere_and_never_the_rest(tmp_path: Path) -> None:
    picture, _ = strokes("RGBA", 0, 255)
    picture.putpixel((0, 0), (255, 255, 255, 255))
    picture.save(tmp_path / "a.png")
    mask = load_mask(tmp_path / "a.png", 8, 4)
    assert mask[0, 0, 0, 0] == 1
    assert mask.sum() == 1


def test_white_noise_has_its_mean_and_deviation_in_every_channel_and_no_correlation() -> None:
    x = white_noise(120, 200, seed=3, mean=0.45, deviation=0.1)
    assert x.shape == (1, 3, 120, 200)
    for channel in x[0]:
        assert channel.mean().item() == pytest.approx(0.45, abs=5 * 0.1 / 24000**0.5)
        assert channel.std().item() == pytest.approx(0.1, rel=0.03)
    z = (x - 0.45) / 0.1
    for shifted in (z.roll(1, 3), z.roll(1, 2), z.roll(1, 1)):
        assert abs((z * shifted).mean().item()) < 5 / 72000**0.5


def test_white_noise_is_that_of_its_seed() -> None:
    first, same, other = (white_noise(8, 8, seed, 0.5, 0.1) for seed in (0, 0, 1))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_pink_noise_has_its_mean_and_deviation_and_falls_as_1_over_f() -> None:
    x = pink_noise(192, 256, seed=3, mean=0.45, deviation=0.1)
    assert x.shape == (1, 3, 192, 256)
    assert x.mean().item() == pytest.approx(0.45, abs=0.02)
    assert x.std().item() == pytest.approx(0.1, rel=0.1)
    f = torch.hypot(torch.fft.fftfreq(192)[:, None], torch.fft.rfftfreq(256)[None])
    power = torch.fft.rfft2(x - 0.45).abs().square().mean((0, 1))

    def mean_power(low: float, high: float) -> float:
        return power[(f >= low) & (f < high)].mean().item()

    # An octave higher, amplitudes are half as strong, and power a quarter.
    assert mean_power(0.1, 0.11) / mean_power(0.2, 0.22) == pytest.approx(4, rel=0.25)
    lowest = LARGEST / 256  # below, it is white
    assert mean_power(0.1 * lowest, 0.5 * lowest) == pytest.approx(
        mean_power(0.5 * lowest, lowest), rel=0.5
    )


def test_pink_noise_of_an_odd_width_is_that_of_its_seed() -> None:
    first, same, other = (pink_noise(9, 15, seed, 0.5, 0.1) for seed in (0, 0, 1))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(tmp_path / "a") == expected
