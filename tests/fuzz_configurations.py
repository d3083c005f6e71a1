"""Random command lines, each a picture or one line: python tests/fuzz_configurations.py --count 100

Not collected by pytest. Whatever else a line gives is printed, with its traceback.
"""

import argparse
import contextlib
import io
import os
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter
from dataclasses import replace
from pathlib import Path

import torch
from command import inputs
from composing import hydra_initialized, read_configs_once
from hydra import compose
from omegaconf import open_dict, read_write

from nst.errors import InputError, one_line
from nst.runs.overrides import as_typed, in_plain_words, settle
from nst.runs.pipeline import cell_folder, compute

SECONDS = 120  # for one line, on a busy machine
BASE = ["network=random", "network.width=0.03125", "size=64", "evaluations=1", "schedule=single",
        "content.path=photo.png", "styles=painting.jpg", "optimizer=lbfgs"]  # fmt: skip
FILES = [
    "photo.png",
    "painting.jpg",
    "./photo.png",
    "写真 (1).png",
    "Vincent's.png",
    "caf\udce9.png",
]
ODD_FILES = ["", " ", "''", "missing.png", "empty.png", "truncated.png", "text.png", "folder", "~",
             "elongated.png", "~nobody/x.png", "http://x/y.png", "/dev/zero", "${oc.env:NOT}",
             "[a]", "x" * 300, "a,b", "null", "glob(*)", "${size}", "loop"]  # fmt: skip
ODD = ["", "-1", "0", "nan", "inf", "1e9", "1e400", "10000000000000000000000", "512px", "1,000",
       "½", "true", "null", "[]", "{}", "[1,2]", "{a:1}", "'", '"', "64.5", "'64'", "０", "${seed}",
       "${nope}", "???", "range(3)", "0x10", "1_0", "\udce9", "-0.0", "1e-320"]  # fmt: skip
LAYERS = ["[conv1_1]", "[conv4_2]", "[conv1_1,conv2_1]", "[pool1]", "[conv1_1,conv1_1]", "conv1_1",
          "[conv9_1]", "[1]"]  # fmt: skip
GROUPS = {"panel": "ABCF", "layer_set": ["a", "c", "e", "transfer"],
          "init": ["noise", "content", "file"], "optimizer": ["lbfgs", "lbfgsb", "adam"],
          "schedule": ["single", "pyramid"],
          "task": ["transfer", "content", "style"], "profile": ["demo", "demo", "paper"],
          "figure": ["fig1", "fig2", "fig3", "claims"], "launcher": ["joblib", "slurm"],
          "network": ["random", "random", "file", "torchvision", "oxford"]}  # fmt: skip
WEIGHTS = ["0", "1e-3", "1", "1e30", "1e308"]
VALID = {
    **dict.fromkeys(("content.path", "styles", "init_path"), FILES),
    **dict.fromkeys(("content_layers", "style_layers"), LAYERS[:3]),
    **dict.fromkeys(("alpha", "beta", "ratio", "content_scale"), WEIGHTS),
    "size": ["64", "65", "80"], "evaluations": ["1", "2"], "seed": ["0", "7", str(2**63 - 1)],
    "precision": ["float32", "auto"], "device": ["cpu", "auto", "cpu:0"],
    "loss_scaling": ["relative", "literal"], "checkpoint_every": ["0", "1e-9"],
    "trajectory": ["0", "8"],
    "output": ["outputs", "a b", "1e3", "~/x"], "data": ["data", "a b"],
    "overwrite": ["true", "false"], "cell": ["x y", "1e3", "null", "a/b", "写真", "caf\udce9"],
    "colours": ["null", "match", "luminance"], "style_scale": ["0.5", "0.05", "2", "20"],
    "max_side": ["64", "100"], "save_every": ["1", "9"],
    "styles": ["['写真 (1).png']", "[painting.jpg,photo.png]"],
    "style_blend": ["[1]", "[2,1]"], "masks": ["[photo.png]", "[null]", "[null,photo.png]"],
    "style_weights": ["[1]", "[1,0,0,0,1]", "[1,2,3,4,5]"], "tv_weight": ["0", "1", "1e30"],
    "tolerance": ["0", "0.5"], "optimizer.spectrum": ["null", "0", "0.5", "2"],
    "continuation": ["null", "10"], "continuation_share": ["null", "0.3"], "opening": ["null", "1"],
    "network.pooling": ["max", "average"],
    "network.width": ["0.03125", "0.001"], "network.seed": ["1"], "network.scale": ["1", "255"],
    "network.mean": ["[0,0,0]"], "network.std": ["[1,1,1]"], "optimizer.history": ["1", "20"],
    "optimizer.learning_rate": ["0.1", "1e300"], "optimizer.first_step": ["0.1", "1e-300"],
    "optimizer.margin": ["0.01", "0.49"], "schedule.scales": ["[1.0]"],
    "schedule.shares": ["[1.0]"], "noise.mean": ["0", "0.5", "-9"],
    "noise.deviation": ["0", "0.1", "9"],
    "content.name": ["x"], "content.detail": ["[0,0,0.5,0.5]"], "hydra.verbose": ["false"],
    **{group: list(choices) for group, choices in GROUPS.items()},
}  # fmt: skip
SPECIAL = {
    **dict.fromkeys(("content.path", "styles", "init_path", "network.path"), ODD_FILES),
    **dict.fromkeys(("content_layers", "style_layers"), LAYERS),
    "cell": ["..", "/dev/full/x", "x" * 300, "a\\", "", "inputs"],
    "device": ["cpu:", "cuda", ":", "gpu"],
    "output": ["", "photo.png", "/dev/null", "/proc/x", "x" * 300], "data": ["", "photo.png"],
    "schedule.scales": ["[0.5,1]", "[0.01,1]", "[nan]"],
    "schedule.shares": ["[0.9,0.1]", "[1,nan]"],
    "content.source": ["nst:", "ftp://x", "skimage:..", "nst:../vgg.py"],
    "network.url": ["x", "http://127.0.0.1:1/"], "content.detail": ["[1]", "[9,9,9,9]"],
    "trajectory": ["97", "1000000"], "evaluations": ["3"], "optimizer.spectrum": ["3", "-1"],
    "max_side": ["1", "16", "15"], "styles": ["[]", "[null]", "[a", "[folder]"],
    "masks": ["[painting.jpg]", "[pipe]", "[[]]"], "style_blend": ["[0]", "[1,nan]", "[-1,1]"],
    "style_weights": ["[0]", "[0,0,0,0,0]", "[inf]"], "colours": ["match,luminance", "sepia"],
    "style_scale": ["0.01", "21"], "tolerance": ["1"], "precision": ["tf32", "bfloat16"],
}  # fmt: skip
RAW = ["", "=", "x", "--size=64", "+x=1", "++x=1", "~seed", "~content", "+content.path=a",
       "content=", "style=null", "size", "size==64", "Size=64", "a.b.c=1", "hydra.mode=MULTIRUN",
       "network={}", "@x=1", "style@content=demo/C", "é=1", "size =64", "seed=1 2",
       "hydra.run.dir=/dev/null"]  # fmt: skip


