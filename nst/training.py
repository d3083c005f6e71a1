"""Training of the embedded network: a narrow VGG-19 for looking inside, not for ranking.

Three questions are asked of the network at once. *Which class, which image is this?* makes deep
features abstract. *What were the pixels?*, answered linearly from a few layers, keeps what an
inversion needs. *How strong is each orientation, at each scale, here?*, answered linearly too,
makes texture and stroke direction visible to deep layers, and noise as well: an inversion that
starts from white noise can only remove what the features respond to.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.config import TrainingConfig
from nst.vgg import CHANNELS, CONVOLUTIONS, Preprocessing, stride

# Caltech-101's pixels, about: mean and deviation of natural photographs in RGB in [0, 1].
PREPROCESSING = Preprocessing(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


@dataclass
class Photographs:
    """Images (each (3, H, W) uint8) with their class labels, all in memory."""

    images: list[Tensor]
    labels: list[int]
    classes: list[str]


class TrainingVGG(nn.Module):
    """VGG-19's convolutions with batch normalization and average pooling, and what reads them."""

    def __init__(self, width: float, classes: int, instances: int, readouts: list[str]) -> None:
        super().__init__()
        self.convs, self.norms = nn.ModuleDict(), nn.ModuleDict()
        channels, before = {}, 3
        for name in CONVOLUTIONS:
            channels[name] = round(width * CHANNELS[int(name[4]) - 1])
            conv = nn.Conv2d(before, channels[name], 3, padding=1, bias=False)
            nn.init.kaiming_normal_(conv.weight)
            self.convs[name] = conv
            self.norms[name] = nn.BatchNorm2d(channels[name], momentum=0.05)
            before = channels[name]
        self.by_class = nn.Linear(before, classes)
        self.by_instance = nn.Linear(before, instances)
        self.pixels = nn.ModuleDict()
        self.energies = nn.ModuleDict()
        for name in readouts:
            octaves = int(math.log2(stride(name)))
            self.pixels[name] = nn.Conv2d(channels[name], 3 * stride(name) ** 2, 1)
            self.energies[name] = nn.Conv2d(channels[name], 3 * ORIENTATIONS * octaves, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Pooled features (B, N) and the responses of the layers that are read out."""
        responses = {}
        for name in CONVOLUTIONS:
            if name.endswith("_1") and name != "conv1_1":
                x = F.avg_pool2d(x, 2)
            x = F.relu(self.norms[name](self.convs[name](x)))
            if name in self.pixels:
                responses[name] = x
        return x.mean((2, 3)), responses


# --- What is asked of the features -------------------------------------------------------------

ORIENTATIONS = 6


def gabor_bank(wavelength: float = 3.5, size: int = 7) -> Tensor:
    """Quadrature pairs of oriented band-pass filters: (2 ORIENTATIONS, 1, size, size)."""
    half = size // 2
    y, x = torch.meshgrid(*[torch.arange(-half, half + 1).float()] * 2, indexing="ij")
    window = torch.exp(-(x**2 + y**2) / (2 * (0.5 * wavelength) ** 2))
    filters = []
    for k in range(ORIENTATIONS):
        angle = math.pi * k / ORIENTATIONS
        phase = 2 * math.pi / wavelength * (x * math.cos(angle) + y * math.sin(angle))
        for wave in (torch.cos(phase), torch.sin(phase)):
            f = window * wave
            f = f - window * (f.sum() / window.sum())
            filters.append(f / f.norm())
    return torch.stack(filters)[:, None]


def oriented_energies(x: Tensor, octaves: int) -> list[Tensor]:
    """Energy of each orientation in each octave, in three opponent colours.

    Args: x (B, 3, H, W), standardized RGB. Returns one (B, 3 ORIENTATIONS, H / 2^k, W / 2^k)
    for octave k = 0, 1, ...
    """
    r, g, b = x.unbind(1)
    opponent = torch.stack([(r + g + b) / 3, r - g, (r + g) / 2 - b], 1).flatten(0, 1)[:, None]
    bank, energies = gabor_bank().to(x), []
    for _ in range(octaves):
        even, odd = F.conv2d(opponent, bank, padding=3).unflatten(1, (-1, 2)).unbind(2)
        energies.append((even**2 + odd**2 + 1e-6).sqrt().unflatten(0, (len(x), 3)).flatten(1, 2))
        opponent = F.avg_pool2d(opponent, 2)
    return energies


def on_grid(energies: list[Tensor], octaves: int) -> Tensor:
    """The finest `octaves` energies, pooled to a grid of 2^octaves pixels and standardized."""
    pooled = [F.avg_pool2d(energies[k], 2 ** (octaves - k)) for k in range(octaves)]
    stacked = torch.cat(pooled, 1)
    mean, std = stacked.mean((0, 2, 3), keepdim=True), stacked.std((0, 2, 3), keepdim=True)
    return (stacked - mean) / (std + 1e-6)


def readout_losses(
    net: TrainingVGG, x: Tensor, responses: dict[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """Squared errors of the linear readouts (pixels, energies), summed over the layers.

    A layer is asked for the energies of every octave finer than its own grid.
    """
    octaves = {name: int(math.log2(stride(name))) for name in responses}
    energies = oriented_energies(x, max(octaves.values()))
    pixel_loss, energy_loss = x.new_zeros(()), x.new_zeros(())
    for name, response in responses.items():
        image = F.pixel_shuffle(net.pixels[name](response), stride(name)).float()
        pixel_loss = pixel_loss + F.mse_loss(image, x)
        target = on_grid(energies, octaves[name]).float()
        energy_loss = energy_loss + F.mse_loss(net.energies[name](response).float(), target)
    return pixel_loss, energy_loss


# --- Batches: a pure function of (seed, step), so that a resumed run sees the same ones ----------


def crop(image: Tensor, pixels: int, config: TrainingConfig, generator: torch.Generator) -> Tensor:
    """A random crop, mirrored, turned and scaled a little: (1, 3, pixels, pixels) in [0, 1]."""

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * torch.rand((), generator=generator).item()

    height, width = image.shape[1:]
    zoom = math.exp(uniform(math.log(config.zoom[0]), math.log(config.zoom[1])))
    angle, stretch = math.radians(uniform(-1, 1) * config.rotation), math.exp(uniform(-0.12, 0.12))
    mirror = 1 if uniform(-1, 1) > 0 else -1
    half_x, half_y = zoom * pixels / width, zoom * pixels / height  # in units of half the image
    shift_x = uniform(-1, 1) * max(0.0, 1 - half_x)
    shift_y = uniform(-1, 1) * max(0.0, 1 - half_y)
    cos, sin = math.cos(angle), math.sin(angle)
    theta = torch.tensor(
        [
            [mirror * half_x * stretch * cos, -half_x * sin, shift_x],
            [mirror * half_y * sin, half_y / stretch * cos, shift_y],
        ]
    )
    grid = F.affine_grid(theta[None], [1, 3, pixels, pixels], align_corners=False)
    return F.grid_sample(
        image[None].float() / 255, grid, padding_mode="reflection", align_corners=False
    )


def add_noise(x: Tensor, config: TrainingConfig, generator: torch.Generator) -> Tensor:
    """White or smoothed noise on some images of the batch; the readouts must report it."""
    noisy = (torch.rand(len(x), 1, 1, 1, generator=generator) < config.noisy).float()
    sigma = torch.exp(
        torch.empty(len(x), 1, 1, 1).uniform_(math.log(0.02), math.log(0.3), generator=generator)
    )
    noise = torch.randn(x.shape, generator=generator)
    smooth = 2 * F.avg_pool2d(noise, 3, stride=1, padding=1)
    white = (torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5).float()
    return (x + noisy * sigma * (white * noise + (1 - white) * smooth)).clamp(0, 1)


def make_batch(
    photographs: Photographs, config: TrainingConfig, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Images (B, 3, P, P) in [0, 1], classes (B,) and instances (B,) of one step."""
    generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
    late = step >= config.large_from * config.steps
    pixels = config.large_pixels if late else config.pixels
    batch = config.large_batch if late else config.batch
    chosen = torch.randint(len(photographs.images), (batch,), generator=generator)
    crops = [crop(photographs.images[i], pixels, config, generator) for i in chosen.tolist()]
    x = torch.cat(crops)
    light = 1 + config.brightness * (2 * torch.rand(batch, 1, 1, 1, generator=generator) - 1)
    x = add_noise((x * light).clamp(0, 1), config, generator)
    labels = torch.tensor([photographs.labels[i] for i in chosen.tolist()])
    return x, labels, chosen


# --- The loop ------------------------------------------------------------------------------------


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Warm-up, a plateau, and a linear descent to zero over the last `decay` of the steps."""
    descent = (config.steps - step) / (config.decay * config.steps)
    return config.learning_rate * min(1.0, (step + 1) / config.warmup, descent)


def train(
    net: TrainingVGG,
    optimizer: torch.optim.Optimizer,
    photographs: Photographs,
    config: TrainingConfig,
    start: int = 0,
    checkpoint: Callable[[int], None] = lambda step: None,
) -> Iterator[dict[str, float]]:
    """Train from step `start` on; yields the losses of each step."""
    for step in range(start, config.steps):
        x, labels, instances = make_batch(photographs, config, step)
        x = PREPROCESSING(x).contiguous(memory_format=torch.channels_last)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            features, responses = net(x)
            pixels, energies = readout_losses(net, x, responses)
        features = features.float()
        scores = net.by_class(features)
        by_class = F.cross_entropy(scores, labels, label_smoothing=0.05)
        by_instance = F.cross_entropy(net.by_instance(features), instances)
        loss = (
            config.class_weight * by_class
            + config.instance_weight * by_instance
            + config.pixel_weight * pixels
            + config.energy_weight * energies
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        yield {
            "step": step + 1,
            "loss": loss.item(),
            "class": by_class.item(),
            "accuracy": (scores.argmax(1) == labels).float().mean().item(),
            "instance": by_instance.item(),
            "pixels": pixels.item(),
            "energies": energies.item(),
        }
        if (step + 1) % config.checkpoint_every == 0:
            checkpoint(step + 1)


@torch.no_grad()
def fold(net: TrainingVGG) -> dict[str, Tensor]:
    """The convolutions with their batch normalization folded in: conv1_1.weight, ... (float32)."""
    weights = {}
    for name in CONVOLUTIONS:
        norm = net.norms[name]
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weights[f"{name}.weight"] = net.convs[name].weight * gain[:, None, None, None]
        weights[f"{name}.bias"] = norm.bias - norm.running_mean * gain
    return {key: value.detach().float().contiguous() for key, value in weights.items()}
