"""Stimuli: sinusoidal gratings and a photograph."""

from functools import cache
from importlib.resources import files

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from convtools import _validate as validate
from convtools._coordinates import across_and_along, centred_grid

__all__ = ["natural_image", "sine_grating"]


def sine_grating(
    shape: tuple[int, int],
    wavelength: float,
    orientation: float,
    *,
    phase: float = 0.0,
    contrast: float = 1.0,
) -> Tensor:
    """Return a sinusoidal grating with its phase measured from the centre of the image.

    Parameters
    ----------
    shape : tuple of int
        Height and width in pixels.
    wavelength : float
        Period in pixels, at least 2: shorter ones would look like longer ones (aliasing).
    orientation : float
        Degrees: 0 gives vertical bars, positive angles rotate them clockwise.
    phase : float
        Phase in radians; 0 puts a bright bar on the centre.
    contrast : float
        From 0 to 1: the values range from ``−contrast/2`` to ``contrast/2``.

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
    """Return a photograph in grey, which comes with the package.

    It is the official portrait of Grace Hopper (1906-1992), who wrote one of the first
    compilers; a work of the United States Navy, in the public domain.

    Parameters
    ----------
    size : int or tuple of int, optional
        Height and width in pixels, or one number for both. The largest part of that proportion
        around the face is cropped and resampled. None gives the whole photograph.

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
    crop_height, crop_width = max(1, round(scale * height)), max(1, round(scale * width))
    top = (photograph.shape[0] - crop_height) // 4  # the face is above the middle
    left = (photograph.shape[1] - crop_width) // 2
    crop = photograph[top : top + crop_height, left : left + crop_width]
    resized = interpolate(crop[None, None], (height, width), mode="bilinear", antialias=True)
    return resized[0, 0]


@cache
def _photograph() -> Tensor:
    with files("convtools").joinpath("grace_hopper.jpg").open("rb") as file:
        red_green_blue = np.asarray(Image.open(file))
    luma = red_green_blue @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    return torch.from_numpy((luma / 255 - 0.5).astype(np.float32))
