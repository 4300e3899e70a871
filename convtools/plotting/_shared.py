"""The style of the book's figures, and helpers that several kinds of figure share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from array_api_compat import is_torch_array
from matplotlib import rcsetup
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from convtools import _validate as validate
from convtools._palette import PALETTE

if TYPE_CHECKING:
    from convtools._validate import Array, Numbers

__all__ = [
    "SIGNED",
    "WIDTH",
    "array",
    "as_numpy",
    "axes_or_current",
    "book_style",
    "draw_image",
    "named_arrays",
]

# Blue below 0, white at 0, red above: matplotlib's RdBu_r, which the colour-blind can tell apart.
SIGNED = LinearSegmentedColormap.from_list("signed", PALETTE["light"]["signed"])
WIDTH = 4.8  # inches of a figure: its text can still be read when it is shrunk to a phone


def book_style() -> None:
    """Set matplotlib to the look of the book's figures.

    It is that of the style ``convtools.book`` with the colours of ``plotting/palette.json``.

    Examples
    --------
    >>> book_style()
    >>> plt.rcParams["image.cmap"]
    'gray'
    """
    colors = {"axes.prop_cycle": rcsetup.cycler(color=PALETTE["cycle"])}
    plt.style.use(["convtools.book", colors | {"figure.facecolor": PALETTE["light"]["paper"]}])


def draw_image(ax: Axes, image: np.ndarray, *, limit: float | None, cmap: str | Colormap) -> Axes:
    """Draw an image on a scale from −`limit` to `limit`, or from its least to its largest value.

    Where there is nothing between these, the scale is that of grey values, so that a uniform image
    is as light as it is.
    """
    vmin, vmax = (image.min(), image.max()) if limit is None else (-limit, limit)
    if vmin == vmax:
        half = max(0.5, abs(vmin))
        vmin, vmax = -half, half
    ax.imshow(image, cmap=cmap, vmin=vmin, vmax=vmax, interpolation="none")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="0.7", linewidth=0.5)
    return ax


def array(name: str, value: Numbers, *, axes: str | None = None) -> np.ndarray:
    """Return what can be read as an array as a NumPy array to draw."""
    return as_numpy(validate.array(name, value, axes=axes))


def as_numpy(numbers: Array) -> np.ndarray:
    """Return an array as NumPy's; a drawing needs no gradients."""
    if not is_torch_array(numbers):
        return numbers
    half = numbers.is_floating_point() and numbers.dtype.itemsize < 4  # NumPy has no bfloat16
    return (numbers.float() if half else numbers).detach().cpu().numpy()


def axes_or_current(ax: Axes | None) -> Axes:
    if ax is None:
        return plt.gca()
    if not isinstance(ax, Axes):
        raise TypeError(f"`ax` must be a matplotlib Axes, got a {type(ax).__name__}")
    return ax


def named_arrays(
    name: str, values: Mapping[str, Numbers], *, axes: str | None
) -> dict[str, np.ndarray]:
    if not isinstance(values, Mapping):
        raise TypeError(f"`{name}` must map names to numbers, got a {type(values).__name__}")
    if not values:
        raise ValueError(f"`{name}` must not be empty")
    return {key: array(f"{name}[{key!r}]", value, axes=axes) for key, value in values.items()}
