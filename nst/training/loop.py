"""The training loop."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F

from nst.config import TrainingConfig
from nst.method.vgg import Preprocessing
from nst.training.batches import Photographs, make_batch
from nst.training.network import TrainingVGG
from nst.training.readouts import readout_losses

# Caltech-101's pixels, about: mean and deviation of natural photographs in RGB in [0, 1].
PREPROCESSING = Preprocessing(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


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
            pixels, energies = readout_losses(net.pixels, net.energies, x, responses)
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
