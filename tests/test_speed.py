"""What the benchmark counts and compares."""

import torch

from nst.method.objective import Objective
from nst.method.vgg import VGG19, random_weights
from studies.bench.protocol import PlainNetwork
from studies.bench.speed import interleaved, machine, operations


def test_operations_are_those_of_convolutions_forward_and_backward() -> None:
    network = VGG19(random_weights(1 / 8), deepest="conv1_2")
    image = torch.rand(1, 3, 16, 24)
    objective = Objective(network, image, None, 1.0, 0.0, ["conv1_2"], [])
    forward = 2 * 9 * 16 * 24 * (3 * 8 + 8 * 8)
    assert operations(objective, image) == 2 * forward  # no gradients for weights


def test_operations_of_a_gram_matrix_and_its_gradient_are_counted() -> None:
    network = VGG19(random_weights(1 / 8), deepest="conv2_1")
    image = torch.rand(1, 3, 16, 24)
    content = Objective(network, image, None, 1.0, 0.0, ["conv2_1"], [])
    style = Objective(network, None, image, 0.0, 1.0, [], ["conv2_1"])
    gram = 2 * 16**2 * (8 * 12)  # multiplications and additions of F F^T
    assert operations(style, image) - operations(content, image) == 2 * gram


def test_measures_are_interleaved_and_the_first_round_does_not_count() -> None:
    calls = []

    def measure(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    found = interleaved({"a": lambda: measure("a"), "b": lambda: measure("b")}, rounds=2)
    assert "".join(calls) == "ababab"
    assert found.to_dict("list") == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_the_machines_name_is_a_file_name() -> None:
    name = machine(torch.device("cpu"))
    assert name.endswith("_threads")
    assert not set(name) & set(" /()@")


def test_plain_code_has_the_loss_of_ours_at_sizes_that_poolings_do_not_divide() -> None:
    image, x = torch.rand(2, 1, 3, 37, 51)
    ours = Objective(VGG19(random_weights(1 / 8)), image, image, 1.0, 1.0, ["conv4_2"], ["conv5_1"])
    expected = ours(x).total
    ours.network = PlainNetwork(ours.network)  # type: ignore[assignment]
    torch.testing.assert_close(ours(x).total, expected)
