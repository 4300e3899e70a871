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

__all__ = ["panels", "plot_images"]


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


def panels(n: int, columns: int, height: float, *, margin: float) -> np.ndarray:
    """Return `n` Axes of a new figure, row by row; heights are in inches."""
    rows = -(-n // columns)
    size = WIDTH, rows * height + margin
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    used, spare = np.split(axes.ravel(), [n])
    for ax in spare:
        ax.remove()
    return used
