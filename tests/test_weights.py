"""Weights: files of every kind, what is refused, and the normalization of filters."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from nst.config import NetworkConfig
from nst.errors import InputError
from nst.inputs.weights import (
    Weights,
    in_eight_bits,
    load_weights,
    random_weights,
    read_weights,
    weights_file,
)
from nst.method.vgg import CHANNELS, CONVOLUTIONS, TORCHVISION_INDEX, Preprocessing

PREPROCESSING = Preprocessing(1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def network_config(source: str, **changes: object) -> NetworkConfig:
    settings: dict[str, object] = {
        "name": source, "source": source, "seed": 3, "width": 1 / 16, "scale": 1.0,
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "bgr": False,
        "pooling": "average",
    }  # fmt: skip
    return NetworkConfig(**(settings | changes))  # type: ignore[arg-type]


def torchvision_names(weights: Weights) -> Weights:
    return {
        f"features.{index}.{part}": weights[f"{name}.{part}"]
        for name, index in TORCHVISION_INDEX.items()
        for part in ("weight", "bias")
    }


def save(weights: object, path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file(weights, path)
    else:
        torch.save(weights, path)
    return path


def equal(first: Weights, second: Weights) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def test_random_weights_are_those_of_their_seed() -> None:
    assert equal(random_weights(1 / 16, seed=0), random_weights(1 / 16, seed=0))
    assert not equal(random_weights(1 / 16, seed=0), random_weights(1 / 16, seed=1))


@pytest.mark.parametrize("width", [0.001, 1 / 8])
def test_random_weights_have_vgg19s_shapes_and_centred_filters_of_one_norm(width: float) -> None:
    weights, before = random_weights(width), 3
    for name in CONVOLUTIONS:
        after = max(1, round(width * CHANNELS[int(name[4]) - 1]))
        W = weights[f"{name}.weight"]
        assert W.shape == (after, before, 3, 3)
        W = W.flatten(1)
        torch.testing.assert_close(W.sum(1), torch.zeros(after), rtol=0, atol=1e-4)
        square = torch.full((after,), 2 / (1 - 1 / torch.pi))
        torch.testing.assert_close(W.square().sum(1), square)
        assert (weights[f"{name}.bias"] == 0).all()
        before = after


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("names", ["paper", "torchvision"])
def test_both_names_in_both_formats_give_the_same_weights(
    suffix: str, names: str, weights: Weights, tmp_path: Path
) -> None:
    state = weights if names == "paper" else torchvision_names(weights)
    assert equal(read_weights(save(state, tmp_path / f"w{suffix}")), weights)


def test_other_entries_of_a_state_dict_are_left_out(weights: Weights, tmp_path: Path) -> None:
    state = torchvision_names(weights) | {"classifier.0.weight": torch.ones(4, 4)}
    assert equal(read_weights(save(state, tmp_path / "w.pth")), weights)


def test_half_precision_is_read_as_single(weights: Weights, tmp_path: Path) -> None:
    half = {key: value.half() for key, value in weights.items()}
    found = read_weights(save(half, tmp_path / "w.safetensors"))
    assert all(value.dtype == torch.float32 for value in found.values())
    assert equal(found, {key: value.float() for key, value in half.items()})


def test_eight_bits_are_read_within_half_a_step(weights: Weights, tmp_path: Path) -> None:
    path = save(in_eight_bits(weights), tmp_path / "w.safetensors")
    assert path.stat().st_size < 0.3 * save(weights, tmp_path / "v.safetensors").stat().st_size
    found = read_weights(path)
    for name in CONVOLUTIONS:
        W = weights[f"{name}.weight"]
        step = W.abs().amax((1, 2, 3), keepdim=True) / 127
        assert ((found[f"{name}.weight"] - W).abs() <= 0.501 * step).all()
        assert found[f"{name}.bias"].equal(weights[f"{name}.bias"])


def test_a_filter_of_zeros_stays_one_in_eight_bits(weights: Weights, tmp_path: Path) -> None:
    weights = weights | {"conv1_1.weight": torch.zeros_like(weights["conv1_1.weight"])}
    found = read_weights(save(in_eight_bits(weights), tmp_path / "w.safetensors"))
    assert not found["conv1_1.weight"].any()


@pytest.mark.parametrize("kind", ["no scale", "no codes", "another count"])
def test_codes_and_scales_that_do_not_belong_together_are_refused(
    kind: str, weights: Weights, tmp_path: Path
) -> None:
    state = in_eight_bits(weights)
    if kind == "another count":
        state["conv2_1.scale"] = torch.ones(3)
    else:
        del state["conv2_1.scale" if kind == "no scale" else "conv2_1.weight"]
    with pytest.raises(InputError, match=r"w\.safetensors"):
        read_weights(save(state, tmp_path / "w.safetensors"))


def wrong(kind: str, weights: Weights) -> object:
    state = dict(weights)
    if kind == "without conv5_4":
        del state["conv5_4.weight"]
    elif kind == "without a bias":
        del state["conv3_2.bias"]
    elif kind == "5 x 5 filters":
        state["conv2_1.weight"] = torch.zeros(16, 8, 5, 5)
    elif kind == "widths that do not chain":
        state["conv2_2.weight"] = torch.zeros(16, 17, 3, 3)
    elif kind == "NaN":
        state["conv4_4.weight"] = state["conv4_4.weight"] * torch.nan
    elif kind == "infinite bias":
        state["conv1_1.bias"] = state["conv1_1.bias"] + torch.inf
    elif kind == "a list":
        return list(state.values())
    elif kind == "in a checkpoint":
        return {"epoch": 3, "state_dict": state}
    elif kind == "no tensors":
        return dict.fromkeys(state, 1.0)
    return state


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("without conv5_4", "conv5_4"),
        ("without a bias", "conv3_2"),
        ("5 x 5 filters", "conv2_1"),
        ("widths that do not chain", "conv2_2"),
        ("NaN", "conv4_4"),
        ("infinite bias", "conv1_1"),
        ("a list", "list"),
        ("no tensors", "conv1_1"),
        ("in a checkpoint", "'epoch', 'state_dict' ..., not VGG-19's: conv1_1.weight"),
    ],
)
def test_what_is_not_a_vgg19_is_an_input_error_of_one_line(
    kind: str, named: str, weights: Weights, tmp_path: Path
) -> None:
    path = save(wrong(kind, weights), tmp_path / "w.pth")
    with pytest.raises(InputError, match=named) as error:
        read_weights(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_an_input_error_of_one_line(
    suffix: str, share: float, weights: Weights, tmp_path: Path
) -> None:
    path = save(weights, tmp_path / f"w{suffix}")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError, match="replace or delete it") as error:
        read_weights(path)
    assert "\n" not in str(error.value)


def test_a_changed_byte_is_detected(weights: Weights, tmp_path: Path) -> None:
    path = save(weights, tmp_path / "w.pth")
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    assert isinstance(torch.load(path, weights_only=True), dict), "torch would notice"
    with pytest.raises(InputError, match="damaged"):
        read_weights(path)


@pytest.mark.parametrize("content", [b"<html>Not found</html>", b"hello", b"\x80\x02}q.", b"\xff"])
def test_a_file_of_something_else_is_an_input_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(InputError, match=r"w\.pth"):
        read_weights(tmp_path / "w.pth")


def test_damaged_bytes_of_the_old_format_are_an_input_error(
    weights: Weights, tmp_path: Path
) -> None:
    path = tmp_path / "w.pth"
    torch.save(weights, path, _use_new_zipfile_serialization=False)
    assert equal(read_weights(path), weights)
    whole = path.read_bytes()
    for length in (300, 830, 1245, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError):
            read_weights(path)


@pytest.mark.parametrize("path", ["missing.pth", "."])
def test_a_missing_file_is_an_input_error_with_the_remedy(path: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"check network\.path"):
        read_weights(tmp_path / path)


class Hostile:
    """Unpickling one makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("writer", ["torch", "pickle"])
