"""Gabor functions fitted to kernels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convtools import _validate as validate
from convtools._coordinates import across_and_along, centred_grid

if TYPE_CHECKING:
    from convtools._validate import Numbers

__all__ = ["GaborFit", "fit_gabor"]

PEAKS = 3  # of the spectrum, from which the search for the best fit starts
GRID = 64  # frequencies along each axis of the spectrum
APART = 0.08  # cycles per pixel between two peaks
NARROWEST = 0.4  # pixels: standard deviation of a Gaussian that is still wider than one pixel


class GaborFit(NamedTuple):
    """A Gabor function fitted to a kernel.

    With an amplitude of 1 and its centre at (0, 0), it is the kernel that `gabor` returns for the
    same parameters.

    Attributes
    ----------
    wavelength : float
        Period of the cosine in pixels.
    orientation : float
        Degrees from 0 to 180: 0 gives vertical bars, positive angles rotate them clockwise.
    phase : float
        Radians from −π to π, measured at the centre of the Gaussian.
    sigma, aspect : float
        The Gaussian's standard deviation across the bars is `sigma` pixels, along them
        ``sigma/aspect``.
    amplitude : float
        Peak of the Gaussian, in the units of the kernel's weights.
    center : tuple of float
        Row and column of the Gaussian's centre, in pixels from the centre of the kernel.
    r2 : float
        Fraction of the kernel's variance that the fit explains.
    fitted : ndarray, shape (H, W)
        The fitted function at the pixels of the kernel.
    """

    wavelength: float
    orientation: float
    phase: float
    sigma: float
    aspect: float
    amplitude: float
    center: tuple[float, float]
    r2: float
    fitted: np.ndarray

    @property
    def n_x(self) -> float:
        """Return the standard deviation across the bars in wavelengths."""
        return self.sigma / self.wavelength

    @property
    def n_y(self) -> float:
        """Return the standard deviation along the bars in wavelengths."""
        return self.n_x / self.aspect


def fit_gabor(kernel: Numbers) -> GaborFit:
    """Return the Gabor function that best fits a kernel, by least squares.

    The amplitude and the phase follow from the other parameters by linear regression. The other
    parameters are found by a search that starts from the largest peaks of the kernel's spectrum.

    Parameters
    ----------
    kernel : array_like or Tensor, shape (H, W)
        Weights; their gradient is not used. At least 3 × 3.

    Returns
    -------
    GaborFit
        The parameters, in pixels, degrees and radians, and R², the fraction of the variance that
        is explained. The search considers wavelengths from 2 pixels to twice the kernel's height
        or width, whichever is larger, and standard deviations from 0.4 pixels to that height or
        width. A blob of one sign gets the longest wavelength, and its orientation has no
        meaning.

    Raises
    ------
    TypeError, ValueError
        If `kernel` is not such an array of finite numbers, or all its weights are equal.

    References
    ----------
    Jones, J. P. & Palmer, L. A. (1987). J. Neurophysiol. 58, 1233-1258.
    Ringach, D. L. (2002). J. Neurophysiol. 88, 455-463.

    Examples
    --------
    >>> import convtools
    >>> fit = fit_gabor(convtools.gabor(wavelength=6, orientation=30, sigma=2.5, size=15))
    >>> print(f"{fit.wavelength:.1f} pixels, {fit.orientation:.0f}°, R² {fit.r2:.2f}")
    6.0 pixels, 30°, R² 1.00
    """
    from scipy.optimize import least_squares  # here, because it is slow to import

    weights = _weights(kernel)
    y, x = centred_grid(*weights.shape)
    longest, norm = max(weights.shape), np.linalg.norm(weights)

    def residuals(parameters: np.ndarray) -> np.ndarray:
        return (_fitted(weights, parameters, y, x)[0] - weights).ravel() / norm

    lower = [-longest / 2, -longest / 2, 1 / (2 * longest), -np.inf, NARROWEST, NARROWEST]
    upper = [longest / 2, longest / 2, 1 / 2, np.inf, longest, longest]
    searches = [
        least_squares(residuals, np.clip(start, lower, upper), bounds=(lower, upper), x_scale="jac")
        for start in _starts(weights, y, x)
    ]
    best = min(searches, key=lambda search: search.cost)
    fitted, (cosine, sine) = _fitted(weights, best.x, y, x)
    row, column, frequency, theta, across, along = best.x.tolist()
    half_turns, theta = divmod(theta, np.pi)
    sine *= (-1) ** half_turns  # a rotation by 180° reverses the phase
    return GaborFit(
        wavelength=1 / frequency,
        orientation=float(np.rad2deg(theta)),
        phase=float(np.arctan2(-sine, cosine)),
        sigma=across,
        aspect=across / along,
        amplitude=float(np.hypot(cosine, sine)),
        center=(row, column),
        r2=float(1 - np.square(fitted - weights).sum() / np.square(weights - weights.mean()).sum()),
        fitted=fitted,
    )


def _weights(kernel: Numbers) -> np.ndarray:
    """Return a kernel in float64, without its gradient."""
    weights = validate.array("kernel", kernel, axes="(H, W)")
    weights = np.asarray(weights.tolist(), dtype=float)
    if min(weights.shape) < 3:
        raise ValueError(f"`kernel` must have at least 3 × 3 weights, got shape {weights.shape}")
    if np.ptp(weights) == 0:
        raise ValueError(f"`kernel` must have different weights, got {weights[0, 0]:g} for all")
    return weights


def _fitted(
    weights: np.ndarray, parameters: np.ndarray, y: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best fit for given parameters, and the amplitudes of its cosine and sine."""
    row, column, frequency, theta, sigma_across, sigma_along = parameters
    across, along = across_and_along(y - row, x - column, np.rad2deg(theta))
    envelope = np.exp(-((across / sigma_across) ** 2 + (along / sigma_along) ** 2) / 2)
    turns = 2 * np.pi * frequency * across
    waves = np.stack([envelope * np.cos(turns), envelope * np.sin(turns)], axis=-1)
    amplitudes = np.linalg.lstsq(waves.reshape(-1, 2), weights.ravel(), rcond=None)[0]
    return waves @ amplitudes, amplitudes


def _starts(weights: np.ndarray, y: np.ndarray, x: np.ndarray) -> Iterator[list[float]]:
    """Yield first guesses, one for each of the largest peaks of the spectrum."""
    energy = np.square(weights) / np.square(weights).sum()
    row, column = (energy * y).sum(), (energy * x).sum()
    spread = np.sqrt((energy * ((y - row) ** 2 + (x - column) ** 2)).sum())
    power = np.abs(np.fft.rfft2(weights, (GRID, GRID)))
    vertical, horizontal = np.meshgrid(np.fft.fftfreq(GRID), np.fft.rfftfreq(GRID), indexing="ij")
    for _ in range(PEAKS):
        peak = np.unravel_index(power.argmax(), power.shape)
        fy, fx = vertical[peak], horizontal[peak]
        yield [row, column, np.hypot(fy, fx), np.arctan2(fy, fx), spread, spread]
        power[np.hypot(vertical - fy, horizontal - fx) < APART] = 0
