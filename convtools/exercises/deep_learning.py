"""The exercises of the chapter on deep learning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import conv2d as torch_conv2d

from convtools.arithmetic import conv_parameters
from convtools.convolution import conv2d
from convtools.exercises._verdict import Exercise, MistakeError, called, compare

__all__ = [
    "IN_CHANNELS",
    "KERNEL_SIZE",
    "OUT_CHANNELS",
    "max_pool",
    "parameter_count",
    "several_channels",
    "surviving_shifts",
]

IN_CHANNELS, OUT_CHANNELS, KERNEL_SIZE = 64, 128, 3  # of `parameter_count`


@Exercise
def parameter_count(answer: int) -> None:
    """Check the number of parameters of a depthwise and a 1 × 1 convolution."""
    depthwise = conv_parameters(IN_CHANNELS, IN_CHANNELS, KERNEL_SIZE, groups=IN_CHANNELS)
    pointwise = conv_parameters(IN_CHANNELS, OUT_CHANNELS, 1)
    right = depthwise + pointwise
    biases = IN_CHANNELS + OUT_CHANNELS
    mistakes = {
        "The biases are missing: each output channel of both layers has one.": right - biases,
        "Only the second layer's biases are counted; the first has some too.": right - IN_CHANNELS,
        "Only the first layer's biases are counted; the second has some too.": right - OUT_CHANNELS,
        "This is an ordinary convolution from 64 to 128 channels.": conv_parameters(
            IN_CHANNELS, OUT_CHANNELS, KERNEL_SIZE
        ),
        "In a depthwise convolution each kernel has one slice only.": conv_parameters(
            IN_CHANNELS, IN_CHANNELS, KERNEL_SIZE
        )
        + pointwise,
        "This is the first layer alone.": depthwise,
        "This is the second layer alone.": pointwise,
        f"A kernel of {KERNEL_SIZE} × {KERNEL_SIZE} has {KERNEL_SIZE**2} weights, not "
        f"{KERNEL_SIZE}.": IN_CHANNELS * (KERNEL_SIZE + 1) + pointwise,
    }
    compare(answer, right, mistakes)


@Exercise
def several_channels(answer: Callable[[np.ndarray, np.ndarray, np.ndarray], ArrayLike]) -> None:
    """Check a function of an image, weights and biases that returns what a layer computes."""
    for seed, (c_in, c_out, K) in enumerate([(3, 4, 3), (2, 5, 4)]):
        generator = np.random.default_rng(seed)
        image = generator.integers(-4, 5, size=(c_in, 7, 9)).astype(float)
        weight = generator.integers(-3, 4, size=(c_out, c_in, K, K)).astype(float)
        bias = generator.integers(1, 9, size=c_out).astype(float)
        right = conv2d(image[None], weight, bias)[0]
        case = f"(For {c_in} input channels, {c_out} output channels and kernels of {K} × {K}.)"
        offset = bias[:, None, None]
        slices = np.stack([conv2d(image[None, [c]], weight[:, [c]])[0] for c in range(c_in)])
        mistakes: dict[str, ArrayLike] = {
            "The biases are missing.": right - offset,
            "The bias is added once for each input channel; once is enough.": right
            + (c_in - 1) * offset,
            "Only the last input channel is left: add to the output, do not replace it.": slices[-1]
            + offset,
            "The input channels are averaged; they must be summed.": slices.mean(0) + offset,
            "The kernels are flipped; a layer does not flip them.": conv2d(
                image[None], weight[..., ::-1, ::-1].copy(), bias
            )[0],
            "Each input channel needs its own slice of the kernel.": conv2d(
                image.sum(0)[None, None], weight[:, :1], bias
            )[0],
            "The outputs of all kernels are summed; each has its own output channel.": right.sum(0),
        }
        given = called(answer, image.copy(), weight.copy(), bias.copy(), case=case)
        compare(given, right, mistakes, case=case)


@Exercise
def max_pool(answer: Callable[[np.ndarray, int], ArrayLike]) -> None:
    """Check a function of a feature map and a window size that returns the maxima."""
    feature_map = np.random.default_rng(0).permutation(70).reshape(7, 10) - 40.0
    for size in (2, 3):
        case = f"(For a feature map of 7 × 10 and windows of {size} × {size}.)"
        height, width = 7 // size, 10 // size
        windows = feature_map[: height * size, : width * size]
        windows = windows.reshape(height, size, width, size)
        right = windows.max(axis=(1, 3))
        sliding = np.lib.stride_tricks.sliding_window_view(feature_map, (size, size))
        every = sliding.max(axis=(2, 3))
        mistakes: dict[str, ArrayLike] = {
            "This is the mean of each window.": windows.mean(axis=(1, 3)),
            "This is the smallest number of each window.": windows.min(axis=(1, 3)),
            "The windows overlap: the next one begins `size` pixels further.": every,
            "The size is right, but the windows overlap: window y begins at row y · size.": every[
                :height, :width
            ],
            "This is one pixel of each window, not the largest.": windows[:, 0, :, 0],
            "Negative maxima became 0: a maximum may be negative.": np.maximum(right, 0),
            "The largest *absolute* value is another thing.": np.abs(windows).max(axis=(1, 3)),
            "Rows and columns are swapped.": right.T,
            "There is a window that is not full: leave out what is left over.": _with_leftovers(
                feature_map, size
            ),
        }
        compare(called(answer, feature_map.copy(), size, case=case), right, mistakes, case=case)


@Exercise
def surviving_shifts(
    answer: Callable[[Callable[[Tensor], Tensor], Tensor, int], list[int]],
) -> None:
    """Check a function that finds the shifts to which a layer with a stride is equivariant."""
    generator = torch.Generator().manual_seed(0)
    image = torch.zeros(1, 1, 16, 48)
    image[..., 4:12, 12:28] = torch.randn(8, 16, generator=generator)
    kernel = torch.randn(1, 1, 3, 3, generator=generator)
    ramp = torch.linspace(0, 1, 48)  # a weight for each position

    for stride in (2, 3, 1):
        right = list(range(stride, 9, stride))

        def layer(images: Tensor, stride: int = stride) -> Tensor:
            return torch_conv2d(images, kernel, stride=stride, padding=1)

        case = f"(For a convolution with a stride of {stride}.)"
        shifts = _list_of_shifts(called(answer, layer, image.clone(), stride, case=case), case)
        if shifts == [shift - 1 for shift in right]:
            raise MistakeError(f"Shifts are counted from 1, not from 0. {case}")
        if shifts == list(range(1, 9)) and stride > 1:
            raise MistakeError(f"Not every shift survives. Is the image shifted at all? {case}")
        if not shifts:
            raise MistakeError(
                f"Some shifts survive: shift the output too, by `shift // stride`. {case}"
            )
        if shifts != right:
            raise MistakeError(f"These are not the shifts that survive: {shifts}. {case}")

    case = "(For a layer that multiplies each column by a weight of its own.)"
    given = called(answer, lambda images: images * ramp, image.clone(), 1, case=case)
    if _list_of_shifts(given, case):
        raise MistakeError(f"No shift survives here: compare the outputs themselves. {case}")


def _list_of_shifts(given: Any, case: str) -> list[int]:
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, int) for each in given):
        raise MistakeError(f"Return a list of whole numbers. {case}")
    return list(given)


def _with_leftovers(feature_map: np.ndarray, size: int) -> np.ndarray:
    height, width = (-(-length // size) for length in feature_map.shape)
    rows, columns = (np.arange(length) * size for length in (height, width))
    return np.array(
        [[feature_map[y : y + size, x : x + size].max() for x in columns] for y in rows]
    )
