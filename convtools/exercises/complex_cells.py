"""The exercises of the chapter on complex cells."""

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    check_shape,
    compare,
    failure,
    numbers,
)
from convtools.exercises.pytorch_layers import amplitude
from convtools.kernels import gabor, quadrature_pair
from convtools.stimuli import natural_image, sine_grating
from convtools.tuning import modulation_ratio

__all__ = [
    "EVEN",
    "TWO_ORIENTATIONS",
    "complex_cell",
    "f1_over_f0",
    "hidden_cell",
    "number_of_filters",
    "odd_partner",
    "pooling_window",
    "two_orientations",
]

SIZE, WAVELENGTH, ORIENTATION = 31, 9, 35  # of `odd_partner`: pixels, pixels, degrees
EVEN = gabor(WAVELENGTH, ORIENTATION, sigma=WAVELENGTH / 2, size=SIZE)
TWO_ORIENTATIONS = (45, 135)
POOLED_WAVELENGTH = 16  # pixels, of `pooling_window`


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
def complex_cell(answer: type[nn.Module]) -> None:
    """Check a module class that is built from a quadrature pair and returns the root energy."""
    if isinstance(answer, nn.Module):
        raise MistakeError("This is a module; pass the class, and the check will build the cell.")
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        raise MistakeError("Pass the class itself, a subclass of nn.Module.")
    images = torch.stack([natural_image(40), sine_grating((40, 40), 7, 30, phase=1.0)])[:, None]
    for wavelength, orientation, size in ((8, 20, 15), (6, 100, 11)):
        pair = quadrature_pair(wavelength, orientation, size=size)
        _compare_cells(_responses(answer, pair, images), pair, images)


def _responses(cell: type[nn.Module], pair: Tensor, images: Tensor) -> Tensor:
    """Return the responses of a reader's cell, which may not respond to a grey image."""
    try:
        with torch.no_grad():
            built = cell(pair.clone())
            if built(torch.zeros_like(images)).abs().max() > 1e-3:
                raise MistakeError("Its response to a uniform grey image (all 0) must be 0.")
            return built(images.clone())
    except MistakeError:
        raise
    except Exception as error:
        hints = [failure(error, method) for method in (cell.forward, cell.__init__)]
        raise MistakeError(max(hints, key=len)) from None


