"""Curves, points and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from convtools import _validate as validate
from convtools.plotting._shared import array, axes_or_current, named_arrays

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["plot_bars", "plot_curves", "plot_points"]

LINE = 44  # characters of a legend that fit next to each other
MARKERS = "o^Ds"
SHORT = 100  # ratio of the limits of a logarithmic axis with more ticks than powers of ten


def plot_curves(
    x: Numbers,
    curves: Mapping[str, Numbers],
    *,
    xlabel: str,
    ylabel: str,
    ticks: Sequence[float] | None = None,
    log: bool = False,
    points: Mapping[str, Numbers] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw curves over one x axis, told apart by colour and dash, with a legend.

    Parameters
    ----------
    x : array_like or Tensor, shape (n,)
        Positions of the samples.
    curves : mapping of str to array_like or Tensor, shape (n,)
        Names for the legend and values.
    xlabel, ylabel : str
        What the axes show, with units.
    ticks : sequence of float, optional
        Where the x axis has ticks; None leaves it to matplotlib.
    log : bool
        Use logarithmic axes.
    points : mapping of str to array_like or Tensor, shape (n, 2), optional
        Names for the legend, and x and y of each dot that is drawn on top of the curves.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `curves` is empty or not a mapping, a curve has not as many finite numbers as `x`,
        `ticks` are not finite numbers, `points` is no mapping to such arrays, `log` is not a
        bool, or a number is not positive with `log`.

    Examples
    --------
    >>> ax = plot_curves([0, 1], {"rise": [0, 1]}, xlabel="time (s)", ylabel="rate (Hz)")
    """
    x = array("x", x, axes="(n,)")
    log = validate.flag("log", log)
    _check_axis("x", x, log=log)
    dots = {} if points is None else _pairs(points, log=log)
    ax = axes_or_current(ax)
    dashes = ["-", "--", "-.", ":"]
    for number, (name, curve) in enumerate(named_arrays("curves", curves, axes="(n,)").items()):
        if len(curve) != len(x):
            raise ValueError(f"`curves[{name!r}]` must have {len(x)} values, got {len(curve)}")
        _check_axis(f"curves[{name!r}]", curve, log=log)
        ax.plot(x, curve, dashes[number % len(dashes)], label=str(name))
    for name, pairs in dots.items():
        ax.plot(*pairs.T, "o", label=str(name))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if log:
        _log_axes(ax)
    if ticks is not None:
        ax.set_xticks(array("ticks", ticks, axes="(n,)"))
    if len(names := [*curves, *dots]) > 1:
        _legend_above(ax, names)
    return ax


def _pairs(points: Mapping[str, Numbers], *, log: bool) -> dict[str, np.ndarray]:
    """Return the x and y of named points as arrays of shape (n, 2)."""
    named = named_arrays("points", points, axes="(n, 2)")
    for name, pairs in named.items():
        if pairs.shape[1] != 2:
            raise ValueError(f"`points[{name!r}]` must have 2 columns, got {pairs.shape[1]}")
        _check_axis(f"points[{name!r}]", pairs, log=log)
    return named


def _check_axis(name: str, numbers: np.ndarray, *, log: bool) -> None:
    if log and numbers.min() <= 0:
        raise ValueError(f"`{name}` must be positive on a log axis, got {numbers.min():g}")


def _log_axes(ax: Axes) -> None:
    """Make both axes logarithmic, with plain numbers where powers of ten are too few."""
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        low, high = axis.get_view_interval()
        if high < SHORT * low:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())


def _legend_above(ax: Axes, names: list[str]) -> None:
    longest = max(len(str(name)) for name in names)
    fit = max(1, LINE // (4 + longest))  # columns; 4 for the dash or the marker
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=min(fit, len(names)), fontsize="small")


