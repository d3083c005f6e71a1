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
# # Figures 1 to 3 from their records
#
# Each picture of a figure is a cell with a record: its settings, inputs and losses. This notebook
# loads the committed records of the paper profile, draws the figures again and shows how the
# losses fell. Photograph and artworks are not in the repository: they are drawn if they are in
# `data/` of this folder. Nothing is computed that a record does not hold: no network is loaded.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from nst.figures.fig1 import figure1
from nst.figures.page import figure2, figure3
from nst.runs.records import load

# %matplotlib inline
# %config InlineBackend.figure_formats = ["jpeg"]
plt.rcParams |= {"figure.dpi": 100, "font.size": 8}
RESULTS = Path("../results/paper")

# %% [markdown]
# ## The records as one frame
#
# A row per picture, a column per setting, loss or figure; nested settings have dotted names.

# %%
frame = load(RESULTS)
frame = frame[frame["figure"].isin(["fig1", "fig2", "fig3"])]
print(f"{len(frame)} pictures, {len(frame.columns)} columns")
columns = ["figure", "cell", "ratio", "evaluations", "seconds", "losses.total", "style.title"]
frame[columns].groupby("figure").head(2)

# %% [markdown]
# ## Figure 2
#
# **Look at** what B to F share: houses, tower and river, which come from conv4_2 of the photograph;
# colours and strokes come from the artwork alone.

# %%
figure = figure2(frame[frame["figure"] == "fig2"], panels="BCDEF")
figure.set_dpi(110)
display(figure)

# %% [markdown]
# ## Figure 3
#
# **Look at** a column from top to bottom: strokes grow with the layers. Look at a row from left
# to right: the photograph comes out as content weighs more.

# %%
rows = {d: f"conv{k}_1" for k, d in enumerate("abcde", 1)}
figure = figure3(frame[frame["figure"] == "fig3"], rows, ratios=["1e-5", "1e-4", "1e-3", "1e-2"])
figure.set_dpi(110)
display(figure)

# %% [markdown]
# ## Figure 1
#
# **Look at** the details below the content reconstructions: pixels get lost from left to right,
# things do not. In the style reconstructions above, structures grow from left to right.

# %%
figure = figure1(frame[frame["figure"] == "fig1"], layer_sets="abcde")
figure.set_dpi(110)
display(figure)

# %% [markdown]
# ## How the losses fell
#
# `losses.csv` has a row for each evaluation, with each layer's part in the total loss.
#
# **Look at** which layer is left over at the end. What no image can have at once, content and
# style, shows as curves that go flat.

# %%
cells = frame[frame["figure"] == "fig3"].set_index("cell")
shown = ["e_1e-05", "e_0.0001", "e_0.001", "e_0.01"]
figure, axes = plt.subplots(1, 4, figsize=(11, 3), sharey=True)
for ax, cell in zip(axes, shown, strict=True):
    losses = pd.read_csv(cells.loc[cell, "losses"]).set_index("evaluation")
    parts = losses.filter(regex="_weighted$")
    for name in parts:
        layer = name.removesuffix("_weighted").replace("_", " ", 1)
        ax.loglog(parts[name], linewidth=1, label=layer, color="k" if "content" in name else None)
    ax.set(title=f"alpha/beta = {cells.loc[cell, 'ratio']:g}", xlabel="evaluation")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("part in the total loss")
axes[-1].legend(fontsize=6, frameon=False)
figure.tight_layout()
