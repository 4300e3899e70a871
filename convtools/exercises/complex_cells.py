"""The exercises of the chapter on complex cells."""

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from convtools.exercises._verdict import Exercise, MistakeError, check_shape, numbers
from convtools.stimuli import sine_grating
from convtools.tuning import modulation_ratio

__all__ = [
    "ORIENTATION",
    "SIZE",
    "TWO_ORIENTATIONS",
    "WAVELENGTH",
    "f1_over_f0",
    "quadrature_pair",
    "two_orientations",
]

SIZE, WAVELENGTH, ORIENTATION = 21, 8, 60  # of `quadrature_pair`: pixels, pixels, degrees
TWO_ORIENTATIONS = (45, 135)


@Exercise
def f1_over_f0(answer: float) -> None:
    """Check the modulation ratio of a half-rectified filter, which is π/2."""
    given = numbers(answer, "F0 is 0, so there is no ratio: the responses must be rectified.")

    def sampled(phases: int, power: int = 1) -> float:
        wave = np.cos(2 * np.pi * np.arange(phases) / phases).clip(min=0)
        return float(modulation_ratio(wave**power))

    mistakes = {
        "This is F1/F0 of two rectified filters; measure one.": np.pi / (2 * np.sqrt(2)),
        "This is the ratio of a complex cell; measure one simple cell.": 0.0,
        **{f"{n} phases are too few: take 64.": sampled(n) for n in (4, 8, 10, 12, 16)},
        "F1 is the amplitude, twice the size of the Fourier coefficient.": np.pi / 4,
        "This is F0/F1.": 2 / np.pi,
        "This is the ratio of squared responses; half-wave rectification does not square.": sampled(
            64, power=2
        ),
    }
    for hint, mistake in mistakes.items():
        if given.shape == () and abs(given - mistake) < 0.003:
            raise MistakeError(hint)
    check_shape(given, ())
    if abs(given - np.pi / 2) > 0.01:
        raise MistakeError("Let the grating drift over one whole cycle, without its end point.")


@Exercise
def quadrature_pair(answer: Tensor) -> None:
    """Check an even and an odd kernel for bars of one orientation and wavelength."""
    pair = numbers(answer)
    if pair.shape == (SIZE, SIZE):
        raise MistakeError("This is one kernel; a pair is two of them, stacked on the first axis.")
    check_shape(pair, (2, SIZE, SIZE))

    def amplitudes(wavelength: float, angle: float) -> np.ndarray:
        """Return both kernels' responses to a grating, amplitude and phase as complex numbers."""
        cosine, sine = (
            sine_grating((SIZE, SIZE), wavelength, angle, phase=phase).numpy()
            for phase in (0, -np.pi / 2)
        )
        return np.tensordot(pair, cosine + 1j * sine, axes=2)

    angles = np.arange(0, 180, 5)
    responses = np.abs([amplitudes(WAVELENGTH, angle) for angle in angles.tolist()])
    preferred = angles[responses.argmax(axis=0)]
    if preferred[0] != preferred[1]:
        raise MistakeError(f"The two must prefer the same orientation, these prefer {preferred}.")
    if abs(preferred[0] - ORIENTATION) > 5:
        raise MistakeError(f"They prefer gratings of {preferred[0]}°, not of {ORIENTATION}°.")
    even, odd = amplitudes(WAVELENGTH, ORIENTATION)
    apart = abs(np.angle(odd / even, deg=True))
    if abs(apart - 90) > 5:
        raise MistakeError(f"Their phases are {apart:.0f}° apart; a quarter of a cycle is 90°.")
    if not 0.8 < abs(odd / even) < 1.25:
        raise MistakeError(
            "The amplitudes differ: make both from one set of parameters, with a Gaussian neither "
            "narrower nor wider than about half a wavelength."
        )
    for other in (0.6 * WAVELENGTH, 1.5 * WAVELENGTH):
        if np.abs(amplitudes(other, ORIENTATION)).max() > abs(even):
            raise MistakeError(
                f"They respond more to a wavelength of {other:.0f} pixels than of {WAVELENGTH}."
            )


@Exercise
def two_orientations(answer: ArrayLike) -> None:
    """Check the tuning curve, from 0° to 175° in steps of 5°, of a cell for two orientations."""
    curve = numbers(answer)
    if curve.shape == (36, 2):
        raise MistakeError("These are two cells' curves: combine them into one.")
    check_shape(curve, (36,))
    if (curve < 0).any():
        raise MistakeError("A rate is never negative: add the responses, or take the larger one.")
    at = dict(zip(range(0, 180, 5), curve / max(curve.max(), 1e-12), strict=True))
    first, second = TWO_ORIENTATIONS
    if min(at.values()) > 0.5:
        raise MistakeError("It responds to every orientation alike.")
    missing = [angle for angle in TWO_ORIENTATIONS if at[angle] < 0.8]
    if missing and min(at[0], at[90]) > 0.8:
        raise MistakeError(f"It responds to 0° and 90°; {first}° and {second}° were asked for.")
    if len(missing) == 2:
        raise MistakeError(f"It responds to neither {first}° nor {second}°.")
    if missing:
        raise MistakeError(f"It hardly responds to {missing[0]}°.")
    if max(at[0], at[90]) > 0.5:
        raise MistakeError("It responds to 0° or 90° as well: are the two cells selective enough?")
