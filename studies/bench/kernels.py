"""Where the time of a run goes, kernel by kernel: python -m studies.bench.kernels OVERRIDES..."""

import sys
from dataclasses import replace

import torch
from torch.profiler import ProfilerActivity, profile

from nst.inputs.loading import load_levels
from nst.inputs.sources import input_files, network_file
from nst.runs.device import choose_device, choose_precision, prepare_process
from nst.runs.overrides import compose
from nst.runs.pipeline import run_levels


def main() -> None:
    config = replace(compose(sys.argv[1:]), trajectory=0, checkpoint_every=0.0)
    device, levels = choose_device(config.device), load_levels(config, input_files(config))
    weights = network_file(config)
    prepare_process(choose_precision(config.precision, device))
    run_levels(config, weights, levels, device)  # a warm-up
    activities = [ProfilerActivity.CPU]
    activities += [ProfilerActivity.CUDA] if device.type == "cuda" else []
    with profile(activities=activities) as profiled:
        result = run_levels(config, weights, levels, device)
        if device.type == "cuda":
            torch.cuda.synchronize()
    print(f"{result.evaluations} evaluations, profiled, in {result.seconds:.2f} s on {device}")
    for order in (f"self_{device.type}_time_total", "self_cpu_time_total"):
        table = profiled.key_averages().table(sort_by=order, row_limit=25)
        print(table, flush=True)


if __name__ == "__main__":
    main()
