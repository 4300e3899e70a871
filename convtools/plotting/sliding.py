"""The sliding sum with its numbers, one step at a time or animated."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from itertools import product
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from convtools import _validate as validate
from convtools._palette import PALETTE
from convtools.convolution import correlate2d
from convtools.plotting._shared import WIDTH, array

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["Animation", "animate_sliding_sum", "plot_sliding_sum"]

NOW, DONE, PADDED = (
    PALETTE["light"][name] for name in ("now", "done", "padded")
)  # this step, earlier steps, added zeros
LONGEST = 655.35  # seconds that a GIF can show a frame
MOST_TERMS = 9  # of a sum that is written out above the figure
LINE = 40  # characters of that sum that fit next to each other
DIGITS_IN_A_ROW = 27  # that fit next to each other in all three grids, at the usual size
EXACT = 2**53  # whole numbers up to here are exact


class Animation:
    """An animated GIF that Jupyter shows.

    Parameters
    ----------
    gif : bytes
        The content of the file.
    """

    def __init__(self, gif: bytes):
        self.gif = gif

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/gif": b64encode(self.gif).decode()}


def plot_sliding_sum(
    image: Numbers, kernel: Numbers, *, stride: int = 1, padding: int = 0, step: int = 0
) -> np.ndarray:
    """Draw one step of a kernel's way over an image, with the numbers.

    Parameters
    ----------
    image : array_like or Tensor, shape (H, W)
        The input.
    kernel : array_like or Tensor, shape (kH, kW)
        The weights.
    stride, padding : int
        As in `convtools.correlate2d`.
    step : int
        Which position, counted from 0 along the rows of the output; −1 is the last.

    Returns
    -------
    ndarray of Axes, shape (3,)
        Input, kernel and output.

    Raises
    ------
    TypeError, ValueError
        As `convtools.correlate2d` does, and if there is no such `step`.

    Examples
    --------
    >>> axes = plot_sliding_sum([[1, 2], [3, 4]], [[1, 1]], step=1)
    >>> axes[0].figure.get_suptitle()
    '3·1 + 4·1 = 7'
    """
    image, kernel = array("image", image), array("kernel", kernel)
    output = np.asarray(correlate2d(image, kernel, stride=stride, padding=padding))
    step = validate.integer("step", step, minimum=-output.size)
    if step >= output.size:
        raise ValueError(f"`step` must be below the {output.size} steps there are, got {step}")
    padded = np.pad(image, padding)
    widths = [padded.shape[1], kernel.shape[1], output.shape[1]]
    cell = WIDTH / (sum(widths) + 1)
    tallest = max(padded.shape[0], kernel.shape[0], output.shape[0])
    figure = plt.figure(figsize=(WIDTH, cell * tallest + 0.9))
    axes = figure.subplots(1, 3, width_ratios=widths)
    _draw_step(axes, padded, kernel, output, stride, padding, step % output.size)
    return axes


def animate_sliding_sum(
    image: Numbers, kernel: Numbers, *, stride: int = 1, padding: int = 0, seconds: float = 1.0
) -> Animation:
    """Animate a kernel's way over an image: the steps of `plot_sliding_sum`, one after the other.

    Parameters
    ----------
    image, kernel, stride, padding
        As in `plot_sliding_sum`.
    seconds : float
        How long a step is shown, from 0.01 to 655.35: a GIF can store no others.

    Returns
    -------
    Animation
        One frame a step; it runs for ever.

    Raises
    ------
    TypeError, ValueError
        As `plot_sliding_sum` does, and if `seconds` is out of range.

    Examples
    --------
    >>> animate_sliding_sum([[1, 2], [3, 4]], [[1, 1]]).gif[:6]
    b'GIF89a'
    """
    milliseconds = round(1000 * validate.real("seconds", seconds, minimum=0.01, maximum=LONGEST))
    image, kernel = array("image", image), array("kernel", kernel)
    steps = np.size(correlate2d(image, kernel, stride=stride, padding=padding))
    frames = []
    for step in range(steps):
        options = {"stride": stride, "padding": padding, "step": step}
        figure = plot_sliding_sum(image, kernel, **options)[0].figure
        frames.append(_pixels(figure))
        plt.close(figure)
    # One palette of few colours for all frames: what stays the same is then stored only once.
    palette = frames[-1].quantize(16)
    first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    file = BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=milliseconds, loop=0)
    return Animation(file.getvalue())


def _draw_step(
    axes: np.ndarray,
    padded: np.ndarray,
    kernel: np.ndarray,
    output: np.ndarray,
    stride: int,
    padding: int,
    step: int,
) -> None:
    row, column = np.unravel_index(step, output.shape)
    top, left = row * stride, column * stride
    covered = np.zeros(padded.shape, bool)
    covered[top : top + kernel.shape[0], left : left + kernel.shape[1]] = True
    added = np.pad(
        np.zeros(np.subtract(padded.shape, 2 * padding), bool), padding, constant_values=True
    )
    positions = np.arange(output.size).reshape(output.shape)
    input_colors = np.where(covered, NOW, np.where(added, PADDED, "white"))
    output_colors = np.where(positions == step, NOW, np.where(positions < step, DONE, "white"))
    grids = [padded, kernel, output]
    longest = max(len(_number(number)) for grid in grids for number in grid.ravel())
    digits = DIGITS_IN_A_ROW / sum(grid.shape[1] for grid in grids)
    size = plt.rcParams["font.size"] * min(1, digits / longest)
    _number_grid(axes[0], "input", padded, input_colors, size)
    _number_grid(axes[1], "kernel", kernel, np.full(kernel.shape, NOW), size)
    _number_grid(axes[2], "output", output, output_colors, size, shown=positions <= step)
    if kernel.size <= MOST_TERMS:
        pairs = zip(padded[covered], kernel.ravel(), strict=True)
        terms = [f"{_factor(pixel)}·{_factor(weight)}" for pixel, weight in pairs]
        total = f"{' + '.join(terms)} = {_number(output[row, column])}"
        axes[0].figure.suptitle(fill(total, LINE), fontsize="medium")


def _number(value: float) -> str:
    """Write whole numbers in full, so that a sum can be checked, others with three digits."""
    whole = value == round(value) and abs(value) < EXACT
    return (f"{value:.0f}" if whole else f"{value:.3g}").replace("-", "−")


def _factor(value: float) -> str:
    return f"({_number(value)})" if value < 0 else _number(value)


def _number_grid(
    ax: Axes,
    title: str,
    numbers: np.ndarray,
    colors: np.ndarray,
    size: float,
    shown: np.ndarray | None = None,
) -> None:
    """Draw a grid of coloured cells with the numbers in them."""
    height, width = numbers.shape
    for row, column in product(range(height), range(width)):
        cell = Rectangle((column, row), 1, 1, facecolor=colors[row, column], edgecolor="black")
        ax.add_patch(cell)
        if shown is None or shown[row, column]:
            text = _number(numbers[row, column])
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", size=size)
    ax.set(xlim=(-0.05, width + 0.05), ylim=(height + 0.05, -0.05), aspect="equal", title=title)
    ax.axis("off")


def _pixels(figure: Figure) -> Image.Image:
    """Render a figure at twice its size, for sharp screens."""
    figure.set_dpi(2 * 96)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