def test_code_in_a_pickle_is_refused_and_does_not_run(
    writer: str, weights: Weights, tmp_path: Path
) -> None:
    path, trace = tmp_path / "w.pth", tmp_path / "trace"
    state = {**weights, "extra": Hostile(trace)}
    if writer == "torch":
        torch.save(state, path)
    else:
        path.write_bytes(pickle.dumps({"extra": Hostile(trace)}, protocol=2))
        pickle.loads(path.read_bytes())
        assert trace.exists(), "the file would not have run anything"
        trace.unlink()
    with pytest.raises(InputError, match="or not what torch"):
        read_weights(path)
    assert not trace.exists()


def test_each_source_names_its_file_or_says_what_is_missing(tmp_path: Path) -> None:
    assert weights_file(network_config("random"), tmp_path) is None
    embedded = weights_file(network_config("embedded"), tmp_path)
    assert embedded is not None
    assert embedded.name == "embedded.safetensors"
    own = network_config("url", path="mine.pth", url="http://unused")
    assert weights_file(own, tmp_path) == Path("mine.pth")
    for source in ("file", "url"):
        with pytest.raises(InputError, match=r"add network\.path=FILE"):
            weights_file(network_config(source), tmp_path)


def test_load_weights_reads_the_file_or_draws_them(weights: Weights, tmp_path: Path) -> None:
    path = save(weights, tmp_path / "w.safetensors")
    assert equal(load_weights(path, 1.0, None), weights)
    assert equal(load_weights(None, 1 / 16, 3), random_weights(1 / 16, seed=3))
