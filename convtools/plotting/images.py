"""Images in a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from convtools import _validate as validate
from convtools.plotting._shared import SIGNED, WIDTH, draw_image, named_arrays

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["panels", "plot_banks", "plot_images"]


def plot_images(
    images: Mapping[str, Numbers], *, signed: bool = False, columns: int = 3
) -> np.ndarray:
    """Draw images with a title each.

    Parameters
    ----------
    images : mapping of str to array_like or Tensor, shape (H, W)
        Titles and images.
    signed : bool
        Draw numbers around 0 in red and blue on one scale; else each image in grey from its
        smallest to its largest value, and a uniform one between black (−0.5) and white (0.5).
    columns : int
        Number of images in a row.

    Returns
    -------
    ndarray of Axes, shape (len(images),)
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `images` is empty or not a mapping, an image is not a 2-D array of finite numbers, or
        `columns` is not a positive integer.

    Examples
    --------
    >>> import convtools
    >>> axes = plot_images({"0°": convtools.grating(0), "45°": convtools.grating(45)})
    """
    arrays = named_arrays("images", images, axes="(H, W)")
    columns = min(validate.integer("columns", columns, minimum=1), len(arrays))
    signed = validate.flag("signed", signed)
    height, width = next(iter(arrays.values())).shape
    axes = panels(len(arrays), columns, 0.3 + WIDTH / columns * height / width, margin=0.6 * signed)
    limit = max(np.abs(image).max() for image in arrays.values()) if signed else None
    for ax, (title, image) in zip(axes, arrays.items(), strict=True):
        draw_image(ax, image, limit=limit, cmap=SIGNED if signed else "gray")
        ax.set_title(title)
    if signed:
        image, figure = axes[0].images[0], axes[0].figure
        figure.colorbar(image, ax=list(axes), orientation="horizontal", aspect=40)
    return axes


def plot_banks(banks: Mapping[str, Numbers], *, columns: int = 8) -> np.ndarray:
    """Draw banks of kernels below each other, each kernel on a scale of its own.

    Parameters
    ----------
    banks : mapping of str to array_like or Tensor, shape (K, K), (n, K, K) or (n, 1, K, K)
        Titles and kernels: red adds, blue subtracts, white is 0.
    columns : int
        Number of kernels in a row.

    Returns
    -------
    ndarray of Axes, shape (len(banks),)
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `banks` is empty or not a mapping, a bank is not such an array of finite numbers, or
        `columns` is not a positive integer.

    Examples
    --------
    >>> import convtools
    >>> axes = plot_banks({"oriented": convtools.gabor(6, 45), "tutorial": convtools.filters()})
    """
    columns = validate.integer("columns", columns, minimum=1)
    images = {name: _tiled(bank, columns) for name, bank in _named_banks(banks).items()}
    heights = [0.3 + WIDTH * image.shape[0] / image.shape[1] for image in images.values()]
    _, axes = plt.subplots(
        len(images), figsize=(WIDTH, sum(heights)), height_ratios=heights, squeeze=False
    )
    for ax, (title, image) in zip(axes[:, 0], images.items(), strict=True):
        draw_image(ax, image, limit=1, cmap=SIGNED).set_title(title, loc="left")
        ax.spines[:].set(visible=False)
    return axes[:, 0]


def _named_banks(banks: Mapping[str, Numbers]) -> dict[str, np.ndarray]:
    arrays = named_arrays("banks", banks, axes=None)
    return {name: validate.bank(f"banks[{name!r}]", bank)[:, 0] for name, bank in arrays.items()}


def _tiled(kernels: np.ndarray, columns: int) -> np.ndarray:
    """Return kernels as one image, `columns` in a row, with a gap of NaN between them."""
    n, height, width = kernels.shape
    rows = -(-n // columns)
    tiles = np.full((rows * columns, height + 1, width + 1), np.nan)
    peaks = np.abs(kernels).max(axis=(1, 2), keepdims=True)
    tiles[:n, :-1, :-1] = kernels / np.where(peaks > 0, peaks, 1)
    tiles = tiles.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return tiles.reshape(rows * (height + 1), -1)[:-1, :-1]


def panels(n: int, columns: int, height: float, *, margin: float) -> np.ndarray:
    """Return `n` Axes of a new figure, row by row; heights are in inches."""
    rows = -(-n // columns)
    size = WIDTH, rows * height + margin
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    used, spare = np.split(axes.ravel(), [n])
    for ax in spare:
        ax.remove()
    return used
