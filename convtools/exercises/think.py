"""The exercises of the chapter Think!."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor, relu

from convtools.convolution import conv2d
from convtools.exercises._verdict import Exercise, MistakeError, called, compare, numbers
from convtools.kernels import gabor
from convtools.tuning import circular_variance as right_variance
from convtools.tuning import orientation_selectivity

__all__ = ["circular_variance", "preferred_grating", "savings", "unknown_unit"]

ORIENTATION, WAVELENGTH = 110, 14  # of the unknown unit: degrees, pixels
FIRST, STEP = 4, 5  # of the wavelengths in the chapter, in pixels; of the orientations, in degrees


def unknown_unit(images: Tensor) -> Tensor:
    """Return the mean rate (N,) of the units of one channel to images (N, 1, H, W)."""
    kernel = gabor(WAVELENGTH, ORIENTATION, phase=1.0, zero_mean=True, norm="l2")
    return relu(conv2d(images, kernel[None, None])).mean(dim=(1, 2, 3))


@Exercise
def savings(function: Callable[[int, int, int], Any]) -> None:
    """Check the factors that locality and sharing save in a layer."""
    for height, width, K in [(20, 30, 5), (12, 9, 3)]:
        answer = called(function, height, width, K)
        locality, sharing = height * width / K**2, height * width
        mistakes: dict[str, ArrayLike] = {
            "The two factors are swapped: locality comes first.": [sharing, locality],
            "This is the product of the two.": locality * sharing,
            "These are fractions; the factors say how many times more weights there would be.": [
                1 / locality,
                1 / sharing,
            ],
            "A kernel has height times width weights, not K.": [height * width / K, sharing],
            "Locality: compare a dense unit with one that sees K × K pixels.": [K**2, sharing],
            "Sharing: how many units of one channel share a kernel?": [locality, K**2],
            "The second one is the factor of sharing alone, not of both together.": [
                locality,
                locality * sharing,
            ],
            "All positions share a kernel, not those of one row.": [locality, width],
            "With the padding that keeps the size, a channel has height × width units.": [
                locality,
                (height - K + 1) * (width - K + 1),
            ],
        }
        case = f"This was for {height} × {width} pixels and K = {K}."
        compare(answer, [locality, sharing], mistakes, case=case)


@Exercise
def circular_variance(function: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    """Check a function that computes the circular variance of a tuning curve."""
    for seed, n in [(0, 12), (1, 36)]:
        angles = np.arange(n) * 180 / n
        rates = np.random.default_rng(seed).uniform(0.2, 1, n) + np.exp(-((angles - 50) ** 2) / 800)
        answer = called(function, rates.copy(), angles.copy())

        def length(turns: np.ndarray, rates: np.ndarray = rates) -> float:
            """Return the length of the vector sum."""
            return float(np.abs((rates * np.exp(1j * turns)).sum()))

        total, theta = rates.sum(), np.deg2rad(angles)
        mistakes: dict[str, ArrayLike] = {
            "This is 1 − CV: subtract it from 1.": length(2 * theta) / total,
            "The angles are not doubled.": 1 - length(theta) / total,
            "The angles are in degrees: convert them to radians.": 1 - length(2 * angles) / total,
            "Divide by the sum of the responses, not by their number.": 1 - length(2 * theta) / n,
            "Divide by the sum of the responses.": 1 - length(2 * theta),
            "This is the orientation selectivity index.": float(
                orientation_selectivity(rates, angles)
            ),
            "This is the real part of the sum: take its absolute value.": (
                1 - (rates * np.exp(2j * theta)).sum().real / total
            ),
            "Sum before you take the absolute value.": 0.0,
        }
        if np.iscomplexobj(answer):
            raise MistakeError("This is a complex number: take the absolute value of the sum.")
        case = f"This was for {n} orientations."
        compare(answer, float(right_variance(rates, angles)), mistakes, case=case)


@Exercise
def preferred_grating(answer: tuple[float, float]) -> None:
    """Check orientation and wavelength of the grating that the unknown unit prefers."""
    given = numbers(answer)
    if given.shape != (2,):
        raise MistakeError("The answer is two numbers, orientation and wavelength.")
    orientation, wavelength = given.tolist()

    def prefers(angle: float) -> bool:
        return abs((orientation - angle + 90) % 180 - 90) <= STEP

    if abs(orientation - WAVELENGTH) <= 1 and abs(wavelength - ORIENTATION) <= STEP:
        raise MistakeError("The orientation comes first.")
    hints = {
        ORIENTATION + 90: "This is the orientation to which the unit responds least, or an index.",
        180 - ORIENTATION: "The angle is that of the mirror image: positive angles are clockwise.",
    }
    for angle, hint in hints.items():
        if prefers(angle):
            raise MistakeError(hint)
    if not prefers(ORIENTATION):
        raise MistakeError("The orientation is wrong: at which one is the rate largest?")
    if abs(wavelength - (WAVELENGTH - FIRST)) <= 1:
        raise MistakeError("This is the index of the wavelength, not the wavelength.")
    if wavelength < 1:
        raise MistakeError("This is a frequency; the wavelength is its inverse.")
    if abs(wavelength - WAVELENGTH) > 1:
        raise MistakeError(
            "The orientation is right, the wavelength is not: measure it with gratings of the "
            "preferred orientation."
        )