def setting(rng: random.Random) -> str:
    """One argument: valid, of its setting's own odd values, odd anywhere, or no setting at all."""
    kind = rng.choices(["valid", "special", "odd", "raw"], [85, 6, 7, 2])[0]
    if kind == "raw":
        return rng.choice(RAW)
    key = rng.choice(list(SPECIAL if kind == "special" else VALID))
    return f"{key}={rng.choice(ODD if kind == 'odd' else (VALID, SPECIAL)[kind == 'special'][key])}"


def outcome(line: list[str], number: int) -> str:
    """The outcome of a line: picture, refused, or an unexpected error."""
    cell = [] if any(a.startswith("cell") for a in line) else [f"cell={number}"]
    try:
        arguments = [as_typed(argument, sweep=False) for argument in [*line, *cell]]
        with in_plain_words():
            cfg = compose("config", arguments, return_hydra_config=True)
        settings = cfg.hydra
        with read_write(cfg), open_dict(cfg):
            del cfg["hydra"]
        with contextlib.redirect_stderr(io.StringIO()):
            config = settle(cfg, settings)
            said = compute(config)
            again = compute(replace(config, overwrite=False))
        if left := leftovers(cell_folder(config)):
            return f"odd: {left} is left behind"
        whole = "image.png" in said and "already exists" in again
        return "picture" if whole else f"odd: {said}, then {again}"
    except Exception as error:
        if not isinstance(error, InputError | OSError):
            traceback.print_exc(limit=-4)
            return type(error).__name__
        said = one_line(error)
        return "refused" if len(said) > 20 and "\n" not in said else f"odd: {said!r}"


def leftovers(folder: Path) -> str:
    """What a complete cell should not have: temporary files, locks, a checkpoint."""
    odd = [*folder.glob(".*"), *folder.glob("checkpoint*"), *folder.parent.glob(".*.lock")]
    return ", ".join(map(str, odd))


class TooLongError(Exception):
    """A command line has not finished."""


def give_up(*_: object) -> None:
    raise TooLongError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, counts = random.Random(options.seed), Counter[str]()
    read_configs_once()
    signal.signal(signal.SIGALRM, give_up)
    torch.set_num_threads(1)
    os.environ |= {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}
    with tempfile.TemporaryDirectory() as root, contextlib.chdir(root), hydra_initialized():
        os.environ["HOME"] = root
        os.chdir(inputs(Path("work").absolute()))
        for name in FILES[3:]:
            Path(name).write_bytes(Path("photo.png").read_bytes())
        for number in range(options.count):
            line = BASE + [setting(rng) for _ in range(rng.choice([1, 2, 3, 5, 8]))]
            keys = [a.partition("=")[0] for a in line]  # the last one counts, also of groups
            line = [a for i, a in enumerate(line) if keys[i] not in keys[i + 1 :]]
            signal.alarm(SECONDS)
            kind = outcome(line, number)
            signal.alarm(0)
            counts[kind.partition(":")[0]] += 1
            if kind not in ("picture", "refused"):
                print(f"{kind}: {line}".encode("utf-8", "replace").decode(), flush=True)
            if (number + 1) % 100 == 0:
                print(number + 1, dict(counts), flush=True)
    print(options.count, dict(counts))


if __name__ == "__main__":
    sys.exit(main())
