"""The settings of training; their values, each with its reason, are in configs/train.yaml."""

from dataclasses import dataclass


@dataclass
class TrainingConfig:
    """How the embedded network is distilled."""

    teacher: str
    data: str
    output: str
    seed: int
    widths: list[float]  # five blocks; conv5_2 on
    pixels: int
    kinds: dict[str, float]
    fitted: int  # pictures of the least squares
    positions: int  # of a picture, in each layer
    ridge: float
    rounds: int
    steps: int
    batch: int
    learning_rate: float
    warmup: int
    momentum: float
    memory: float
    bfloat16: bool
    floor: float
    beyond: float
    measured: int  # held-out photographs
    report_every: int
    checkpoint_every: float  # seconds
