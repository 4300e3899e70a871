"""Checkers of the book's exercises: each says whether an answer is right, or what to look at.

A checker compares shapes before values and knows the mistakes that are often made. It accepts every
right answer, gives no solution away, and whatever the answer does, its author gets words.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools._verdict import MistakeError, check_shape, compare, exercise, numbers
from convtools.architecture import conv_parameters, receptive_field
from convtools.convolution import conv2d, convolve2d, correlate2d
from convtools.kernels import filters
from convtools.stimuli import grating, sine_grating

__all__ = [
    "f1_over_f0",
    "first_to_see",
    "grating_responses",
    "output_shape",
    "parameter_count",
    "quadrature_pair",
    "strided_sum",
    "two_orientations",
    "weights",
]


@exercise
def strided_sum(answer: Callable[[np.ndarray, np.ndarray, int], ArrayLike]) -> None:
    """Check a function of an image, a kernel and a stride that returns the sliding sum."""
    if not callable(answer):
        raise MistakeError("Pass the function itself, without calling it.")
    image = np.arange(63.0).reshape(7, 9) % 11
    kernel = np.array([[0.0, 1, 2], [2, 2, 0], [0, 1, 3]])
    every = correlate2d(image, kernel)
    about = "(For an image of 7 × 9, a kernel of 3 × 3 and a stride of {}.)"

    def called(stride: int) -> ArrayLike:
        try:
            return answer(image.copy(), kernel.copy(), stride)
        except Exception as error:
            if "ellipsis" in str(error):
                raise
            whole = " Sizes are whole numbers: divide by //." if "integer" in str(error) else ""
            stops = f"It stops with {type(error).__name__}: {error}."
            raise MistakeError(f"{stops}{whole} {about.format(stride)}") from None

    mistakes = {
        "The kernel is flipped; the sum of this chapter does not turn it.": convolve2d(
            image, kernel
        ),
        "Rows and columns are swapped: the image has 7 rows and 9 columns.": every.T,
        "This is the mean of the products; it must be their sum.": every / kernel.size,
        "The output is as large as the image, as with padding. Begin where the kernel lies "
        "fully on the image.": correlate2d(image, kernel, padding=1),
        "The last row and column are missing: K pixels fit at n − K + 1 places.": every[:-1, :-1],
        "This is the sum at one place; collect it for each.": every[0, 0],
        "These are the products at one place; sum them up, place for place.": image[:3, :3]
        * kernel,
    }
    compare(called(1), every, mistakes, about=about.format(1))

    second = every[::2, ::2]
    mistakes = {
        "With a stride of 2 every place is still visited.": every,
        "With a stride of 2 the size is right, but the patches lie too close: the patch for row "
        "y begins y strides down.": every[: second.shape[0], : second.shape[1]],
        "With a stride of 2 the last row and column are missing: divide, round down, then "
        "add 1.": second[:-1, :-1],
    }
    compare(called(2), second, mistakes, about=about.format(2))


@exercise
def output_shape(answer: tuple[int, int]) -> None:
    """Check the size that a 13 × 13 kernel, padding 6 and stride 3 make of 101 × 80 pixels."""
    mistakes = {
        "Height comes first.": (27, 34),
        "The padding is left out.": (30, 23),
        "The padding is added at *both* ends.": (32, 25),
        "The first place counts too: add 1 after dividing.": (33, 26),
        "A last step that does not fit is left out: round down.": (35, 28),
        "The stride is left out: the kernel moves three pixels at a time.": (101, 80),
        "This is the height alone: answer with (height, width).": 34,
    }
    compare(answer, (34, 27), mistakes)


@exercise
def parameter_count(answer: int) -> None:
    """Check the number of parameters of a layer from 3 to 16 channels with 5 × 5 kernels."""
    mistakes = {
        "The biases are left out: one for each output channel.": 1200,
        "A kernel has a slice for each of the three input channels.": 416,
        "This is one output channel; there are sixteen.": 76,
        "There is one bias for each output channel, not for each input channel.": 1203,
        "There is one bias for each output channel, not for each slice of a kernel.": 1248,
        "A kernel of 5 × 5 has 25 weights, not 5.": 256,
    }
    compare(answer, conv_parameters(3, 16, 5), mistakes)


@exercise
def grating_responses(answer: Tensor) -> None:
    """Check the activations of the tutorial's layer for its five gratings."""
    if isinstance(answer, nn.Module):
        raise MistakeError("This is the layer: call it with the stimuli, and pass what it returns.")
    kernels = filters().numpy()
    images = np.stack([grating(angle) for angle in (-90, -45, 0, 45, 90)])[:, None]
    right = conv2d(images, kernels, padding=3)
    mistakes = {
        "These are the stimuli: pass what the layer returns for them.": images,
        "The layer returns 42 × 58: the output is as large as the input only with a padding of "
        "half a kernel, K // 2.": conv2d(images, kernels),
        "This is one stimulus: stack all five into one tensor.": right[:1],
        "The batch axis is missing: (N, C, H, W) has four.": right[2],
        "Height and width are swapped.": right.swapaxes(2, 3),
        "Stimuli and channels are swapped: stimuli come first.": right.swapaxes(0, 1),
        "The kernels are flipped.": conv2d(images, kernels[:, :, ::-1, ::-1], padding=3),
        "The stimuli are in another order: −90°, −45°, 0°, 45°, 90°.": right[::-1],
        "The negative activations are missing: nothing is rectified yet.": right.clip(0),
    }
    values = "Did you pass example_filters as the filters? Without them the weights are random."
    compare(answer, right, mistakes, values)


