"""The tutorial's gratings, filters and layer."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from convtools import _validate as validate
from convtools.layers import check_images, weights_of

__all__ = ["ConvolutionalLayer", "filters", "grating"]

FULL_HEIGHT, FULL_WIDTH = 480, 640  # pixels of `grating` at res=1


def grating(
    angle: float, sf: float = 1 / 28, res: float = 0.1, patch: bool = False, phase: float = 0.0
) -> Tensor:
    """Return the square-wave grating of the Neuromatch tutorial.

    Parameters
    ----------
    angle : float
        Orientation in degrees: 0 gives vertical bars, positive angles rotate them clockwise.
    sf : float
        Spatial frequency in radians per pixel of the full-size image of 480 × 640 pixels. The
        period is ``2π·res/sf`` pixels of the image returned, 17.593 for the defaults, and must be
        at least 2: shorter ones would look like longer ones (aliasing).
    res : float
        Resolution: the factor by which the full-size image is shrunk.
    patch : bool
        Show the grating in a disc in the right half only, rotated by a further 0.1 radians
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
    patch = validate.flag("patch", patch)
    phase = validate.real("phase", phase)
    if sf > np.pi * res * (1 + 1e-9):
        raise ValueError(
            f"`sf` must be at most π·res = {np.pi * res:.4g}, for a period of at least 2 pixels, "
            f"got {sf}"
        )
    rows, columns = np.arange(0, FULL_HEIGHT * res), np.arange(0, FULL_WIDTH * res)
    y, x = np.meshgrid(sf * rows / res, sf * columns / res, indexing="ij")
    theta = np.deg2rad(angle) + (0.1 if patch else 0.0)
    cycles = (x * np.cos(theta) + y * np.sin(theta) + phase) / (2 * np.pi) + 0.25
    # The first half of each cycle is bright. Rounded, because at its edges, where the cosine is 0,
    # the error of the last digit would decide, differently in each row.
    bars = np.where(-cycles.round(9) % 1 >= 0.5, 0.5, -0.5)
    if patch:
        height, width = bars.shape
        distance = np.hypot(rows[:, None] - height / 2, columns - 0.75 * width)
        bars[distance >= FULL_WIDTH / 6 * res] = 0
    return torch.from_numpy(bars.astype(np.float32))


def filters(out_channels: int = 6, K: int = 7) -> Tensor:
    """Return the tutorial's bank: two centre-surround kernels, then `out_channels` − 2 oriented.

    The values are the tutorial's, so that its readers see the same figures; the chapter of
    corrections computes what is odd about them (a cusp in place of a Gaussian, unequal norms).
    Channel 0 has a positive centre; channel 1 is its negative. The angles are measured the other
    way: the oriented channel designed for θ responds most to ``grating(90 − θ)``.

    Parameters
    ----------
    out_channels : int
        Number of kernels, at least 2.
    K : int
        Height and width in pixels, odd and at least 3.

    Returns
    -------
    Tensor
        float32, shape ``(out_channels, 1, K, K)``. Each kernel sums to 0.

    Raises
    ------
    TypeError, ValueError
        If `out_channels` is not an integer of at least 2, or `K` not an odd one of at least 3.

    References
    ----------
    Neuromatch Academy, Computational Neuroscience, W1D5 Tutorial 2 (CC BY 4.0).

    Examples
    --------
    >>> filters().shape
    torch.Size([6, 1, 7, 7])
    >>> round(filters().max().item(), 3)
    1.104
    """
    out_channels = validate.integer("out_channels", out_channels, minimum=2)
    K = validate.integer("K", K, minimum=3, odd=True)
    side = np.linspace(-K / 2, K / 2, K, dtype=np.float32)
    y, x = np.meshgrid(side, side, indexing="ij")
    radius = (y**2 + x**2) ** 0.5  # not hypot, whose last digit differs

    def cusp(sigma: float) -> np.ndarray:
        return np.exp(-radius / (2 * sigma**2))

    on_center = cusp(1.1) - 0.5 * cusp(2.2)
    angles = np.arange(out_channels - 2) * np.pi / (out_channels - 2 or 1)
    oriented = [
        cusp(0.44) * np.cos(2 * np.pi * (y * np.cos(theta) + x * np.sin(theta)) / 10 + np.pi / 2)
        for theta in angles
    ]
    bank = np.stack([on_center, -on_center, *oriented])
    bank /= np.abs(bank).max(axis=(1, 2), keepdims=True)
    bank -= bank.mean(axis=(1, 2), keepdims=True)
    return torch.from_numpy(bank.astype(np.float32)).unsqueeze(1)


class ConvolutionalLayer(nn.Module):
    """One convolutional layer whose output has the height and width of its input.

    Parameters
    ----------
    c_in, c_out : int
        Number of input and of output channels.
    K : int
        Height and width of each kernel in pixels, odd: the padding is ``K // 2``.
    filters : Tensor or ndarray, shape (c_out, c_in, K, K), optional
        Initial weights, copied; with one input channel also (c_out, K, K), and with one output
        channel (K, K). The biases then start at 0; without `filters` both are random.

    Attributes
    ----------
    conv : torch.nn.Conv2d
        The layer that does the work.

    Raises
    ------
    TypeError, ValueError
        If a number is not a positive integer, `K` is even, or `filters` is not an array of that
        shape. Called with images that are not a tensor ``(N, c_in, H, W)`` in the weights'
        precision: likewise. NaN pixels are let through, and give NaN.

    References
    ----------
    Neuromatch Academy, Computational Neuroscience, W1D5 Tutorial 2 (CC BY 4.0).

    Examples
    --------
    >>> import convtools
    >>> layer = ConvolutionalLayer(c_in=1, c_out=6, K=7, filters=convtools.filters(6, 7))
    >>> images = convtools.grating(45)[None, None]  # (N, C, H, W)
    >>> layer(images).shape
    torch.Size([1, 6, 48, 64])
    """

    def __init__(
        self,
        c_in: int = 1,
        c_out: int = 6,
        K: int = 7,
        filters: Tensor | np.ndarray | None = None,
    ):
        super().__init__()
        c_in = validate.integer("c_in", c_in, minimum=1)
        c_out = validate.integer("c_out", c_out, minimum=1)
        K = validate.integer("K", K, minimum=1, odd=True)
        self.conv = nn.Conv2d(c_in, c_out, kernel_size=K, stride=1, padding=K // 2)
        if filters is not None:
            weights = validate.as_bank(validate.array("filters", filters))
            if tuple(weights.shape) != (c_out, c_in, K, K):
                shape = tuple(weights.shape)
                raise ValueError(f"`filters` must have shape {(c_out, c_in, K, K)}, got {shape}")
            self.conv.weight = nn.Parameter(weights_of("filters", weights))
            self.conv.bias = nn.Parameter(self.conv.weight.new_zeros(c_out))

    def forward(self, s: Tensor) -> Tensor:
        """Return activations (N, c_out, H, W) for images (N, c_in, H, W)."""
        check_images("s", s, self.conv.weight)
        return self.conv(s)
