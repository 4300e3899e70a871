"""Stimuli, weights and activations, drawn as images."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from convtools import _validate as validate
from convtools.plotting._shared import SIGNED, WIDTH, axes_or_current, draw_image, named_arrays

__all__ = ["plot_example_activations", "plot_weights", "show_images", "show_stimulus"]


def show_stimulus(img: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw a stimulus in grey: −0.5 is black, 0.5 is white.

    Parameters
    ----------
    img : array_like, shape (H, W) or (1, H, W)
        The image.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on, without ticks.

    Raises
    ------
    TypeError, ValueError
        If `img` is not such an array of finite numbers or `ax` is not an Axes.

    Examples
    --------
    >>> import convtools
    >>> ax = show_stimulus(convtools.grating(45))
    """
    img = validate.array("img", img)
    image = img[0] if img.ndim == 3 and len(img) == 1 else img
    if image.ndim != 2:
        raise ValueError(f"`img` must have shape (H, W) or (1, H, W), got {img.shape}")
    return draw_image(axes_or_current(ax), image, limit=0.5, cmap="gray")


def plot_weights(weights: ArrayLike, channels: Sequence[int] = (0,)) -> np.ndarray:
    """Draw the weights of some channels: red adds, blue subtracts, one scale for all.

    Parameters
    ----------
    weights : array_like, shape (n, 1, K, K) or (n, K, K)
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
    weights = validate.array("weights", weights)
    if weights.ndim == 4 and weights.shape[1] == 1:
        weights = weights[:, 0]
    if weights.ndim != 3:
        raise ValueError(
            f"`weights` must have shape (n, 1, K, K) or (n, K, K), got {weights.shape}"
        )
    channels = _channels(channels, len(weights))
    columns = min(len(channels), 3)
    rows = -(-len(channels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, 0.4 + 1.5 * rows), squeeze=False)
    used, spare = np.split(axes.ravel(), [len(channels)])
    for ax, channel in zip(used, channels, strict=True):
        draw_image(ax, weights[channel], limit=np.abs(weights).max(), cmap=SIGNED)
        ax.set_title(f"channel {channel}")
    for ax in spare:
        ax.remove()
    figure.colorbar(used[0].images[0], ax=list(used), label="weight")
    return used


def plot_example_activations(
    stimuli: ArrayLike, act: ArrayLike, channels: Sequence[int] = (0,)
) -> np.ndarray:
    """Draw stimuli in the top row and the activations of some channels below.

    Parameters
    ----------
    stimuli : array_like, shape (n, H, W), (n, 1, H, W) or (H, W)
        The images.
    act : array_like, shape (n, C, H, W); with one stimulus also (C, H, W)
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
    stimuli, act = validate.array("stimuli", stimuli), validate.array("act", act)
    if stimuli.ndim == 4 and stimuli.shape[1] == 1:
        images = stimuli[:, 0]
    elif stimuli.ndim == 3:
        images = stimuli
    elif stimuli.ndim == 2:
        images = stimuli[None]
    else:
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
    for column, (image, answers) in enumerate(zip(images, maps, strict=True)):
        show_stimulus(image, axes[0, column])
        for ax, channel in zip(axes[1:, column], channels, strict=True):
            draw_image(ax, answers[channel], limit=limit, cmap=SIGNED)
    for ax, label in zip(
        axes[:, 0], ["stimulus", *(f"ch. {channel}" for channel in channels)], strict=True
    ):
        ax.set_ylabel(label, rotation=0, ha="right", va="center")
    figure.colorbar(
        axes[1, 0].images[0], ax=axes, orientation="horizontal", label="activation", aspect=40
    )
    return axes


def show_images(
    images: Mapping[str, ArrayLike], *, signed: bool = False, columns: int = 3
) -> np.ndarray:
    """Draw images with a title each.

    Parameters
    ----------
    images : mapping of str to array_like, shape (H, W)
        Titles and images.
    signed : bool
        Draw numbers around 0 in red and blue on one scale; else each image in grey from its
        smallest to its largest value, and a uniform one between black (−0.5) and white (0.5).
    columns : int
        How many images stand side by side.

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
    >>> axes = show_images({"0°": convtools.grating(0), "45°": convtools.grating(45)})
    """
    arrays = named_arrays("images", images, axes="(H, W)")
    columns = min(validate.integer("columns", columns, minimum=1), len(arrays))
    rows = -(-len(arrays) // columns)
    height, width = next(iter(arrays.values())).shape
    size = (
        WIDTH,
        rows * (0.3 + WIDTH / columns * height / width) + 0.6 * validate.flag("signed", signed),
    )
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    used, spare = np.split(axes.ravel(), [len(arrays)])
    limit = max(np.abs(image).max() for image in arrays.values())
    for ax, (title, image) in zip(used, arrays.items(), strict=True):
        if signed:
            draw_image(ax, image, limit=limit, cmap=SIGNED)
        else:
            draw_image(ax, image, limit=None, cmap="gray")
        ax.set_title(title)
    for ax in spare:
        ax.remove()
    if signed:
        figure.colorbar(used[0].images[0], ax=axes, orientation="horizontal", aspect=40)
    return used


def _channels(channels: Sequence[int], n: int) -> list[int]:
    if not isinstance(channels, Iterable):
        raise TypeError(f"`channels` must be a sequence of integers, got {channels!r}")
    numbers = [validate.integer("channels", channel, minimum=0) for channel in channels]
    if not numbers or max(numbers) >= n:
        raise ValueError(
            f"`channels` must name some of the {n} channels 0 to {n - 1}, got {numbers}"
        )
    return numbers
