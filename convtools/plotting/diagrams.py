"""Diagrams that explain: a network's shapes, receptive fields, a mosaic of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from convtools import _validate as validate
from convtools._palette import PALETTE
from convtools.plotting._shared import array, axes_or_current, draw_image, named_arrays

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["plot_cone", "plot_mosaic", "plot_network", "plot_receptive_fields"]

FILL = PALETTE["light"]["done"]


def plot_network(shapes: Mapping[str, tuple[int, int, int]], ax: Axes | None = None) -> Axes:
    """Draw the shapes in a network from the input down.

    The wider a block, the larger its images; the taller, the more channels.

    Parameters
    ----------
    shapes : mapping of str to (C, H, W)
        What each stage is called and the shape of what leaves it.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `shapes` is empty, not a mapping, or a shape is not three positive integers.

    Examples
    --------
    >>> ax = plot_network({"image": (3, 224, 224), "convolution": (64, 55, 55)})
    """
    named_arrays("shapes", shapes, axes="(3,)")
    ax = axes_or_current(ax)
    widest = max(shape[-1] for shape in shapes.values())
    y = 0.0
    for name, shape in shapes.items():
        channels, height, width = validate.shape_of(f"shapes[{name!r}]", shape, ndim=3)
        thickness = 1 + np.log2(channels) / 2
        block = (-width / 2, y), width, thickness
        ax.add_patch(Rectangle(*block, facecolor=FILL, edgecolor="black"))
        ax.text(-0.55 * widest, y + thickness / 2, name, ha="right", va="center")
        label = f"{channels} × {height} × {width}"
        ax.text(0.55 * widest, y + thickness / 2, label, ha="left", va="center")
        y += thickness + 0.8
    ax.set(xlim=(-1.5 * widest, 1.35 * widest), ylim=(y, -0.5))
    ax.axis("off")
    return ax


def plot_receptive_fields(image: Numbers, sizes: Mapping[str, int], ax: Axes | None = None) -> Axes:
    """Draw an image with receptive fields of several sizes outlined around its centre.

    Parameters
    ----------
    image : array_like or Tensor, shape (H, W)
        The image, −0.5 black, 0.5 white.
    sizes : mapping of str to int
        Names of the receptive fields, for the legend, and their sizes in pixels.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `image` is not a 2-D array of finite numbers, or a size not a positive integer.

    Examples
    --------
    >>> import convtools
    >>> ax = plot_receptive_fields(convtools.natural_image(64), {"layer 1": 7, "layer 2": 16})
    """
    image = array("image", image, axes="(H, W)")
    named_arrays("sizes", sizes, axes="()")
    ax = draw_image(axes_or_current(ax), image, limit=0.5, cmap="gray")
    for number, (name, size) in enumerate(sizes.items()):
        side = validate.integer(f"sizes[{name!r}]", size, minimum=1)
        height, width = image.shape
        corner = (width - 1 - side) / 2, (height - 1 - side) / 2
        color = f"C{number}"
        ax.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=color, linewidth=2))
        ax.plot([], [], color=color, label=f"{name}: {side}")
    ax.figure.legend(loc="outside right upper", title="side in pixels", fontsize="small")
    return ax


def plot_mosaic(centers: Numbers, radius: float, ax: Axes | None = None) -> Axes:
    """Draw the receptive fields of one type of cell as circles.

    Parameters
    ----------
    centers : array_like or Tensor, shape (n, 2)
        Row and column of the centre of each receptive field.
    radius : float
        Radius of the receptive fields in the same unit.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `centers` is not such an array of finite numbers or `radius` is not positive.

    Examples
    --------
    >>> ax = plot_mosaic([[0, 0], [0, 1]], radius=0.5)
    """
    centers = array("centers", centers, axes="(n, 2)")
    if centers.shape[1] != 2:
        raise ValueError(f"`centers` must have shape (n, 2), got {centers.shape}")
    radius = validate.real("radius", radius, above=0)
    ax = axes_or_current(ax)
    for row, column in centers:
        ax.add_patch(Circle((column, row), radius, facecolor=FILL, edgecolor="black", alpha=0.6))
    ax.autoscale_view()
    ax.yaxis.set_inverted(True)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def plot_cone(layers: Mapping[str, tuple[int, int]], ax: Axes | None = None) -> Axes:
    """Draw, along one axis of the image, all that one unit receives input from.

    Parameters
    ----------
    layers : mapping of str to (kernel_size, stride)
        Names and windows of the layers, from the image on.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on: a row of dots for the image and for each layer, the last one with one
        unit, and a line from each unit to each of its inputs.

    Raises
    ------
    TypeError, ValueError
        If `layers` is empty, not a mapping, or a window is not two positive integers.

    Examples
    --------
    >>> ax = plot_cone({"convolution": (3, 1), "pooling": (2, 2)})
    """
    named_arrays("layers", layers, axes="(2,)")
    windows = [validate.shape_of(f"layers[{name!r}]", layers[name], ndim=2) for name in layers]
    ax = axes_or_current(ax)
    counts = [1]
    for kernel_size, stride in reversed(windows):
        counts.insert(0, (counts[0] - 1) * stride + kernel_size)
    inputs, jump = np.arange(counts[0], dtype=float), 1  # positions in pixels of the image
    ax.plot(inputs, np.zeros(counts[0]), "o", color="black", markersize=6)
    for row, ((kernel_size, stride), count) in enumerate(zip(windows, counts[1:], strict=True), 1):
        units = inputs[0] + jump * (kernel_size - 1) / 2 + jump * stride * np.arange(count)
        for unit in range(count):
            for source in inputs[unit * stride : unit * stride + kernel_size]:
                ax.plot([source, units[unit]], [row - 1, row], color="0.6", linewidth=1, zorder=1)
        ax.plot(units, np.full(count, row), "o", color=f"C{row - 1}", markersize=9)
        inputs, jump = units, jump * stride
    names = ["image", *layers]
    ax.set_yticks(range(len(names)), [f"{n}: {c}" for n, c in zip(names, counts, strict=True)])
    ax.set_xlabel("position in the image (pixels)")
    ax.margins(y=0.15)
    return ax
