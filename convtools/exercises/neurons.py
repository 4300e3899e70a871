"""The exercises of the chapter on models of recorded neurons."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from convtools.encoding import noise_ceiling
from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    called,
    check_shape,
    compare,
    numbers,
)

__all__ = ["chance", "interpolate", "normalized_correlation"]

N_REPEATS, N_STIMULI, NOISE = 4, 200, 1.5  # of `normalized_correlation`
N_BINS, N_NEURONS = 60, 3  # of `interpolate`
CHANCE, SPREAD = 45, 3  # degrees, of `chance`: the mean of 0° to 90°, and a tolerance


@Exercise
def normalized_correlation(answer: Callable[[np.ndarray, np.ndarray], float]) -> None:
    """Check the correlation with the mean of all repeats, as a fraction of its noise ceiling."""
    rng = np.random.default_rng(0)
    signal = rng.standard_normal(N_STIMULI)
    prediction = signal + 0.5 * rng.standard_normal(N_STIMULI)
    repeats = signal + NOISE * rng.standard_normal((N_REPEATS, N_STIMULI))
    singles = [np.corrcoef(prediction, repeat)[0, 1] for repeat in repeats]
    r = np.corrcoef(prediction, repeats.mean(axis=0))[0, 1]
    limit, single = noise_ceiling(repeats), noise_ceiling(repeats, n_averaged=1)
    mistakes = {
        "This is the correlation itself: divide it by the ceiling.": r,
        "This is the ceiling.": limit,
        "This is the ceiling of one repeat, but the average has less noise.": r / single,
        "Average the repeats first, then correlate.": float(np.mean(singles)) / limit,
        "This is for single repeats: average them first.": float(np.mean(singles)) / single,
        "This is for the first repeat: average all of them.": singles[0] / limit,
        "Divide by the ceiling; do not multiply by it.": r * limit,
        "Divide by the ceiling, not by its square.": r / limit**2,
        "This is the square of the fraction.": (r / limit) ** 2,
    }
    case = f"({N_REPEATS} repeats of {N_STIMULI} stimuli.)"
    given = called(answer, prediction, repeats, case=case)
    if np.shape(given) == (2, 2):
        raise MistakeError("np.corrcoef returns a matrix; the correlation is off its diagonal.")
    compare(given, r / limit, mistakes, case=case)


@Exercise
def interpolate(answer: Callable[[np.ndarray, int], ArrayLike]) -> None:
    """Check the mean responses to the four gratings that are one bin away."""
    responses = np.random.default_rng(0).standard_normal((N_BINS, N_NEURONS))
    for i in (20, 0, N_BINS - 1):  # the last two have neighbours at the other end

        def mean(*steps: int, i: int = i) -> np.ndarray:
            return responses[[(i + step) % N_BINS for step in steps]].mean(axis=0)

        mistakes = {
            "Gratings 180° apart are the same image: two more bins are 6° away.": mean(-1, 1),
            "Bin i and its copy at 180° are held out: leave them out.": mean(-1, 0, 1, 29, 30, 31),
            "Bin i is held out: leave it out.": mean(-1, 0, 1),
            "This is the same image as bin i, and held out with it.": mean(30),
            "This is bin i itself, which is held out.": responses[i],
            "Take the neighbours on both sides.": mean(1, 31),
            "Take the neighbours on both sides, too.": mean(-1, 29),
            "This is the sum: take the mean.": 4 * mean(-1, 1, 29, 31),
            "Take the mean over the bins only: each neuron keeps its own.": (
                mean(-1, 1, 29, 31).mean()
            ),
        }
        case = f"(Bin {i} of {N_BINS}, {N_NEURONS} neurons.)"
        given = called(answer, responses, i, case=case)
        compare(given, mean(-1, 1, 29, 31), mistakes, "Are the bins counted modulo 60?", case)


@Exercise
def chance(answer: float) -> None:
    """Check the mean error in degrees of a decoder that was fitted to shuffled orientations."""
    given = numbers(answer)
    check_shape(given, ())
    error = float(given)
    if abs(error - CHANCE) <= SPREAD:
        return
    if abs(error - np.deg2rad(CHANCE)) < 0.1:
        raise MistakeError("This is in radians: convert it to degrees.")
    if error < 0:
        raise MistakeError("Positive and negative errors cancel: take their absolute values.")
    if error < CHANCE / 2:
        raise MistakeError(
            "This is less than chance. Shuffle the orientations for the fit, and not for the test."
        )
    if 1.3 * CHANCE < error <= 4.4 * CHANCE:
        raise MistakeError(
            "Orientations repeat after 180°: they differ by at most 90°. Use mean_error."
        )
    if error > 100 * (CHANCE - SPREAD):
        raise MistakeError("This is the sum over the shuffles: take the mean.")
    raise MistakeError("This is not the chance level. One shuffle is not enough: average over 100.")
