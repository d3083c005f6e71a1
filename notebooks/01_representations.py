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
# # The representations of content and style, and Eqs. (1) to (7) step by step
#
# What the network makes of a photograph (*F*, content) and of an artwork (*G*, style), and the
# losses and gradients that move an image towards both. Every equation is computed twice: by `nst`
# and as it is printed in [the paper](https://arxiv.org/abs/1508.06576).

# %%
size = 160  # px: the images have the area of a square of this side

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import torch

from nst.inputs.images import load_image
from nst.method.losses import content_loss, gram_matrix, style_layer_loss, style_loss, total_loss
from nst.method.objective import Objective
from nst.method.pixels import white_noise
from nst.method.vgg import MINIMUM_PIXELS
from nst.runs.replay import Replay

# %config InlineBackend.figure_formats = ["jpeg"]
plt.rcParams |= {"figure.dpi": 100, "image.cmap": "gray", "font.size": 8}
LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]

# The network, photograph and artwork of a committed cell of Figure 1
cell = Replay(Path("../results/demo/fig1/style_e"))
network = cell.network()
photograph, artwork = (
    load_image(cell.folder / cell.record["inputs"][name]["image"], size, MINIMUM_PIXELS)
    for name in ("content", "style")
)
x = white_noise(*photograph.shape[2:], seed=0, mean=0.45, deviation=0.004)  # where an image starts

figure, axes = plt.subplots(1, 3, figsize=(9, 3))
for ax, (name, image) in zip(
    axes, {"photograph p": photograph, "artwork a": artwork, "image x": x}.items(), strict=True
):
    ax.imshow(image[0].permute(1, 2, 0).clamp(0, 1))
    ax.set_title(name)
    ax.axis("off")

# %% [markdown]
# ## Content: the responses F
#
# $F^l$ has a row for each of the $N_l$ filters of layer $l$ and a column for each of the $M_l$
# positions. Below, the six filters of each layer whose responses to the photograph vary most.
#
# **Look at** the rows from top to bottom: edges and colours at the resolution of the photograph,
# then fewer and fewer positions. Where something *is* can still be told in conv4_1; what the
# pixels were cannot.

# %%
P = network(photograph, LAYERS)
figure, axes = plt.subplots(5, 6, figsize=(9, 7.5))
for row, name in zip(axes, LAYERS, strict=True):
    F_l = P[name][0]
    for ax, i in zip(row, F_l.var((1, 2)).argsort(descending=True), strict=False):
        ax.imshow(F_l[i])
        ax.axis("off")
    row[0].set_title(f"{name}: N = {F_l.shape[0]}, M = {F_l[0].numel()}", loc="left")
figure.tight_layout()

# %% [markdown]
# ## Style: the Gram matrices G
#
# Eq. (3), $G^l_{ij} = \sum_k F^l_{ik} F^l_{jk}$: how strongly two filters respond at the same
# places.
#
# **Look at** the differences between the two rows: they are all that the style loss sees. A Gram
# matrix sums over positions, so it does not know where anything is: with the positions of $F$ in
# another order it is the same.

# %%
A = network(artwork, LAYERS)
figure, axes = plt.subplots(2, 5, figsize=(9, 3.8))
for row, (name, F) in zip(axes, {"photograph": P, "artwork": A}.items(), strict=True):
    for ax, layer in zip(row, LAYERS, strict=True):
        ax.imshow((gram_matrix(F[layer])[0] / F[layer][0, 0].numel()).sqrt())
        ax.set_title(f"{name}, {layer}")
        ax.axis("off")
figure.tight_layout()

F_l = A["conv3_1"]
order = torch.randperm(F_l[0, 0].numel(), generator=torch.Generator().manual_seed(0))
moved = F_l.flatten(2)[:, :, order].view_as(F_l)
change = (gram_matrix(moved) - gram_matrix(F_l)).norm() / gram_matrix(F_l).norm()
print(f"positions in another order: G changes by {change:.1e} of its norm")

# %% [markdown]
# ## Eqs. (1) and (2): the content loss and its gradient
#
# $\mathcal{L}_{content} = \frac{1}{2} \sum_{ij} (F_{ij} - P_{ij})^2$, and its derivative by the
# response before rectification is $F - P$ where $F > 0$, and 0 elsewhere.
#
# **Look at** the last line: autograd, which `nst` uses, and the printed gradient are the same
# numbers.

