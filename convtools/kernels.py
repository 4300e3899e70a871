"""Filter kernels: Gabors and differences of Gaussians."""

from __future__ import annotations

from math import ceil

import numpy as np
import torch
from torch import Tensor

from convtools import _validate as validate
from convtools._coordinates import across_and_along, centred_grid

__all__ = ["difference_of_gaussians", "gabor", "normalized", "quadrature_pair"]

# Standard deviation of a Gaussian over the wavelength for which the Gabor's bandwidth at half
# height is one octave (b = 1): √(ln2/2)/π · (2^b + 1)/(2^b − 1).
ONE_OCTAVE = 3 * np.sqrt(np.log(2) / 2) / np.pi

ORDERS = {"l2": 2, "l1": 1, "max": torch.inf}  # of the vector norms
LARGEST = 2001  # pixels of a kernel that chooses its own size


def gabor(
    wavelength: float,
    orientation: float,
    *,
    phase: float = 0.0,
    sigma: float | None = None,
    aspect: float = 1.0,
    size: int | None = None,
    n_stds: float = 3.0,
    zero_mean: bool = False,
    norm: str | None = None,
) -> Tensor:
    """Return a Gabor kernel: a Gaussian times ``cos(2π·x′/wavelength + phase)``.

    ``x′`` is measured across the bars, from the centre of the kernel. ``gabor(λ, θ)`` responds
    most to a grating of orientation θ.

    Parameters
    ----------
    wavelength : float
        Period of the cosine in pixels, at least 2: shorter ones would look like longer ones.
    orientation : float
        Degrees: 0 gives vertical bars, positive angles rotate them clockwise.
    phase : float
        Phase in radians: 0 is even (a bright bar in the centre), −π/2 odd (an edge).
    sigma : float, optional
        Standard deviation of the Gaussian across the bars, in pixels. None takes
        0.562 × `wavelength`, for which the bandwidth at half height is one octave.
    aspect : float
        The Gaussian's standard deviation along the bars is ``sigma/aspect``: below 1 gives long
        bars.
    size : int, optional
        Height and width in pixels, odd. None takes the smallest that holds `n_stds` standard
        deviations on each side of the centre.
    n_stds : float
        At 3 standard deviations the Gaussian has fallen to 1.1 % of its peak, at 2 to 14 %, at
        1.5 to 32 %. What a small `size` or `n_stds` cuts off matters: ``gabor(8, 0)`` sums to 0.1
        in its own 29 pixels, to −4.5 in 15.
    zero_mean : bool
        Subtract from the cosine the constant for which the kernel sums to 0.
    norm : {None, "l2", "l1", "max"}
        Scale the kernel so that the root of the sum of its squared weights, the sum of its
        absolute weights, or its largest absolute weight is 1. None leaves the Gaussian's peak
        at 1.

    Returns
    -------
    Tensor
        float32, shape ``(size, size)``.

    Raises
    ------
    TypeError, ValueError
        If `size` is not odd, a number is not finite, `wavelength` is below 2, `sigma`, `aspect`
        or `n_stds` is not positive, `zero_mean` is not a bool, `norm` is not one of the four, or
        all weights are 0.

    References
    ----------
    Daugman, J. G. (1985). J. Opt. Soc. Am. A 2, 1160-1169.
    Jones, J. P. & Palmer, L. A. (1987). J. Neurophysiol. 58, 1233-1258.

    Examples
    --------
    >>> gabor(wavelength=8, orientation=30).shape
    torch.Size([29, 29])
    >>> gabor(wavelength=8, orientation=0, sigma=2.0, size=5)[2].round(decimals=3)
    tensor([0.0000, 0.6240, 1.0000, 0.6240, 0.0000])
    """
    wavelength = validate.real("wavelength", wavelength, minimum=2)
    orientation = validate.real("orientation", orientation)
    phase = validate.real("phase", phase)
    sigma = ONE_OCTAVE * wavelength if sigma is None else validate.real("sigma", sigma, above=0)
    aspect = validate.real("aspect", aspect, above=0)
    size = _size(size, n_stds, sigma / min(1, aspect))
    zero_mean = validate.flag("zero_mean", zero_mean)
    across, along = across_and_along(*centred_grid(size, size), orientation)
    envelope = _gaussian(across, aspect * along, sigma)
    carrier = np.cos(2 * np.pi * across / wavelength + phase)
    if zero_mean:
        carrier -= np.average(carrier, weights=envelope)
    return _tensor(envelope * carrier, norm, scale=1.0)


