"""The exercises of the chapter on convolution."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from convtools.arithmetic import output_size
from convtools.convolution import convolve2d, correlate2d
from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    called,
    check_shape,
    compare,
    divides,
    failure,
    numbers,
)

__all__ = [
    "IMAGE_SHAPE",
    "KERNEL_SIZE",
    "PADDING",
    "STRIDE",
    "edge",
    "learn_with_offset",
    "oblique_edge",
    "output_shape",
    "strided_sum",
]

IMAGE_SHAPE, KERNEL_SIZE, PADDING, STRIDE = (101, 80), 13, 6, 3  # of `output_shape`
CLOSE = 0.05  # how far a learned weight may be from the right one


def edge(direction: str) -> np.ndarray:
    """Return an image of an edge: 9 × 9 pixels, −0.5 (black) and 0.5 (white).

    An edge that is "rising" or "falling" (to the right) has its white side at the bottom right or
    bottom left, a "vertical" one at the right, a "horizontal" one at the bottom.
    """
    rows, columns = np.indices((9, 9))
    white = {
        "rising": rows + columns > 8,
        "falling": rows > columns,
        "vertical": columns > 4,
        "horizontal": rows > 4,
    }
    return np.where(white[direction], 0.5, -0.5)


@Exercise
def oblique_edge(answer: ArrayLike) -> None:
    """Check a kernel of 3 × 3 weights that finds edges which rise to the right."""
    kernel = numbers(answer)
    check_shape(kernel, (3, 3))
    size = np.abs(kernel).sum()
    if size == 0:
        raise MistakeError("All weights are 0, so the response is 0 to every image.")
    if abs(kernel.sum()) > 1e-6 * size:
        raise MistakeError("The kernel responds to a uniform image: its weights must sum to 0.")

    def largest(direction: str) -> float:
        """Return the response to an edge that is furthest from 0, with its sign."""
        responses = np.asarray(correlate2d(edge(direction), kernel)).ravel()
        return float(responses[np.abs(responses).argmax()])

    rising, falling = largest("rising"), largest("falling")
    if abs(falling) > abs(rising):
        raise MistakeError("It responds more to the edge that falls to the right: mirror it.")
    for direction in ("vertical", "horizontal"):
        if abs(largest(direction)) > abs(rising) - 1e-6 * size:
            raise MistakeError(
                f"It responds to a {direction} edge at least as much as to the rising one: let "
                "more weights on either side of the rising boundary take part."
            )
    if abs(falling) > 1e-6 * size:
        raise MistakeError(
            "It also responds to the edge that falls to the right: on either side of that boundary "
            "the weights must sum to 0."
        )
    if rising < 0:
        raise MistakeError("The response is negative: the bright side is at the bottom right.")


@Exercise
def learn_with_offset(answer: Callable[[Tensor, Tensor], tuple[Tensor, float]]) -> None:
    """Check a function that learns a kernel and an offset from an image and a target."""
    generator = torch.Generator().manual_seed(0)
    for offset in (0.7, -1.2):
        image = torch.randn(1, 1, 24, 24, generator=generator)
        right = torch.randint(-2, 3, (3, 3), generator=generator).float()
        right[0, 0] = 3.0  # so that flipping matters
        target = torch.nn.functional.conv2d(image, right[None, None]) + offset
        learned = called(answer, image.clone(), target.clone())
        if not isinstance(learned, (tuple, list)) or len(learned) != 2:
            raise MistakeError("Return two things: the kernel and the offset.")
        _check_learned(numbers(learned[0]), numbers(learned[1]), right.double().numpy(), offset)


def _check_learned(
    kernel: np.ndarray, offset: np.ndarray, right: np.ndarray, right_offset: float
) -> None:
    check_shape(kernel, (3, 3))
    if offset.size != 1:
        raise MistakeError("The offset is one number for all pixels.")
    difference = float(offset.reshape(())) - right_offset
    if not kernel.any():
        raise MistakeError("The kernel is still 0: the optimizer must change it too.")
    if np.abs(kernel[::-1, ::-1] - right).max() < CLOSE:
        raise MistakeError("The kernel is flipped.")
    if not offset.any():
        raise MistakeError(
            "The offset is still 0. It must have a gradient, be one of the optimizer's parameters, "
            "and enter the loss."
        )
    if abs(difference + 2 * right_offset) < CLOSE:
        raise MistakeError("The offset has the wrong sign: it is added to the sum.")
    if max(abs(difference), np.abs(kernel - right).max()) > CLOSE:
        raise MistakeError(
            "The kernel or the offset is not close to the right one. Is the loss the mean squared "
            "error? Has it stopped falling after the last step?"
        )


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

    def sums(stride: int) -> ArrayLike:
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
    compare(sums(1), every, mistakes, case=case.format(1))

    for stride in (2, 3):
        strided = every[::stride, ::stride]
        mistakes = {
            f"With a stride of {stride} every position is still visited.": every,
            f"With a stride of {stride} the size is right, but the patches are too close: the "
            "patch for row y begins y strides down.": every[: strided.shape[0], : strided.shape[1]],
            f"With a stride of {stride} the last row and column are missing: divide, round down, "
            "then add 1.": strided[:-1, :-1],
        }
        compare(sums(stride), strided, mistakes, case=case.format(stride))
