"""The committed configuration: it says what the paper says, and every option composes."""

import itertools
import re

import pytest
from composing import CONFIGS, cells, settings
from hydra.errors import HydraException
from omegaconf import OmegaConf

from nst.checks import check_config
from nst.errors import InputError

FIRST = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
pytestmark = pytest.mark.usefixtures("hydra_configs")
PROFILES = pytest.mark.parametrize("profile", ["demo", "paper"])


@PROFILES
def test_figure_1_reconstructs_content_and_style_from_each_layer_set(profile: str) -> None:
    found = {config.cell: config for config in cells("fig1", f"profile={profile}")}
    assert set(found) == {
        f"{kind}_{layer_set}" for kind in ("content", "style") for layer_set in "abcde"
    }
    for i, layer_set in enumerate("abcde"):
        content, style = found[f"content_{layer_set}"], found[f"style_{layer_set}"]
        assert content.content_layers == [FIRST[i]]
        assert (content.alpha > 0, content.beta) == (True, 0)
        assert style.style_layers == FIRST[: i + 1]
        assert (style.alpha, style.beta > 0) == (0, True)
        assert content.panel == style.panel == "C"  # The Starry Night
        assert content.content.name == style.content.name


@PROFILES
def test_figure_2_paints_five_artworks_at_the_captions_ratios(profile: str) -> None:
    found = {config.cell: config for config in cells("fig2", f"profile={profile}")}
    ratios = {"B": 1e-3, "C": 1e-3, "D": 1e-3, "E": 1e-4, "F": 1e-4}
    assert {cell: config.ratio for cell, config in found.items()} == ratios
    for config in found.values():
        assert config.alpha / config.beta == config.ratio
        assert config.content_layers == ["conv4_2"]
        assert config.style_layers == FIRST
    assert len({config.style.name for config in found.values()}) == 5
    assert len({config.content.name for config in found.values()}) == 1


@PROFILES
def test_figure_3_varies_layer_set_by_rows_and_ratio_by_columns(profile: str) -> None:
    found = cells("fig3", f"profile={profile}")
    grid = {(tuple(config.style_layers), config.alpha / config.beta) for config in found}
    rows = [tuple(FIRST[: i + 1]) for i in range(5)]
    assert grid == set(itertools.product(rows, [1e-5, 1e-4, 1e-3, 1e-2]))
    assert len({config.cell for config in found}) == len(found) == 20
    assert all(config.content_layers == ["conv4_2"] for config in found)
    assert {config.panel for config in found} == {"F"}  # Composition VII


def test_the_papers_figure_3_starts_from_white_noise_but_for_little_content() -> None:
    found = cells("fig3", "profile=paper")
    assert all(c.schedule.scales == [1.0] and c.optimizer.spectrum is None for c in found)
    starts = {(c.ratio, c.noise.pink, c.noise.deviation) for c in found}
    assert starts == {
        (1e-5, True, 0.12), (1e-4, True, 0.12), (1e-3, None, 0.004), (1e-2, None, 0.004)
    }  # fmt: skip
    falls = {(c.ratio, c.continuation, c.continuation_share) for c in found}
    at_once = {(1e-3, None, None), (1e-2, None, None)}
    assert falls - at_once == {
        (1e-5, 1000, 0.3), (1e-4, 4096, 0.6), (1e-3, 4096, 0.8), (1e-2, 4096, 0.8)
    }  # fmt: skip
    assert {c.layer_set for c in found if (c.ratio, c.continuation, None) in at_once} == {"a", "b"}
    spent = {(c.ratio, c.layer_set in "ab", c.evaluations) for c in found}
    assert {(each, n) for each, shallow, n in spent if not shallow} == {
        (1e-5, 400), (1e-4, 400), (1e-3, 600), (1e-2, 600)
    }  # fmt: skip
    assert {(c.ratio, c.opening) for c in found if c.layer_set in "cde"} == {
        (1e-5, None), (1e-4, None), (1e-3, 200), (1e-2, 200)
    }  # fmt: skip
    assert {c.opening for c in found if c.layer_set in "ab"} == {None}
    assert {(each, n) for each, shallow, n in spent if shallow} == {
        (1e-5, 200), (1e-4, 200), (1e-3, 800), (1e-2, 800)
    }  # fmt: skip


def test_the_papers_reconstructions_start_from_white_noise_but_for_deep_styles() -> None:
    found = {(c.beta > 0, c.layer_set): c for c in cells("fig1", "profile=paper")}
    pink = {key for key, c in found.items() if c.noise.pink}
    assert pink == {(True, row) for row in "cde"}
    strong = {key for key, c in found.items() if c.noise.deviation == 0.3}
    assert strong == {(True, "a"), (True, "b")}
    assert all(c.schedule.scales == [1.0] for c in found.values())


