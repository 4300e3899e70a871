"""The exercises of the chapter on the sliding sum."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from convtools.arithmetic import output_size
from convtools.convolution import convolve2d, correlate2d
from convtools.exercises._verdict import Exercise, MistakeError, compare, divides, failure

__all__ = ["IMAGE_SHAPE", "KERNEL_SIZE", "PADDING", "STRIDE", "output_shape", "strided_sum"]

IMAGE_SHAPE, KERNEL_SIZE, PADDING, STRIDE = (101, 80), 13, 6, 3  # of `output_shape`


@Exercise
def output_shape(answer: tuple[int, int]) -> None:
    """Check the height and width of the output."""

    def shape(padding: int = PADDING, stride: int = STRIDE) -> tuple[int, int]:
        height, width = (
            output_size(size, KERNEL_SIZE, padding=padding, stride=stride) for size in IMAGE_SHAPE
        )
        return height, width

    height, width = shape()
    padded_once = [(size + PADDING - KERNEL_SIZE) // STRIDE + 1 for size in IMAGE_SHAPE]
    rounded_up = [ceil((size + 2 * PADDING - KERNEL_SIZE) / STRIDE) + 1 for size in IMAGE_SHAPE]
    mistakes: dict[str, ArrayLike] = {
        "Height comes first.": (width, height),
        "The padding is missing.": shape(padding=0),
        "The padding is added at *both* ends.": padded_once,
        "The first position counts too: add 1 after dividing.": (height - 1, width - 1),
        "A last step that does not fit is left out: round down.": rounded_up,
        f"The stride is missing: the kernel moves {STRIDE} pixels at a time.": shape(stride=1),
        "This is the height alone: answer with (height, width).": height,
    }
    compare(answer, (height, width), mistakes)


@Exercise
def strided_sum(answer: Callable[[np.ndarray, np.ndarray, int], ArrayLike]) -> None:
    """Check a function of an image, a kernel and a stride that returns the sliding sum."""
    if not callable(answer):
        raise MistakeError("Pass the function itself, without calling it.")
    image = np.arange(80.0).reshape(8, 10) % 11
    kernel = np.array([[0.0, 1, 2], [2, 2, 0], [0, 1, 3]])
    every = np.asarray(correlate2d(image, kernel))
    case = "(For an image of 8 × 10, a kernel of 3 × 3 and a stride of {}.)"

    def called(stride: int) -> ArrayLike:
        try:
            return answer(image.copy(), kernel.copy(), stride)
        except Exception as error:
            hint = failure(error, answer)
            if isinstance(error, TypeError) and divides(answer):
                hint += " Sizes are whole numbers: divide with //."
            raise MistakeError(f"{hint} {case.format(stride)}") from None

    mistakes: dict[str, ArrayLike] = {
        "The kernel is flipped; the sum of this chapter does not flip it.": np.asarray(
            convolve2d(image, kernel)
        ),
        "Rows and columns are swapped: the image has 8 rows and 10 columns.": every.T,
        "This is the mean of the products; it must be their sum.": every / kernel.size,
        "The output has the size of the image, as with padding. Begin where the kernel is "
        "fully on the image.": np.asarray(correlate2d(image, kernel, padding=1)),
        "The last row and column are missing: the kernel has n − K + 1 positions.": every[:-1, :-1],
        "This is the sum at one position; collect it for each.": every[0, 0],
        "These are the products at one position; return their sum for each position.": image[:3, :3]
        * kernel,
    }
    compare(called(1), every, mistakes, case=case.format(1))

    for stride in (2, 3):
        strided = every[::stride, ::stride]
        mistakes = {
            f"With a stride of {stride} every position is still visited.": every,
            f"With a stride of {stride} the size is right, but the patches are too close: the "
            "patch for row y begins y strides down.": every[: strided.shape[0], : strided.shape[1]],
            f"With a stride of {stride} the last row and column are missing: divide, round down, "
            "then add 1.": strided[:-1, :-1],
        }
        compare(called(stride), strided, mistakes, case=case.format(stride))