def _compare_cells(given: Tensor, pair: Tensor, images: Tensor) -> None:
    """Raise a `MistakeError` unless the responses are those of the energy model."""
    size = pair.shape[-1]
    even_and_odd = nn.functional.conv2d(images, pair[:, None], padding=size // 2)
    right = even_and_odd.square().sum(dim=1, keepdim=True).sqrt()
    inside = (..., slice(size // 2, -(size // 2)), slice(size // 2, -(size // 2)))
    mistakes = {
        "This is the energy: take its root.": right**2,
        "The positions at the border are missing: add padding.": right[inside],
        "There must be one channel: add the squares of the two.": even_and_odd**2,
        "There must be one output channel; these are the outputs of the two filters.": even_and_odd,
        "The axis of channels is missing: sum with keepdim=True.": right[:, 0],
        "The squares must be of the filters' outputs without rectification.": (
            even_and_odd.relu().square().sum(dim=1, keepdim=True).sqrt()
        ),
        "These are absolute values, not squares.": even_and_odd.abs().sum(dim=1, keepdim=True),
        "Square the two outputs first, then add them.": (
            even_and_odd.sum(dim=1, keepdim=True).abs()
        ),
        "This is the amplitude of the even filter alone.": even_and_odd[:, :1].abs(),
        "The root comes last, of the sum of both squares.": (
            even_and_odd.square().sqrt().sum(dim=1, keepdim=True)
        ),
    }
    compare(
        given, right, mistakes, "Are the layer's weights those of the pair, with no bias?",
        f"(Kernels of {size} × {size} pixels.)",
    )  # fmt: skip


@Exercise
def odd_partner(answer: Tensor) -> None:
    """Check the odd Gabor filter that makes a quadrature pair with `EVEN`."""
    given = numbers(answer)
    if given.shape == (2, SIZE, SIZE):
        raise MistakeError("These are two kernels; the odd one alone is the answer.")
    check_shape(given, (SIZE, SIZE))
    even, right = EVEN.double().numpy(), quadrature_pair(
        WAVELENGTH, ORIENTATION, sigma=WAVELENGTH / 2, size=SIZE
    )[1].double().numpy()  # fmt: skip
    given = given if (given * right).sum() >= 0 else -given  # both signs make a pair
    if not np.allclose(given, -given[::-1, ::-1], atol=1e-3):
        raise MistakeError("It is not odd: rotated by 180°, an odd filter changes its sign.")
    if np.abs(given).max() < 1e-3:
        raise MistakeError("All weights are 0.")
    orientation, wavelength = _preferred(given)
    if abs((orientation - ORIENTATION + 90) % 180 - 90) > 2:
        raise MistakeError(
            f"It prefers an orientation of {orientation}°. Find the orientation to which the "
            "mystery kernel responds most, and give it to your filter."
        )
    if wavelength != WAVELENGTH:
        raise MistakeError(
            f"It prefers a wavelength of {wavelength} pixels. Search the wavelength at the "
            "preferred orientation of the mystery kernel."
        )
    gain = np.abs(given).sum() / np.abs(right).sum()
    if np.allclose(given, gain * right, atol=1e-2 * gain) and abs(gain - 1) > 0.02:
        raise MistakeError("The amplitudes differ: both filters need the same gain.")
    if not np.allclose(given, right, atol=1e-2 * np.abs(even).max()):
        raise MistakeError("Orientation and wavelength are right. Is σ half of the wavelength?")


def _preferred(kernel: np.ndarray) -> tuple[int, int]:
    """Return the orientation in degrees and the wavelength in pixels of the best grating."""
    grid = [(angle, pixels) for angle in range(0, 180, 5) for pixels in range(4, 17)]
    return max(grid, key=lambda at: amplitude(kernel, wavelength=at[1], angle=at[0]))


@Exercise
def pooling_window(answer: int) -> None:
    """Check the smallest odd window whose maximum stays above 90 %, for a wavelength of 16."""

    def share(size: int) -> float:
        """Return the response when two bright bars are equally far from the window's border."""
        outside = max(0.0, (POOLED_WAVELENGTH - (size - 1)) / 2)
        return float(max(0.0, np.cos(2 * np.pi * outside / POOLED_WAVELENGTH)))

    right = next(size for size in range(1, 33, 2) if share(size) >= 0.9)
    mistakes = {
        f"Over {size} × {size} positions the response falls to {share(size):.0%} of its peak.": size
        for size in range(1, right, 2)
    }
    mistakes |= {
        f"{size} is wide enough, but a smaller window is, too.": size
        for size in range(right + 2, 65, 2)
    }
    mistakes |= {f"{size} is even; the window has a position in its centre.": size
                 for size in range(2, 64, 2)}  # fmt: skip
    compare(answer, right, mistakes)


def hidden_cell(patches: Tensor) -> Tensor:
    """Return the responses (n,) of a model neuron to patches of 15 × 15 pixels, (n, 225)."""
    pair = quadrature_pair(8, 0, sigma=2.5, size=15, norm="l2")
    third = gabor(6, 90, sigma=2.5, size=15, norm="l2")
    filters = torch.cat([pair, third[None]]).flatten(1)
    return (patches @ filters.T).square().sum(dim=1)


@Exercise
def number_of_filters(answer: int) -> None:
    """Check how many filters `hidden_cell` has."""
    mistakes = {
        "The response is the same for a patch and its negative, but it does depend on patches.": 0,
        "The average gives one filter at most; count the large eigenvalues.": 1,
        "This cell is not the energy model of the chapter: there are more eigenvalues.": 2,
        "One of these is not larger than by chance. Compare with shuffled responses.": 4,
        "These are all eigenvalues, one for each pixel; count those far above the others.": 225,
    }
    compare(answer, 3, mistakes, "Look at the ten largest eigenvalues for a gap.")


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
