# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A sweep as a table
#
# Figure 3 is a sweep: five sets of style layers times four values of alpha/beta. Any other sweep,
# such as
#
#     .venv/bin/python scripts/synthesize.py -m ratio=1e-4,1e-3,1e-2 seed=0,1,2
#
# can be looked at in the same way: load its folder, slice the frame, draw.

# %%
from pathlib import Path

import matplotlib.pyplot as plt

from nst.runs.records import load
from nst.runs.replay import Replay
from studies.measures.metrics import correlation_length, high_frequency_share, ssim

plt.rcParams |= {"figure.dpi": 70, "font.size": 8}

frame = load(Path("../results/demo/fig3"))
varied = ["style_layers", "ratio", "seed", "size", "evaluations", "optimizer.name"]
frame[varied].astype(str).nunique().rename("different values").to_frame()

# %% [markdown]
# ## Slices
#
# One row of the figure: all five layers, growing alpha/beta. `losses.content_conv4_2` is Eq. (1),
# `losses.style` is beta times Eq. (5).
#
# **Look at** the two columns of losses: as alpha/beta grows, the one falls and the other rises.

# %%
frame["layers"] = frame["style_layers"].str[-1]
columns = ["ratio", "losses.content_conv4_2", "losses.style", "iterations", "seconds"]
frame[frame["layers"] == "conv5_1"].sort_values("ratio")[columns]

# %% [markdown]
# One column: alpha/beta = 1e-4, more and more layers. The style losses of different rows are sums
# over different layers and do not compare; that of conv1_1, which all have, does.

# %%
columns = ["layers", "losses.content_conv4_2", "losses.style_conv1_1"]
frame[frame["ratio"] == 1e-4].sort_values("layers")[columns]

# %% [markdown]
# ## What the pictures look like, in numbers
#
# Measures of the pictures themselves, added as columns: likeness to the photograph, place by
# place (SSIM), share of the energy in structures finer than four pixels, and the distance at
# which luminance is no longer correlated.

# %%
cells = [Replay(folder) for folder in frame["folder"]]
frame["SSIM to the photograph"] = [ssim(cell.image, cell.photograph) for cell in cells]
frame["energy above 0.25 cycles/px"] = [high_frequency_share(cell.image) for cell in cells]
frame["correlation length (px)"] = [correlation_length(cell.image) for cell in cells]

# %% [markdown]
# ## Heat maps over layers and alpha/beta
#
# **Look at** the directions: likeness to the photograph changes from left to right. Structure
# grows from top to bottom, but only at the left; at the right it is the photograph's own. So the
# two settings are not independent of each other.

# %%
shown = {"losses.content_conv4_2": "content loss, Eq. (1)"} | {
    name: name for name in frame.columns[-3:]
}
figure, axes = plt.subplots(1, 4, figsize=(13, 3.2), sharey=True)
for ax, (column, title) in zip(axes, shown.items(), strict=True):
    table = frame.pivot(index="layers", columns="ratio", values=column)
    ax.imshow(table, aspect="auto", cmap="viridis")
    for i, row in enumerate(table.to_numpy()):
        for j, value in enumerate(row):
            light = value < (table.to_numpy().max() + table.to_numpy().min()) / 2
            ax.text(j, i, f"{value:.3g}", ha="center", va="center", color="w" if light else "k")
    ax.set_xticks(range(len(table.columns)), [f"{ratio:g}" for ratio in table.columns])
    ax.set_yticks(range(len(table)), [f"up to {layer}" for layer in table.index])
    ax.set(title=title, xlabel="alpha/beta")
figure.tight_layout()