def plot_points(
    points: Mapping[str, Numbers],
    *,
    xlabel: str,
    ylabel: str,
    counts: Numbers | None = None,
    edges: Numbers | None = None,
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw points, told apart by colour and shape, over a histogram of others in grey.

    Parameters
    ----------
    points : mapping of str to array_like or Tensor, shape (n, 2)
        Names for the legend, and the x and y of each point.
    xlabel, ylabel : str
        What the axes show, with units.
    counts : array_like or Tensor, shape (bins, bins), optional
        How many others are in each square: rows are bins along x, columns are bins along y. The
        more, the darker; empty squares are not drawn.
    edges : array_like or Tensor, shape (bins + 1,), optional
        Limits of the bins, the same along both axes, from the lowest to the highest.
    log : bool
        Use logarithmic axes.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `points` is empty or not a mapping, some of it are not pairs of finite numbers, `counts`
        are negative or not a square array, `edges` do not grow or are not one more than the rows
        of `counts`, `log` is not a bool, or a number is not positive with `log`.

    Examples
    --------
    >>> ax = plot_points({"a": [[1, 2], [2, 4]]}, xlabel="width (pixels)", ylabel="height (pixels)")
    """
    log = validate.flag("log", log)
    pairs = _pairs(points, log=log)
    squares = None if counts is None and edges is None else _histogram(counts, edges, log=log)
    ax = axes_or_current(ax)
    if squares is not None:
        heights, limits = squares
        others, most = np.ma.masked_equal(heights.T, 0), heights.max()
        # Light enough for the points, and a single one in a square is still visible.
        ax.pcolormesh(
            limits, limits, others, cmap="Greys", vmin=-0.3 * most, vmax=2.2 * most, zorder=0
        )
    for number, (name, pair) in enumerate(pairs.items()):
        ax.scatter(
            pair[:, 0], pair[:, 1], s=22, marker=MARKERS[number % len(MARKERS)], label=str(name)
        )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if log:
        _log_axes(ax)
    if len(pairs) > 1:
        _legend_above(ax, list(pairs))
    return ax


def _histogram(counts: Any, edges: Any, *, log: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts and the edges of a histogram whose bins are the same along both axes."""
    heights = array("counts", counts, axes="(bins, bins)")
    if heights.shape[0] != heights.shape[1]:
        raise ValueError(f"`counts` must have as many rows as columns, got {heights.shape}")
    if heights.min() < 0:
        raise ValueError(f"`counts` must not be negative, got {heights.min():g}")
    limits = array("edges", edges, axes="(bins + 1,)")
    if len(limits) != len(heights) + 1 or np.diff(limits).min() <= 0:
        raise ValueError(f"`edges` must be {len(heights) + 1} growing numbers, got {limits}")
    _check_axis("edges", limits, log=log)
    return heights, limits


def plot_bars(
    values: Mapping[str, float], *, xlabel: str, log: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw a horizontal bar for each value, with the number written at its end.

    Parameters
    ----------
    values : mapping of str to float
        Names and values.
    xlabel : str
        What the bars measure, with its unit.
    log : bool
        Use a logarithmic axis.
    ax : Axes, optional
        Where to draw; None takes the current Axes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError, ValueError
        If `values` is empty, not a mapping, or holds anything but finite numbers, positive
        ones with `log`, or if `log` is not a bool.

    Examples
    --------
    >>> ax = plot_bars({"convolutional": 300, "dense": 56_641_536}, xlabel="parameters", log=True)
    """
    numbers = named_arrays("values", values, axes="()")
    log = validate.flag("log", log)
    for name, number in numbers.items():
        _check_axis(f"values[{name!r}]", number, log=log)
    ax = axes_or_current(ax)
    bars = ax.barh(list(numbers), [float(number) for number in numbers.values()], log=log)
    ax.bar_label(bars, [f"{number:,.4g}" if number.dtype.kind == "f" else f"{number:,}"
                        for number in numbers.values()], padding=3)  # fmt: skip
    ax.yaxis.set_inverted(True)
    ax.margins(x=0.3)
    ax.set_xlabel(xlabel)
    return ax