# %%
F_x, F_p = network(x, ["conv4_2"])["conv4_2"], network(photograph, ["conv4_2"])["conv4_2"]
print(f"nst.method.losses.content_loss {content_loss(F_x, F_p).item():.6g}")
print(f"Eq. (1)                 {0.5 * ((F_x - F_p) ** 2).sum().item():.6g}")

response = F_x.clone().requires_grad_()
(gradient,) = torch.autograd.grad(content_loss(response.relu(), F_p).sum(), response)
printed = torch.where(F_x > 0, F_x - F_p, 0)
print(f"largest difference of autograd from Eq. (2): {(gradient - printed).abs().max().item():.1e}")
print(f"share of responses that get a gradient: {(F_x > 0).float().mean().item():.0%}")

# %% [markdown]
# ## Eqs. (4) and (6): the style loss of a layer and its gradient
#
# $E_l = \frac{1}{4 N_l^2 M_l^2} \sum_{ij} (G^l_{ij} - A^l_{ij})^2$, and its derivative is
# $\frac{1}{N_l^2 M_l^2} \left( (F^l)^T (G^l - A^l) \right)_{ji}$ where $F > 0$. An artwork of
# another size has an $M_l$ of its own; here it is cut to the size of the image, so that the
# equations are as printed.

# %%
height, width = (min(x.shape[i], artwork.shape[i]) // 16 * 16 for i in (2, 3))
same_size = network(artwork[:, :, :height, :width], LAYERS)
of_x = network(x[:, :, :height, :width], LAYERS)
for name in LAYERS:
    F, G_a = of_x[name], gram_matrix(same_size[name])
    N, M = F.shape[1], F[0, 0].numel()
    response = F.clone().requires_grad_()
    E = style_layer_loss(gram_matrix(response.relu()), G_a, M)
    (gradient,) = torch.autograd.grad(E.sum(), response)
    flat = F[0].flatten(1)  # N x M, as in the paper
    printed = (flat.T @ (gram_matrix(F) - G_a)[0]).T / (N**2 * M**2)
    printed = torch.where(flat > 0, printed, 0).view_as(F[0])
    difference = (gradient[0] - printed).abs().max() / printed.abs().max()
    print(f"{name}: E = {E.item():9.4g}, autograd differs from Eq. (6) by {difference.item():.0e}")

# %% [markdown]
# ## Eqs. (5) and (7): all layers, and both losses
#
# $\mathcal{L}_{style} = \sum_l w_l E_l$ with $w_l = 1/5$ and $\mathcal{L}_{total} = \alpha
# \mathcal{L}_{content} + \beta \mathcal{L}_{style}$. `Objective` puts all of it together;
# `literal` takes alpha and beta as they are printed (see `docs/loss-scaling.md`).

# %%
alpha, beta = 1e-9, 1.0
objective = Objective(
    network, photograph, artwork, alpha, beta, ["conv4_2"], LAYERS, loss_scaling="literal"
)
losses = objective(x)
E = [losses.raw[f"style_{name}"] for name in LAYERS]
L_content, L_style = losses.raw["content_conv4_2"], style_loss(E, [1 / 5] * 5)
print(f"Objective        {losses.total.item():.6g}")
print(f"Eqs. (5) and (7) {total_loss(L_content, L_style, alpha, beta).item():.6g}")

# %% [markdown]
# ## The gradients that move the pixels
#
# The derivatives of both losses by the pixels of the white noise.
#
# **Look at** how little there is to see: from white noise, one step shows neither the photograph
# nor the artwork. It takes about a hundred evaluations, whose losses the next notebook draws.
# Below, a check without autograd: a small step along the gradient changes the loss by what the
# gradient predicts.

# %%
figure, axes = plt.subplots(1, 2, figsize=(7, 3.5))
for ax, part in zip(axes, ("content", "style"), strict=True):
    pixels = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(getattr(objective(pixels), part).sum(), pixels)
    ax.imshow(-gradient[0].mean(0), vmin=-4 * gradient.std(), vmax=4 * gradient.std())
    ax.set_title(f"minus the gradient of the {part} loss")
    ax.axis("off")

pixels = x.clone().requires_grad_()
(gradient,) = torch.autograd.grad(objective(pixels).total.sum(), pixels)
step = 0.05 * gradient / gradient.norm()
with torch.no_grad():
    change = (objective(x + step).total - objective(x - step).total).item()
print(f"predicted change {2 * (step * gradient).sum().item():.4g}, measured {change:.4g}")
