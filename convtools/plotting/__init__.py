"""Figures: arrays in, Axes out. Nothing here calls ``plt.show()``."""

from convtools.plotting._shared import book_style
from convtools.plotting.charts import plot_bars, plot_curves, plot_points
from convtools.plotting.diagrams import (
    plot_cone,
    plot_mosaic,
    plot_network,
    plot_receptive_fields,
)
from convtools.plotting.images import plot_banks, plot_images
from convtools.plotting.sliding import Animation, animate_sliding_sum, plot_sliding_sum
from convtools.plotting.stimulated import plot_responses, plot_tuning

__all__ = [
    "Animation",
    "animate_sliding_sum",
    "book_style",
    "plot_banks",
    "plot_bars",
    "plot_cone",
    "plot_curves",
    "plot_images",
    "plot_mosaic",
    "plot_network",
    "plot_points",
    "plot_receptive_fields",
    "plot_responses",
    "plot_sliding_sum",
    "plot_tuning",
]
