"""Responses next to the images that explain them: stimuli, or receptive fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from convtools.plotting._shared import SIGNED, WIDTH, draw_image, named_arrays
from convtools.plotting.charts import plot_curves

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["plot_responses", "plot_tuning"]

HEIGHT = 2.4  # inches of the curves below the stimuli
PANEL = 1.1  # inches of a row of kernels with their curves


def plot_responses(
    stimuli: Mapping[str, Numbers],
    x: Numbers,
    curves: Mapping[str, Numbers],
    *,
    xlabel: str,
    ylabel: str,
    ticks: Sequence[float] | None = None,
) -> np.ndarray:
    """Draw stimuli in a row, and below them response curves.

    Parameters
    ----------
    stimuli : mapping of str to array_like or Tensor, shape (H, W)
        Titles and images, −0.5 black, 0.5 white.
    x : array_like or Tensor, shape (n,)
        Positions of the samples.
    curves : mapping of str to array_like or Tensor, shape (n,)
        Names for the legend and values.
    xlabel, ylabel : str
        What the axes show, with units.
    ticks : sequence of float, optional
        Where the x axis has ticks; None leaves it to matplotlib.

    Returns
    -------
    ndarray of Axes, shape (len(stimuli) + 1,)
        Those of the stimuli, then that of the curves.

    Raises
    ------
    TypeError, ValueError
        As `plot_images` and `plot_curves` do.

    Examples
    --------
    >>> import convtools
    >>> stimuli = {f"{angle}°": convtools.grating(angle) for angle in (0, 90)}
    >>> labels = {"xlabel": "orientation (degrees)", "ylabel": "rate (Hz)"}
    >>> plot_responses(stimuli, [0, 90], {"neuron": [1, 0]}, **labels).shape
    (3,)
    """
    images = named_arrays("stimuli", stimuli, axes="(H, W)")
    n = len(images)
    height, width = next(iter(images.values())).shape
    strip = 0.3 + WIDTH / n * height / width
    figure = plt.figure(figsize=(WIDTH, strip + HEIGHT))
    grid = figure.add_gridspec(2, n, height_ratios=[strip, HEIGHT])
    axes = [figure.add_subplot(grid[0, column]) for column in range(n)]
    for ax, (title, image) in zip(axes, images.items(), strict=True):
        draw_image(ax, image, limit=0.5, cmap="gray").set_title(title)
    below = figure.add_subplot(grid[1, :])
    plot_curves(x, curves, xlabel=xlabel, ylabel=ylabel, ticks=ticks, ax=below)
    return np.array([*axes, below])


def plot_tuning(
    kernels: Mapping[str, Numbers],
    x: Numbers,
    curves: Mapping[str, Numbers],
    *,
    xlabel: str,
    ylabel: str,
    ticks: Sequence[float] | None = None,
) -> np.ndarray:
    """Draw kernels, each with its tuning curve on the right, two in a row.

    Parameters
    ----------
    kernels : mapping of str to array_like or Tensor, shape (H, W)
        Titles and weights: red adds, blue subtracts, one scale for all.
    x : array_like or Tensor, shape (n,)
        Positions of the samples.
    curves : mapping of str to array_like or Tensor, shape (n,)
        The curve for each of the same titles.
    xlabel, ylabel : str
        What the axes show, with units.
    ticks : sequence of float, optional
        Where the x axes have ticks; None leaves it to matplotlib.

    Returns
    -------
    ndarray of Axes, shape (len(kernels), 2)
        Of each kernel, then of its curve. All curves share their axes.

    Raises
    ------
    TypeError, ValueError
        As `plot_images` and `plot_curves` do, and if the titles differ.

    Examples
    --------
    >>> import convtools
    >>> kernels = {"vertical": convtools.gabor(8, 0), "horizontal": convtools.gabor(8, 90)}
    >>> curves = {"vertical": [1, 0], "horizontal": [0, 1]}
    >>> labels = {"xlabel": "orientation (degrees)", "ylabel": "response"}
    >>> plot_tuning(kernels, [0, 90], curves, **labels).shape
    (2, 2)
    """
    images = named_arrays("kernels", kernels, axes="(H, W)")
    if list(named_arrays("curves", curves, axes="(n,)")) != list(images):
        raise ValueError(f"`curves` must have the titles {list(images)}, got {list(curves)}")
    rows = -(-len(images) // 2)
    figure = plt.figure(figsize=(WIDTH, 0.6 + PANEL * rows))
    grid = figure.add_gridspec(rows, 4, width_ratios=[1, 1.7, 1, 1.7])
    limit = max(np.abs(image).max() for image in images.values())
    axes = np.empty((len(images), 2), dtype=object)
    for number, (title, image) in enumerate(images.items()):
        row, column = divmod(number, 2)
        left = figure.add_subplot(grid[row, 2 * column])
        draw_image(left, image, limit=limit, cmap=SIGNED).set_title(title, fontsize="small")
        first = axes[0, 1]
        right = figure.add_subplot(grid[row, 2 * column + 1], sharex=first, sharey=first)
        plot_curves(x, {title: curves[title]}, xlabel="", ylabel="", ticks=ticks, ax=right)
        right.tick_params(labelsize="small", labelleft=column == 0)
        right.tick_params(labelbottom=number + 2 >= len(images))
        axes[number] = left, right
    axes[0, 1].set_ylim(bottom=min(0, axes[0, 1].get_ylim()[0]))
    figure.supxlabel(xlabel, fontsize="medium")
    figure.supylabel(ylabel, fontsize="medium")
    return axes
