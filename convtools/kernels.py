"""Weights to filter with: centre-surround and Gabor kernels."""

import numpy as np
import torch
from torch import Tensor

from convtools import _validate as validate
from convtools._coordinates import across_and_along, centred_grid

__all__ = ["difference_of_gaussians", "filters", "gabor", "quadrature_pair"]

# Standard deviation of a Gaussian over the wavelength for which the Gabor's bandwidth at half
# height is one octave (b = 1): √(ln2/2)/π · (2^b + 1)/(2^b − 1).
ONE_OCTAVE = 3 * np.sqrt(np.log(2) / 2) / np.pi


def filters(out_channels: int = 6, K: int = 7) -> Tensor:
    """Make the tutorial's bank: two centre-surround kernels, then `out_channels` − 2 oriented ones.

    The values are the tutorial's, so that a reader who comes from there sees the same pictures;
    what is odd about them (a cusp in place of a Gaussian, unequal norms) the chapter of
    corrections computes. Channel 0 has a positive centre; channel 1 is its negative. The oriented
    channel made for θ answers most to ``grating(90 − θ)``: it measures the angle the other way.

    Parameters
    ----------
    out_channels : int
        How many kernels, at least 2.
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
    K = validate.kernel_size("K", K, minimum=3)
    side = np.linspace(-K / 2, K / 2, K, dtype=np.float32)
    y, x = np.meshgrid(side, side, indexing="ij")
    radius = np.hypot(y, x)

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


def gabor(
    size: int,
    wavelength: float,
    orientation: float,
    *,
    phase: float = 0.0,
    sigma: float | None = None,
    aspect: float = 1.0,
    zero_mean: bool = False,
) -> Tensor:
    """Make a Gabor kernel: a Gaussian times ``cos(2π·x′/wavelength + phase)``.

    ``x′`` runs across the bars, from the centre of the kernel. ``gabor(orientation=θ)`` answers
    most to a grating of orientation θ.

    Parameters
    ----------
    size : int
        Height and width in pixels, odd.
    wavelength : float
        Period of the cosine in pixels, at least 2: shorter ones would look like longer ones.
    orientation : float
        Degrees: 0 gives vertical bars, positive angles turn them clockwise.
    phase : float
        Phase in radians: 0 is even (a bright bar in the centre), −π/2 odd (an edge).
    sigma : float, optional
        Standard deviation of the Gaussian across the bars, in pixels. None takes
        0.562 × `wavelength`, for which the bandwidth at half height is one octave.
    aspect : float
        The Gaussian's standard deviation along the bars is ``sigma/aspect``: below 1 gives long
        bars.
    zero_mean : bool
        Subtract from the cosine the constant for which the kernel sums to 0.

    Returns
    -------
    Tensor
        float32, shape ``(size, size)``.

    Raises
    ------
    TypeError, ValueError
        If `size` is not odd, a number is not finite, `wavelength` is below 2, `sigma` or
        `aspect` is not positive, or `zero_mean` is not a bool.

    References
    ----------
    Daugman, J. G. (1985). J. Opt. Soc. Am. A 2, 1160-1169.
    Jones, J. P. & Palmer, L. A. (1987). J. Neurophysiol. 58, 1233-1258.

    Examples
    --------
    >>> gabor(5, wavelength=8, orientation=0, sigma=2.0)[2].round(decimals=3)
    tensor([0.0000, 0.6240, 1.0000, 0.6240, 0.0000])
    """
    size = validate.kernel_size("size", size)
    wavelength = validate.real("wavelength", wavelength, minimum=2)
    orientation = validate.real("orientation", orientation)
    phase = validate.real("phase", phase)
    sigma = ONE_OCTAVE * wavelength if sigma is None else validate.real("sigma", sigma, above=0)
    aspect = validate.real("aspect", aspect, above=0)
    across, along = across_and_along(*centred_grid(size, size), orientation)
    envelope = np.exp(-(across**2 + (aspect * along) ** 2) / (2 * sigma**2))
    carrier = np.cos(2 * np.pi * across / wavelength + phase)
    if validate.flag("zero_mean", zero_mean):
        carrier -= np.average(carrier, weights=envelope)
    return torch.from_numpy((envelope * carrier).astype(np.float32))


def quadrature_pair(
    size: int,
    wavelength: float,
    orientation: float,
    *,
    sigma: float | None = None,
    aspect: float = 1.0,
    zero_mean: bool = False,
) -> Tensor:
    """Make an even and an odd Gabor, a quarter of a cycle apart, from one set of parameters.

    Parameters
    ----------
    size, wavelength, orientation, sigma, aspect, zero_mean
        As in `gabor`.

    Returns
    -------
    Tensor
        float32, shape ``(2, size, size)``: phase 0 (cosine), then phase −π/2 (sine).

    Raises
    ------
    TypeError, ValueError
        As `gabor` does.

    References
    ----------
    Adelson, E. H. & Bergen, J. R. (1985). J. Opt. Soc. Am. A 2, 284-299.

    Examples
    --------
    >>> even, odd = quadrature_pair(21, wavelength=8, orientation=30)
    >>> torch.allclose(even, even.flip(0, 1)), torch.allclose(odd, -odd.flip(0, 1))
    (True, True)
    """
    even, odd = (
        gabor(
            size, wavelength, orientation,
            phase=phase, sigma=sigma, aspect=aspect, zero_mean=zero_mean,
        )
        for phase in (0.0, -np.pi / 2)
    )  # fmt: skip
    return torch.stack([even, odd])


def difference_of_gaussians(
    size: int, sigma_center: float, sigma_surround: float, *, balance: float = 1.0
) -> Tensor:
    """Make a centre-surround kernel: a narrow Gaussian minus `balance` times a wide one.

    Parameters
    ----------
    size : int
        Height and width in pixels, odd.
    sigma_center, sigma_surround : float
        Standard deviations in pixels; the surround's is the larger.
    balance : float
        Weight of the surround, 0 or more. Each Gaussian sums to 1, so 1 gives a kernel that sums
        to 0 and does not answer to uniform light. The negative of the kernel is an OFF cell.

    Returns
    -------
    Tensor
        float32, shape ``(size, size)``.

    Raises
    ------
    TypeError, ValueError
        If `size` is not odd, a number is not finite, `sigma_center` is not positive,
        `sigma_surround` is not above `sigma_center`, or `balance` is negative.

    References
    ----------
    Rodieck, R. W. (1965). Vision Research 5, 583-601.

    Examples
    --------
    >>> cell = difference_of_gaussians(9, 1.0, 1.6)
    >>> round(cell[4, 4].item(), 4), abs(cell.sum().item()) < 1e-6
    (0.0965, True)
    """
    size = validate.kernel_size("size", size)
    sigma_center = validate.real("sigma_center", sigma_center, above=0)
    sigma_surround = validate.real("sigma_surround", sigma_surround, above=sigma_center)
    balance = validate.real("balance", balance, minimum=0)
    y, x = centred_grid(size, size)

    def gaussian(sigma: float) -> np.ndarray:
        bump = np.exp(-(x**2 + y**2) / (2 * sigma**2))
        return bump / bump.sum()

    kernel = gaussian(sigma_center) - balance * gaussian(sigma_surround)
    return torch.from_numpy(kernel.astype(np.float32))
