"""Train the embedded network: python scripts/train.py data=path/to/caltech101."""

import csv
import os
from pathlib import Path

import hydra
import numpy as np
import torch
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from PIL import Image
from tqdm import tqdm

from nst.config import TrainingConfig
from nst.training import Photographs, TrainingVGG, train

ConfigStore.instance().store(name="train_schema", node=TrainingConfig)
SHORT_SIDE = 128
LONGEST = 192  # long sides beyond are cropped, so that no photograph takes more than its share


def load_photographs(folder: Path) -> Photographs:
    """Every JPEG of a folder of class folders, in sorted order, resized to a short side of 128."""
    files = sorted(p for p in folder.glob("*/*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not files:
        raise SystemExit(f"no photographs in {folder}: give a folder of class folders, data=PATH")
    classes = sorted({p.parent.name for p in files})
    images = []
    for path in tqdm(files, desc="photographs", mininterval=5):
        image = Image.open(path).convert("RGB")
        scale = SHORT_SIDE / min(image.size)
        image = image.resize([round(scale * side) for side in image.size], Image.Resampling.LANCZOS)
        array = np.asarray(image)[:LONGEST, :LONGEST]
        images.append(torch.from_numpy(array.copy()).permute(2, 0, 1).contiguous())
    return Photographs(images, [classes.index(p.parent.name) for p in files], classes)


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(cfg) -> None:
    config: TrainingConfig = OmegaConf.to_object(cfg)
    output = Path(config.output)
    output.mkdir(parents=True, exist_ok=True)
    photographs = load_photographs(Path(config.data))
    torch.manual_seed(config.seed)
    net = TrainingVGG(
        config.width, len(photographs.classes), len(photographs.images), config.readouts
    ).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=config.weight_decay)
    state = output / "checkpoint.pt"
    start = 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        start = saved["step"]

    def checkpoint(step: int) -> None:
        temporary = state.with_suffix(".partial")
        torch.save(
            {"step": step, "net": net.state_dict(), "optimizer": optimizer.state_dict()}, temporary
        )
        os.replace(temporary, state)

    with open(output / "training.csv", "a", newline="") as file:
        sums: dict[str, float] = {}
        writer = None
        progress = tqdm(total=config.steps, initial=start, mininterval=10)
        for row in train(net, optimizer, photographs, config, start, checkpoint):
            progress.update()
            for key, value in row.items():
                sums[key] = sums.get(key, 0.0) + value
            if row["step"] % 100 == 0:
                mean = {key: round(value / 100, 5) for key, value in sums.items()}
                mean["step"] = row["step"]
                if writer is None:
                    writer = csv.DictWriter(file, mean)
                    if start == 0:
                        writer.writeheader()
                writer.writerow(mean)
                file.flush()
                sums = {}


if __name__ == "__main__":
    main()
