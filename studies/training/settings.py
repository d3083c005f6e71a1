"""The settings of training; their values, each with its reason, are in configs/train.yaml."""

from dataclasses import dataclass, field

from omegaconf import MISSING


@dataclass
class TrainingConfig:
    """How the embedded network is distilled."""

    teacher: str = MISSING
    data: str = MISSING
    output: str = MISSING
    seed: int = MISSING
    widths: list[float] = field(default_factory=list)  # five blocks; conv5_2 on
    pixels: int = MISSING
    kinds: dict[str, float] = field(default_factory=dict)
    fitted: int = MISSING  # pictures of the least squares
    positions: int = MISSING  # of a picture, in each layer
    ridge: float = MISSING
    rounds: int = MISSING
    steps: int = MISSING
    batch: int = MISSING
    learning_rate: float = MISSING
    warmup: int = MISSING
    momentum: float = MISSING
    memory: float = MISSING
    bfloat16: bool = MISSING
    floor: float = MISSING
    beyond: float = MISSING
    measured: int = MISSING  # held-out photographs
    report_every: int = MISSING
    checkpoint_every: float = MISSING  # seconds
