"""The exercises of the chapter on natural images."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    called,
    check_shape,
    compare,
    numbers,
)

__all__ = ["excess_kurtosis", "octaves", "random_rotation"]


@Exercise
def excess_kurtosis(function: Callable[[np.ndarray], ArrayLike]) -> None:
    """Check a function that returns the excess kurtosis of each column of responses."""
    rng = np.random.default_rng(0)
    gaussian, sparse, uniform = rng.normal(size=500), rng.laplace(size=500), rng.uniform(size=500)
    responses = np.stack([3 + 2 * gaussian, 5 * sparse - 1, uniform], axis=1)
    deviations = responses - responses.mean(axis=0)
    z = deviations / responses.std(axis=0)
    whole = (responses - responses.mean()) / responses.std()
    rows = (responses - responses.mean(axis=1, keepdims=True)) / responses.std(axis=1)[:, None]
    mistakes: dict[str, ArrayLike] = {
        "For a Gaussian the excess kurtosis is 0: subtract 3.": (z**4).mean(axis=0),
        "This is the kurtosis of all responses together; there must be one number for each filter, "
        "that is, for each column.": (whole**4).mean() - 3,
        "This is the kurtosis of each row, that is, of each patch.": (rows**4).mean(axis=1) - 3,
        "Subtract the mean response of each filter first.": (
            (responses / responses.std(axis=0)) ** 4
        ).mean(axis=0)
        - 3,
        "Divide by the standard deviation, the root of the variance.": (
            (deviations / responses.var(axis=0)) ** 4
        ).mean(axis=0)
        - 3,
        "Divide by the standard deviation before you take the fourth power.": (
            (deviations**4).mean(axis=0) / responses.std(axis=0) - 3
        ),
        "Divide each response by the standard deviation of its own filter.": (
            (deviations / responses.std()) ** 4
        ).mean(axis=0)
        - 3,
        "This is the mean of the squares, which is 1 for every filter; take the fourth power.": (
            (z**2).mean(axis=0) - 3
        ),
        "This is the skewness, the mean of the third power.": (z**3).mean(axis=0),
        "Take the mean over the patches, not the sum.": (z**4).sum(axis=0) - 3,
    }
    compare(called(function, responses.copy()), (z**4).mean(axis=0) - 3, mistakes)


@Exercise
def random_rotation(function: Callable[[int, np.random.Generator], ArrayLike]) -> None:
    """Check a function that returns a random rotation, an orthogonal matrix."""
    first, second = (numbers(called(function, 6, np.random.default_rng(seed))) for seed in range(2))
    check_shape(first, (6, 6), "(For n = 6.)")
    if np.allclose(first, np.eye(6)):
        raise MistakeError("This matrix leaves all responses as they are.")
    products = first.T @ first
    lengths = np.sqrt(np.diag(products))
    if not np.allclose(products, np.diag(np.diag(products)), atol=1e-6):
        raise MistakeError(
            f"The columns are not orthogonal: two of them have a dot product of "
            f"{np.abs(products - np.diag(np.diag(products))).max():.2f}, so the rotated responses "
            "would be correlated. np.linalg.qr makes columns orthogonal."
        )
    if not np.allclose(lengths, 1, atol=1e-6):
        raise MistakeError(
            f"The columns are orthogonal, but the norm of the first is {lengths[0]:.2f}, not 1, so "
            "the variances would change."
        )
    if np.allclose(np.abs(first).max(axis=0), 1):
        raise MistakeError("This only changes the order or the signs of the responses.")
    if np.allclose(first, second):
        raise MistakeError("It is the same for every generator: draw its numbers from `rng`.")
    if np.allclose(first[2:, :2], 0):
        raise MistakeError("This rotates only some of the responses: mix all of them.")


@Exercise
def octaves(function: Callable[[ArrayLike], ArrayLike]) -> None:
    """Check a function that returns the bandwidth in octaves of Gabor filters with given n_x."""
    n_x = np.array([0.25, 0.4, 0.56, 1.0])
    half = np.sqrt(np.log(2) / 2) / np.pi / n_x  # half-width at half height, relative to f
    spread = 1 / (2 * np.pi * n_x)  # standard deviation in frequency, relative to f
    right = np.log2((1 + half) / (1 - half))
    mistakes: dict[str, ArrayLike] = {
        "This is the natural logarithm of the ratio; octaves are its logarithm to base 2.": np.log(
            (1 + half) / (1 - half)
        ),
        "This is the ratio of the two limits; its logarithm to base 2 gives octaves.": (1 + half)
        / (1 - half),
        "This is the upper half only, from the peak to the upper limit.": np.log2(1 + half),
        "The ratio is upside down: divide the upper limit by the lower one.": -right,
        "This is Δf/f, the half-width relative to the peak, not yet in octaves.": half,
        "This is the whole width relative to the peak; octaves measure a ratio.": 2 * half,
        "Δf is the half-width at half height, √(ln 2 / 2)/(πσ), not the standard deviation "
        "1/(2πσ) of the Gaussian in frequency.": np.log2((1 + spread) / (1 - spread)),
    }
    compare(
        called(function, n_x.copy()), right, mistakes,
        "With f = 1/λ and σ = n_x λ, what is Δf/f?",
    )  # fmt: skip