def test_the_demos_deep_style_reconstructions_start_at_small_sizes() -> None:
    styles = [c for c in cells("fig1", "profile=demo") if c.beta]
    assert {c.noise.deviation for c in styles} == {0.3}
    scales = {c.layer_set: len(c.schedule.scales) for c in styles}
    assert scales == {"a": 1, "b": 1, "c": 3, "d": 3, "e": 3}


@PROFILES
@pytest.mark.parametrize("figure", ["fig1", "fig2", "fig3", "claims"])
def test_every_figure_starts_from_noise_with_average_pooling(profile: str, figure: str) -> None:
    config = settings(f"profile={profile}", f"figure={figure}")
    assert config.init == "noise"
    assert config.network.pooling == "average"
    assert config.optimizer.name == "lbfgs"
    assert config.figure == figure
    check_config(config)


def test_the_paper_profile_is_the_papers_network_and_images() -> None:
    names = {p: settings("profile=paper", f"panel={p}").style.title for p in "BCDEF"}
    assert names == {
        "B": "The Shipwreck of the Minotaur",
        "C": "The Starry Night",
        "D": "Der Schrei",
        "E": "Femme nue assise",
        "F": "Composition VII",
    }
    config = settings("profile=paper")
    assert (config.network.name, config.loss_scaling) == ("oxford", "normalized")
    assert (config.network.bgr, config.network.scale) == (True, 255.0)
    assert config.network.mean == [103.939, 116.779, 123.68]
    assert config.content.title.startswith("Neckarfront")
    assert config.size == 443


def test_everything_the_paper_profile_downloads_has_a_checksum() -> None:
    configs = [settings("profile=paper", f"panel={panel}") for panel in "BCDEF"]
    for config in configs:
        for image in (config.content, config.style):
            assert image.source.startswith("https://")
            assert len(image.sha256 or "") == 64
    for network in ("oxford", "torchvision"):
        assert len(settings(f"network={network}").network.sha256 or "") >= 8


def test_the_demo_profile_downloads_nothing() -> None:
    for panel in "BCDEF":
        config = settings(f"panel={panel}")
        sources = {config.content.source.split(":")[0], config.style.source.split(":")[0]}
        assert sources <= {"nst", "skimage"}
        assert config.network.source == "embedded"


def options(group: str) -> list[str]:
    return sorted(path.stem for path in (CONFIGS / group).glob("*.yaml"))


@PROFILES
@pytest.mark.parametrize("group", ["network", "optimizer", "schedule", "layer_set", "task"])
def test_every_option_of_a_group_composes(profile: str, group: str) -> None:
    assert len(options(group)) > 1
    for option in options(group):
        check_config(settings(f"profile={profile}", f"{group}={option}"))


@PROFILES
def test_every_panel_has_an_artwork(profile: str) -> None:
    for panel in "BCDEF":
        config = settings(f"profile={profile}", f"panel={panel}")
        for image in (config.content, config.style):
            assert all((image.name, image.title, image.artist, image.licence))


@PROFILES
def test_an_unknown_panel_is_refused_with_the_choices(profile: str) -> None:
    with pytest.raises(InputError, match="panel=A: must be one of B, C, D, E, F"):
        settings(f"profile={profile}", "panel=A")


@PROFILES
def test_a_quality_is_made_of_settings(profile: str) -> None:
    for values in OmegaConf.load(CONFIGS / "quality.yaml").values():
        check_config(settings(f"profile={profile}", *(f"{k}={v}" for k, v in values.items())))


def test_a_command_line_value_overrides_a_figures() -> None:
    config = settings("figure=fig3", "ratio=0.5", "content_layers=[conv2_2]")
    assert (config.alpha, config.content_layers) == (0.5, ["conv2_2"])


@pytest.mark.parametrize(
    "override",
    [
        "contnt.path=a.png",
        "content.pth=a.png",
        "size=large",
        "size=1.5",
        "evaluations=[1]",
        "content_layers=conv1_1",
        "content_layers=null",
        "ratio=much",
        "overwrite=perhaps",
        "network.width=[1]",
        "profile=none",
        "network=vgg11",
    ],
)
def test_misspelled_keys_wrong_types_and_unknown_options_fail(override: str) -> None:
    key = override.strip("+").split("=")[0]
    with pytest.raises(HydraException, match=re.escape(key)):
        settings(override)