def quadrature_pair(
    wavelength: float,
    orientation: float,
    *,
    sigma: float | None = None,
    aspect: float = 1.0,
    size: int | None = None,
    n_stds: float = 3.0,
    zero_mean: bool = False,
    norm: str | None = None,
) -> Tensor:
    """Return an even and an odd Gabor, a quarter of a cycle apart, from one set of parameters.

    Parameters
    ----------
    wavelength, orientation, sigma, aspect, size, n_stds, zero_mean
        As in `gabor`.
    norm : {None, "l2", "l1", "max"}
        As in `gabor`, of the even kernel. The odd one is divided by the same number, so that
        their energy stays the same at every phase.

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
    >>> even, odd = quadrature_pair(wavelength=8, orientation=30)
    >>> torch.allclose(even, even.flip(0, 1)), torch.allclose(odd, -odd.flip(0, 1))
    (True, True)
    """
    even, odd = (
        gabor(
            wavelength, orientation, phase=phase, sigma=sigma, aspect=aspect,
            size=size, n_stds=n_stds, zero_mean=zero_mean,
        )
        for phase in (0.0, -np.pi / 2)
    )  # fmt: skip
    return torch.stack([even, odd]) / _norms(even, norm)


def difference_of_gaussians(
    sigma_center: float,
    sigma_surround: float,
    *,
    balance: float = 1.0,
    size: int | None = None,
    n_stds: float = 3.0,
    norm: str | None = None,
) -> Tensor:
    """Return a centre-surround kernel: a narrow Gaussian minus `balance` times a wide one.

    Parameters
    ----------
    sigma_center, sigma_surround : float
        Standard deviations in pixels; the surround's is the larger.
    balance : float
        Weight of the surround, 0 or more. Each Gaussian sums to 1, so 1 gives a kernel that sums
        to 0 and does not respond to uniform light. The negative of the kernel is an OFF cell.
    size, n_stds, norm
        As in `gabor`, for the surround.

    Returns
    -------
    Tensor
        float32, shape ``(size, size)``.

    Raises
    ------
    TypeError, ValueError
        If `size` is not odd, a number is not finite, `sigma_center` or `n_stds` is not positive,
        `sigma_surround` is not above `sigma_center`, `balance` is negative, `norm` is not one of
        the four, or all weights are 0.

    References
    ----------
    Rodieck, R. W. (1965). Vision Research 5, 583-601.

    Examples
    --------
    >>> cell = difference_of_gaussians(1.0, 1.6)
    >>> cell.shape, abs(cell.sum().item()) < 1e-6
    (torch.Size([11, 11]), True)
    """
    sigma_center = validate.real("sigma_center", sigma_center, above=0)
    sigma_surround = validate.real("sigma_surround", sigma_surround, above=sigma_center)
    balance = validate.real("balance", balance, minimum=0)
    size = _size(size, n_stds, sigma_surround)
    y, x = centred_grid(size, size)

    center, surround = (_gaussian(x, y, sigma) for sigma in (sigma_center, sigma_surround))
    center, surround = center / center.sum(), surround / surround.sum()
    return _tensor(center - balance * surround, norm, scale=center.max())


def normalized(kernels: Tensor, norm: str | None) -> Tensor:
    """Return kernels of shape (..., K, K), each scaled to a norm of 1."""
    return kernels / _norms(kernels, norm)


def _norms(kernels: Tensor, norm: str | None, *, least: float = 0.0) -> Tensor:
    """Return the norms of kernels of shape (..., K, K), 1 without a `norm`."""
    norm = validate.choice("norm", norm, (None, *ORDERS))
    if norm is None:
        return torch.ones(())
    if (kernels.abs().amax(dim=(-2, -1)) <= least).any():
        raise ValueError(f"`norm` must be None for a kernel whose weights are all 0, got {norm!r}")
    return torch.linalg.vector_norm(kernels, ord=ORDERS[norm], dim=(-2, -1), keepdim=True)


def _gaussian(first: np.ndarray, second: np.ndarray, sigma: float) -> np.ndarray:
    """Return a round Gaussian with a peak of 1; where its exponent overflows, it is 0."""
    with np.errstate(over="ignore"):
        return np.exp(-((first / sigma) ** 2 + (second / sigma) ** 2) / 2)


def _size(size: int | None, n_stds: float, sigma: float) -> int:
    n_stds = validate.real("n_stds", n_stds, above=0)
    if size is None:
        if n_stds * sigma > LARGEST / 2:
            raise ValueError(
                f"`n_stds` must give a kernel of at most {LARGEST} pixels, got {n_stds:g} standard "
                f"deviations of {sigma:g} pixels: pass a size"
            )
        return 2 * ceil(n_stds * sigma) + 1
    return validate.integer("size", size, minimum=1, odd=True)


def _tensor(kernel: np.ndarray, norm: str | None, *, scale: float) -> Tensor:
    """Return a kernel in float32; what is below a billionth of `scale` is rounding noise."""
    weights = torch.from_numpy(kernel)
    return (weights / _norms(weights, norm, least=1e-9 * scale)).to(torch.float32)
