"""What the benchmark compares."""

import torch

from nst.method.objective import Objective
from nst.method.vgg import VGG19, random_weights
from studies.bench.cases import PlainNetwork, interleaved, machine


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
