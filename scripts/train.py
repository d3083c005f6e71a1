"""Train the embedded network: python scripts/train.py data=path/to/caltech101

A run that was interrupted goes on from its last checkpoint. At its end, <output> holds
weights.safetensors (float16), training.csv and training.png.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors reach the last lines of this file

import hydra
import pandas as pd
import torch
from hydra.core.config_store import ConfigStore
from hydra.errors import HydraException
from matplotlib.figure import Figure
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from safetensors.torch import save_file
from tqdm import tqdm

from nst.config import TrainingConfig
from nst.errors import InputError
from nst.files import write_files
from nst.training.batches import load_photographs
from nst.training.loop import train
from nst.training.network import TrainingVGG, fold

ConfigStore.instance().store(name="train_schema", node=TrainingConfig)
EVERY = 100  # steps a row of training.csv


class Checkpoint:
    """The state of a run in <output>/checkpoint.pt, written atomically."""

    def __init__(self, folder: Path, net: TrainingVGG, optimizer: torch.optim.Optimizer) -> None:
        self.path, self.net, self.optimizer = folder / "checkpoint.pt", net, optimizer
        self.rows: list[dict[str, float]] = []

    def save(self, step: int) -> None:
        """Keep network, optimizer and the curve so far."""
        state = {"step": step, "net": self.net.state_dict(), "rows": self.rows}
        temporary = self.path.with_suffix(".partial")
        torch.save(state | {"optimizer": self.optimizer.state_dict()}, temporary)
        os.replace(temporary, self.path)

    def restore(self) -> int:
        """The step at which to go on; 0 without a checkpoint."""
        if not self.path.exists():
            return 0
        state = torch.load(self.path, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rows = state["rows"]
        return int(state["step"])


def draw_curve(frame: pd.DataFrame, path: Path) -> None:
    """The course of every loss of the training."""
    names = [name for name in frame.columns if name not in ("step", "accuracy")]
    figure = Figure(figsize=(7, 1.6 * len(names)), layout="constrained")
    for axes, name in zip(figure.subplots(len(names), 1, sharex=True), names, strict=True):
        axes.plot(frame["step"], frame[name], linewidth=1)
        axes.set(ylabel=name, yscale="log")
    axes.set(xlabel="step")
    figure.savefig(path, dpi=100, metadata={"Software": None})


def run(config: TrainingConfig) -> Path:
    """Train, from the last checkpoint if there is one; the file of weights."""
    output = Path(config.output)
    photographs = load_photographs(Path(config.data))
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    classes, instances = len(photographs.classes), len(photographs.images)
    net = TrainingVGG(config.width, classes, instances, config.readouts)
    net = net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=config.weight_decay)
    checkpoint = Checkpoint(output, net, optimizer)
    start = checkpoint.restore()
    steps: list[dict[str, float]] = []
    bar = tqdm(total=config.steps, initial=start, mininterval=10)
    for row in train(net, optimizer, photographs, config, start, checkpoint.save):
        bar.update()
        steps.append(row)
        if len(steps) == EVERY:
            mean = pd.DataFrame(steps).mean().round(5).to_dict()
            checkpoint.rows.append(mean | {"step": int(row["step"])})
            steps = []
    curve = pd.DataFrame(checkpoint.rows)
    write_files(output, {"training.csv": curve.to_csv(index=False).encode()})
    if not curve.empty:
        draw_curve(curve, output / "training.png")
    weights = fold(net)
    path = output / "weights.safetensors"
    save_file({name: w.half().contiguous() for name, w in weights.items()}, path)
    return path


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(cfg: DictConfig) -> None:
    try:
        print(run(OmegaConf.to_object(cfg)))  # type: ignore[arg-type]
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    try:
        main()
    except (HydraException, OmegaConfBaseException) as error:
        sys.exit("error: " + " ".join(str(error).split()))
