"""The tutorial's figures: stimuli, weights and activations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convtools import _validate as validate
from convtools.plotting._shared import SIGNED, WIDTH, array, as_numpy, axes_or_current, draw_image
from convtools.plotting.images import panels

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["plot_example_activations", "plot_weights", "show_stimulus"]


def show_stimulus(img: Numbers, ax: Axes | None = None, show: bool = False) -> Axes:
    """Draw a stimulus in grey: −0.5 is black, 0.5 is white.

    Parameters
    ----------
    img : array_like or Tensor, shape (H, W) or (1, H, W)
        The image.
    ax : Axes, optional
        Where to draw; None takes the current Axes.
    show : bool
        Show the figure at once, which a notebook does anyway.

    Returns
    -------
    Axes
        The Axes drawn on, without ticks.

    Raises
    ------
    TypeError, ValueError
        If `img` is not such an array of finite numbers, `ax` is not an Axes or `show` not a bool.

    Examples
    --------
    >>> import convtools
    >>> ax = show_stimulus(convtools.grating(45))
    """
    img = array("img", img)
    image = img[0] if img.ndim == 3 and len(img) == 1 else img
    if image.ndim != 2:
        raise ValueError(f"`img` must have shape (H, W) or (1, H, W), got {img.shape}")
    show = validate.flag("show", show)
    ax = draw_image(axes_or_current(ax), image, limit=0.5, cmap="gray")
    if show:
        plt.show()
    return ax


def plot_weights(weights: Numbers, channels: Iterable[int] = (0,)) -> np.ndarray:
    """Draw the weights of some channels: red adds, blue subtracts, one scale for all.

    Parameters
    ----------
    weights : array_like or Tensor, shape (K, K), (n, K, K) or (n, 1, K, K)
        The kernels of a layer with one input channel.
    channels : sequence of int
        Which kernels to draw, side by side.

    Returns
    -------
    ndarray of Axes, shape (len(channels),)
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `weights` is not such an array of finite numbers, or a channel does not exist.

    Examples
    --------
    >>> import convtools
    >>> axes = plot_weights(convtools.filters(), channels=range(6))
    >>> axes.shape
    (6,)
    """
    kernels = as_numpy(validate.bank("weights", weights))[:, 0]
    channels = _channels(channels, len(kernels))
    axes = panels(len(channels), min(len(channels), 3), 1.5, margin=0.4)
    for ax, channel in zip(axes, channels, strict=True):
        draw_image(ax, kernels[channel], limit=np.abs(kernels).max(), cmap=SIGNED)
        ax.set_title(f"channel {channel}")
    axes[0].figure.colorbar(axes[0].images[0], ax=list(axes), label="weight")
    return axes


def plot_example_activations(
    stimuli: Numbers, act: Numbers, channels: Iterable[int] = (0,)
) -> np.ndarray:
    """Draw stimuli in the top row and the activations of some channels below.

    Parameters
    ----------
    stimuli : array_like or Tensor, shape (n, H, W), (n, 1, H, W) or (H, W)
        The images.
    act : array_like or Tensor, shape (n, C, H, W); with one stimulus also (C, H, W)
        The activations. Red is above 0, blue below, one scale for all.
    channels : sequence of int
        Which channels to draw, a row each.

    Returns
    -------
    ndarray of Axes, shape (1 + len(channels), n)
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If an array does not have such a shape or finite numbers, the numbers of stimuli differ,
        or a channel does not exist.

    Examples
    --------
    >>> import convtools
    >>> image = convtools.grating(0)
    >>> layer = convtools.ConvolutionalLayer(filters=convtools.filters())
    >>> plot_example_activations(image, layer(image[None, None]), channels=[0, 4]).shape
    (3, 1)
    """
    stimuli, act = array("stimuli", stimuli), array("act", act)
    images = stimuli[:, 0] if stimuli.ndim == 4 and stimuli.shape[1] == 1 else stimuli
    images = images[None] if images.ndim == 2 else images
    if images.ndim != 3:
        raise ValueError(
            f"`stimuli` must have shape (n, H, W), (n, 1, H, W) or (H, W), got {stimuli.shape}"
        )
    maps = act[None] if act.ndim == 3 and len(images) == 1 else act
    if maps.ndim != 4 or len(maps) != len(images):
        raise ValueError(f"`act` must have shape ({len(images)}, C, H, W), got {act.shape}")
    channels = _channels(channels, maps.shape[1])
    limit = np.abs(maps[:, channels]).max()
    n_rows, n_columns = 1 + len(channels), len(images)
    row = min(0.9, (WIDTH - 0.9) / n_columns) * images.shape[1] / images.shape[2]
    size = (max(WIDTH, 0.85 * n_columns), 0.8 + (row + 0.1) * n_rows)
    figure, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False)
    for column, (image, responses) in enumerate(zip(images, maps, strict=True)):
        show_stimulus(image, axes[0, column])
        for ax, channel in zip(axes[1:, column], channels, strict=True):
            draw_image(ax, responses[channel], limit=limit, cmap=SIGNED)
    for ax, label in zip(
        axes[:, 0], ["stimulus", *(f"ch. {channel}" for channel in channels)], strict=True
    ):
        ax.set_ylabel(label, rotation=0, ha="right", va="center")
    figure.colorbar(
        axes[1, 0].images[0], ax=axes, orientation="horizontal", label="activation", aspect=40
    )
    return axes


def _channels(channels: Iterable[int], n: int) -> list[int]:
    if not isinstance(channels, Iterable):
        raise TypeError(f"`channels` must be a sequence of integers, got {channels!r}")
    numbers = [validate.integer("channels", channel, minimum=0) for channel in channels]
    if not numbers or max(numbers) >= n:
        raise ValueError(
            f"`channels` must name some of the {n} channels 0 to {n - 1}, got {numbers}"
        )
    return numbers
