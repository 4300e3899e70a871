"""The one home of orientation, origin and axis order.

Rows come first and y points downwards. The origin is the centre of the image. An orientation of
0 degrees varies along x (vertical bars); positive angles rotate the bars clockwise on the screen.
"""

import numpy as np

__all__ = ["across_and_along", "centred_grid"]


def centred_grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `y`, `x` in pixels from the centre, each of shape ``(height, width)``."""
    y, x = np.indices((height, width), dtype=float)
    return y - (height - 1) / 2, x - (width - 1) / 2


def across_and_along(
    y: np.ndarray, x: np.ndarray, orientation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates across and along bars of an orientation in degrees."""
    theta = np.deg2rad(orientation)
    return x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
