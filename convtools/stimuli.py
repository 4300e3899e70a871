"""Images to look at: gratings and a photograph."""

from functools import cache

import numpy as np
import torch
from matplotlib.cbook import get_sample_data
from matplotlib.image import imread
from torch import Tensor
from torch.nn.functional import interpolate

from convtools import _validate as validate
from convtools._coordinates import across_and_along, centred_grid

__all__ = ["grating", "natural_image", "sine_grating"]

FULL_HEIGHT, FULL_WIDTH = 480, 640  # pixels of `grating` at res=1


def grating(
    angle: float, sf: float = 1 / 28, res: float = 0.1, patch: bool = False, phase: float = 0.0
) -> Tensor:
    """Draw the square-wave grating of the Neuromatch tutorial.

    Parameters
    ----------
    angle : float
        Orientation in degrees: 0 gives vertical bars, positive angles turn them clockwise.
    sf : float
        Spatial frequency in radians per pixel of the full-size image of 480 × 640 pixels. The
        period is ``2π·res/sf`` pixels of the image returned, 17.593 for the defaults, and must be
        at least 2: shorter ones would look like longer ones (aliasing).
    res : float
        Resolution: the factor by which the full-size image is shrunk.
    patch : bool
        Show the grating in a disc in the right half only, turned by a further 0.1 radians
        (5.73°), as the tutorial has it; the rest of the image is 0.
    phase : float
        Phase in radians. With 0 a bright bar is centred on the top left pixel, not on the centre.

    Returns
    -------
    Tensor
        float32, shape ``(ceil(480·res), ceil(640·res))``, −0.5 or 0.5, and 0 outside a patch.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite, if `sf` or `res` is not positive, if the period is below 2
        pixels, if `patch` is not a bool.

    References
    ----------
    Neuromatch Academy, Computational Neuroscience, W1D5 Tutorial 2 (CC BY 4.0).

    Examples
    --------
    >>> grating(0).shape
    torch.Size([48, 64])
    >>> grating(0)[0, :10]
    tensor([ 0.5000,  0.5000,  0.5000,  0.5000,  0.5000, -0.5000, -0.5000, -0.5000,
            -0.5000, -0.5000])
    """
    angle = validate.real("angle", angle)
    sf = validate.real("sf", sf, above=0)
    res = validate.real("res", res, above=0)
    phase = validate.real("phase", phase)
    if sf > np.pi * res * (1 + 1e-9):
        raise ValueError(
            f"`sf` must be at most π·res = {np.pi * res:.4g}, for a period of at least 2 pixels, "
            f"got {sf}"
        )
    rows, columns = np.arange(0, FULL_HEIGHT * res), np.arange(0, FULL_WIDTH * res)
    y, x = np.meshgrid(sf * rows / res, sf * columns / res, indexing="ij")
    turned = np.deg2rad(angle) + (0.1 if validate.flag("patch", patch) else 0.0)
    cycles = (x * np.cos(turned) + y * np.sin(turned) + phase) / (2 * np.pi) + 0.25
    # The first half of each cycle is bright. Rounded: at its edges, where the cosine is 0, the
    # error of the last digit would decide, another one in each row.
    bars = np.where(-cycles.round(9) % 1 >= 0.5, 0.5, -0.5)
    if patch:
        height, width = bars.shape
        distance = np.hypot(rows[:, None] - height / 2, columns - 0.75 * width)
        bars[distance >= FULL_WIDTH / 6 * res] = 0
    return torch.from_numpy(bars.astype(np.float32))


def sine_grating(
    shape: tuple[int, int],
    wavelength: float,
    orientation: float,
    *,
    phase: float = 0.0,
    contrast: float = 1.0,
) -> Tensor:
    """Draw a sinusoidal grating whose phase is counted from the centre of the image.

    Parameters
    ----------
    shape : tuple of int
        Height and width in pixels.
    wavelength : float
        Period in pixels, at least 2: shorter ones would look like longer ones (aliasing).
    orientation : float
        Degrees: 0 gives vertical bars, positive angles turn them clockwise.
    phase : float
        Phase in radians; 0 puts a bright bar on the centre.
    contrast : float
        From 0 to 1: the values run from ``−contrast/2`` to ``contrast/2``.

    Returns
    -------
    Tensor
        float32, `shape`.

    Raises
    ------
    TypeError, ValueError
        If `shape` is not two positive integers, a number is not finite, `wavelength` is below 2,
        or `contrast` is outside 0 to 1.

    Examples
    --------
    >>> sine_grating((1, 5), wavelength=8, orientation=0).round(decimals=3)
    tensor([[0.0000, 0.3540, 0.5000, 0.3540, 0.0000]])
    """
    height, width = validate.shape_of("shape", shape, ndim=2)
    wavelength = validate.real("wavelength", wavelength, minimum=2)
    orientation = validate.real("orientation", orientation)
    phase = validate.real("phase", phase)
    contrast = validate.real("contrast", contrast, minimum=0, maximum=1)
    across, _ = across_and_along(*centred_grid(height, width), orientation)
    wave = contrast / 2 * np.cos(2 * np.pi * across / wavelength + phase)
    return torch.from_numpy(wave.astype(np.float32))


def natural_image(size: int | tuple[int, int] | None = None) -> Tensor:
    """Load a real photograph in grey, from a file that matplotlib ships: no download.

    It is the official portrait of Grace Hopper (1906-1992), who wrote one of the first
    compilers; a work of the United States Navy, in the public domain.

    Parameters
    ----------
    size : int or tuple of int, optional
        Side of a square, or height and width, in pixels: the largest part of that proportion is
        cut out around the face and resampled. None gives the whole photograph.

    Returns
    -------
    Tensor
        float32, shape ``(H, W)``, values in [−0.5, 0.5]; ``(600, 512)`` without a `size`.

    Raises
    ------
    TypeError, ValueError
        If `size` is not a positive integer or a pair of them.

    Examples
    --------
    >>> natural_image().shape, natural_image(64).shape
    (torch.Size([600, 512]), torch.Size([64, 64]))
    """
    photograph = _photograph()
    if size is None:
        return photograph.clone()
    height, width = validate.pair("size", size, minimum=1)
    scale = min(photograph.shape[0] / height, photograph.shape[1] / width)
    cut_height, cut_width = max(1, round(scale * height)), max(1, round(scale * width))
    top = (photograph.shape[0] - cut_height) // 4  # the face is above the middle
    left = (photograph.shape[1] - cut_width) // 2
    cut = photograph[top : top + cut_height, left : left + cut_width]
    resized = interpolate(cut[None, None], (height, width), mode="bilinear", antialias=True)
    return resized[0, 0]


@cache
def _photograph() -> Tensor:
    with get_sample_data("grace_hopper.jpg") as file:
        red_green_blue = imread(file, format="jpg")
    luma = red_green_blue @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    return torch.from_numpy((luma / 255 - 0.5).astype(np.float32))