@exercise
def first_to_see(answer: int) -> None:
    """Check the index of the first layer of the chapter's network that sees 40 pixels."""
    network = [(7, 1, 3), (2, 2, 0), (5, 1, 2), (2, 2, 0), (5, 1, 2), (2, 2, 0), (3, 1, 1)]
    sizes = [receptive_field(network[: i + 1]).size for i in range(len(network))]
    right = next(i for i, size in enumerate(sizes) if size >= 40)
    mistakes = {
        f"A unit of layer {i} sees {size} pixels.": i for i, size in enumerate(sizes[:right])
    }
    mistakes["Layers are counted from 0."] = right + 1
    mistakes["This is how many pixels a unit sees: answer with the layer's index."] = sizes[right]
    compare(answer, right, mistakes)


@exercise
def weights(answer: Tensor) -> None:
    """Check the weights that are taken out of the tutorial's layer."""
    if isinstance(answer, nn.Module):
        raise MistakeError(
            "This is a layer; its weights are an attribute of the `nn.Conv2d` inside."
        )
    right = filters().numpy()
    mistakes = {
        "These are the biases.": np.zeros(6),
        "The axis of input channels is missing, which is there even if it has length 1.": right[
            :, 0
        ],
        "This is one kernel with its channel axis: take all six.": right[0],
        "This is one kernel: take all six.": right[0, 0],
        "The axes are in another order than PyTorch's: output channels come first.": right.T,
    }
    compare(answer, right, mistakes, "Take the weights of `layer`, whose filters are the book's.")
    if isinstance(answer, Tensor) and answer.requires_grad:
        raise MistakeError("These are the weights, still with gradients: detach them.")


@exercise
def quadrature_pair(answer: Tensor) -> None:
    """Check an even and an odd kernel of 21 × 21 pixels for bars of 60° that are 8 pixels apart."""
    pair = numbers(answer)
    if pair.shape == (21, 21):
        raise MistakeError("This is one kernel; a pair is two of them, stacked on the first axis.")
    check_shape(pair, (2, 21, 21))

    def amplitudes(wavelength: float, angle: float) -> np.ndarray:
        """Return what both kernels answer to a grating: strength and phase as complex numbers."""
        cosine, sine = (
            sine_grating((21, 21), wavelength, angle, phase=phase).numpy()
            for phase in (0, -np.pi / 2)
        )
        return np.tensordot(pair, cosine + 1j * sine, axes=2)

    angles = np.arange(0, 180, 5)
    strengths = np.abs([amplitudes(8, angle) for angle in angles])
    preferred = angles[strengths.argmax(axis=0)]
    if preferred[0] != preferred[1]:
        raise MistakeError(f"The two must prefer the same orientation, these prefer {preferred}.")
    if abs(preferred[0] - 60) > 5:
        raise MistakeError(f"They prefer gratings of {preferred[0]}°, not of 60 degrees.")
    even, odd = amplitudes(8, 60)
    apart = abs(np.angle(odd / even, deg=True))
    if abs(apart - 90) > 5:
        raise MistakeError(f"Their phases are {apart:.0f}° apart; a quarter of a cycle is 90°.")
    if not 0.8 < abs(odd / even) < 1.25:
        raise MistakeError(
            "One is stronger than the other: make both from one set of parameters, with a Gaussian "
            "neither narrower nor wider than about half a wavelength."
        )
    for other in (5, 12):
        if np.abs(amplitudes(other, 60)).max() > abs(even):
            raise MistakeError(
                f"They answer more to bars {other} pixels apart than to bars 8 apart."
            )


@exercise
def f1_over_f0(answer: float) -> None:
    """Check the modulation ratio of a half-rectified filter, which is π/2."""
    given = numbers(answer, "F0 is 0, so there is no ratio: the cell's answers must be rectified.")
    mistakes = {
        "This is F1/F0 of two rectified filters; measure one.": np.pi / (2 * np.sqrt(2)),
        "This is the ratio of a complex cell; measure one simple cell.": 0.0,
        "Four phases are too few: take 64.": 2.0,
        "Eight phases are too few: take 64.": 1.6569,
        "F1 is the amplitude, twice the size of the Fourier coefficient.": np.pi / 4,
        "This is F0/F1.": 2 / np.pi,
        "This is the ratio of squared answers; half-wave rectification does not square.": 1.6977,
    }
    for hint, mistake in mistakes.items():
        if given.shape == () and abs(given - mistake) < 0.003:
            raise MistakeError(hint)
    check_shape(given, ())
    if abs(given - np.pi / 2) > 0.01:
        raise MistakeError("Let the grating drift over one whole cycle, without its end point.")


@exercise
def two_orientations(answer: ArrayLike) -> None:
    """Check the tuning curve, from 0° to 175° in steps of 5°, of a cell for 45° and 135°."""
    curve = numbers(answer)
    if curve.shape == (36, 2):
        raise MistakeError("These are two cells' curves: combine them to one.")
    check_shape(curve, (36,))
    if (curve < 0).any():
        raise MistakeError("A rate is never negative: add the answers, or take the larger one.")
    at = dict(zip(range(0, 180, 5), curve / max(curve.max(), 1e-12), strict=True))
    if min(at.values()) > 0.5:
        raise MistakeError("It answers alike to every orientation.")
    silent = [angle for angle in (45, 135) if at[angle] < 0.8]
    if silent and min(at[0], at[90]) > 0.8:
        raise MistakeError("It answers to 0° and 90°; 45° and 135° were asked for.")
    if len(silent) == 2:
        raise MistakeError("It answers to neither 45° nor 135°.")
    if silent:
        raise MistakeError(f"It hardly answers to {silent[0]}°.")
    if max(at[0], at[90]) > 0.5:
        raise MistakeError("It answers to 0° or 90° as well: are the two cells selective enough?")
