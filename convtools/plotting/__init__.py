"""Figures: plain arrays in, Axes out. Nothing here calls ``plt.show()``."""

from convtools.plotting._shared import book_style
from convtools.plotting.charts import plot_bars, plot_curves
from convtools.plotting.diagrams import draw_mosaic, draw_network, outline_fields
from convtools.plotting.images import (
    plot_example_activations,
    plot_weights,
    show_images,
    show_stimulus,
)
from convtools.plotting.sliding import Animation, animate_sliding_sum, plot_sliding_sum

__all__ = [
    "Animation",
    "animate_sliding_sum",
    "book_style",
    "draw_mosaic",
    "draw_network",
    "outline_fields",
    "plot_bars",
    "plot_curves",
    "plot_example_activations",
    "plot_sliding_sum",
    "plot_weights",
    "show_images",
    "show_stimulus",
]
