"""The sliding sum: as loops to be read, with a flipped kernel, and vectorised for whole batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import device, is_torch_array
from numpy.lib.stride_tricks import sliding_window_view

from convtools import _validate as validate
from convtools.arithmetic import count_positions

if TYPE_CHECKING:
    from convtools._validate import Array, Numbers

__all__ = ["conv2d", "convolve2d", "correlate2d"]

Pair = Sequence[int]  # vertical, horizontal

# Kernel area above which the FFT is faster at stride 1, measured on images of 48 × 64 to 512 × 512
# pixels. The FFT computes all positions, a stride only some of them.
LARGEST_DIRECT = 49


def correlate2d(image: Numbers, kernel: Numbers, *, stride: int = 1, padding: int = 0) -> Array:
    """Return the sliding sum of an image and a kernel, which deep learning calls convolution.

    Loops, to be read; `conv2d` computes the same for whole batches, fast.

    Parameters
    ----------
    image : array_like or Tensor, shape (H, W)
        The input.
    kernel : array_like or Tensor, shape (kH, kW)
        The weights.
    stride : int
        Step between positions of the kernel, down and to the right.
    padding : int
        Rows and columns of zeros added on each side of the image.

    Returns
    -------
    ndarray or Tensor, shape (H_out, W_out)
        `output_size` along each axis; a tensor, with gradients, if an input is one. int64 if both
        inputs hold integers.

    Raises
    ------
    TypeError, ValueError
        If an input is not a 2-D array of finite numbers, is empty, the kernel does not fit, sums
        of integers could exceed int64, or `stride` or `padding` is not an integer or too small.

    Examples
    --------
    >>> correlate2d([[1, 2, 3], [4, 5, 6]], [[1, -1]])
    array([[-1, -1],
           [-1, -1]])
    """
    image = validate.array("image", image, axes="(H, W)")
    kernel = validate.array("kernel", kernel, axes="(kH, kW)")
    xp, image, kernel = validate.alike(image, kernel)
    (height, width), (rows, columns) = image.shape, kernel.shape
    stride = validate.integer("stride", stride, minimum=1)
    padding = validate.integer("padding", padding, minimum=0)
    down = count_positions("kernel", height + 2 * padding, rows, stride)
    right = count_positions("kernel", width + 2 * padding, columns, stride)
    precision = xp.result_type(image, kernel)
    if xp.isdtype(precision, "integral"):
        _check_sums_of_products(image, kernel)
    padded = _pad(xp, image, [(padding, padding)] * 2)
    output = xp.zeros((down, right), dtype=precision, device=device(image))
    for row in range(down):
        for column in range(right):
            top, left = row * stride, column * stride
            patch = padded[top : top + rows, left : left + columns]
            output[row, column] = (patch * kernel).sum()
    return output


def convolve2d(image: Numbers, kernel: Numbers, *, stride: int = 1, padding: int = 0) -> Array:
    """Return the convolution of mathematics: the sliding sum with a flipped kernel.

    Parameters
    ----------
    image, kernel, stride, padding
        As in `correlate2d`. The kernel is flipped, that is rotated by 180°, before it slides.

    Returns
    -------
    ndarray or Tensor, shape (H_out, W_out)
        As from `correlate2d`.

    Raises
    ------
    TypeError, ValueError
        As `correlate2d` does.

    Examples
    --------
    >>> convolve2d([[1, 2, 3], [4, 5, 6]], [[1, -1]])
    array([[1, 1],
           [1, 1]])
    """
    kernel = validate.array("kernel", kernel, axes="(kH, kW)")
    xp, kernel = validate.alike(kernel)
    return correlate2d(image, xp.flip(kernel, axis=(0, 1)), stride=stride, padding=padding)


def conv2d(
    images: Numbers,
    weight: Numbers,
    bias: Numbers | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair | str = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Array:
    """Return what a convolutional layer computes, as ``torch.nn.functional.conv2d`` does.

    Arrays are convolved in NumPy: with small kernels as one matrix product over all patches, with
    large ones through the Fourier transform in float64, whose rounding errors are 1e-16 of the
    largest sum of the image. Tensors are given to PyTorch.

    Parameters
    ----------
    images : array_like or Tensor, shape (N, C_in, H, W)
        A batch of images.
    weight : array_like or Tensor, shape (C_out, C_in/groups, kH, kW)
        One kernel for each pair of output channel and input channel of its group. With one input
        channel in a group also (C_out, kH, kW) or (kH, kW).
    bias : array_like or Tensor, shape (C_out,), optional
        Added to each output channel.
    stride, dilation : int or (int, int)
        Step between positions; spacing between kernel elements; vertical, then horizontal.
    padding : int, (int, int), "valid" or "same"
        Zeros on each side. "same" keeps the size of the images and needs a stride of 1; if an odd
        number of rows or columns is needed, the extra one comes last.
    groups : int
        Channels are split into this many groups, each with its own kernels.

    Returns
    -------
    ndarray or Tensor, shape (N, C_out, H_out, W_out)
        A tensor, with gradients, if an input is one. In the floating-point precision of the
        inputs; integers alone are converted to float64, which cannot wrap around.

    Raises
    ------
    TypeError, ValueError
        If an array has the wrong number of dimensions, is empty or not finite, the channels do
        not match, the kernel does not fit, or an option is out of range.

    Examples
    --------
    >>> images, weight = np.ones((5, 1, 48, 64)), np.ones((6, 1, 7, 7))
    >>> conv2d(images, weight, padding="same").shape
    (5, 6, 48, 64)
    """
    images = validate.array("images", images, axes="(N, C_in, H, W)")
    weight = validate.as_bank(validate.array("weight", weight))
    if weight.ndim != 4:
        shape = tuple(weight.shape)
        raise ValueError(f"`weight` must have shape (C_out, C_in/groups, kH, kW), got {shape}")
    arrays = [images, weight]
    groups = validate.integer("groups", groups, minimum=1)
    _check_channels(images.shape[1], weight.shape, groups)
    if bias is not None:
        arrays.append(validate.array("bias", bias, axes="(C_out,)"))
        if len(arrays[-1]) != len(weight):
            shape = tuple(arrays[-1].shape)
            raise ValueError(f"`bias` must have shape ({len(weight)},), got {shape}")
    stride = validate.pair("stride", stride, minimum=1)
    dilation = validate.pair("dilation", dilation, minimum=1)
    spans = _spans(weight.shape, dilation)
    margins = _margins(padding, stride, spans)
    for size, margin, span in zip(images.shape[2:], margins, spans, strict=True):
        count_positions("weight", size + sum(margin), span)  # raises where it does not fit
    xp, *arrays = validate.alike(*arrays)
    floats = [each for each in arrays if xp.isdtype(each.dtype, "real floating")]
    precision = xp.result_type(*floats) if floats else xp.float64
    arrays = [xp.astype(each, precision) for each in arrays]
    padded = _pad(xp, arrays[0], margins)
    if is_torch_array(padded):
        output = _through_torch(padded, arrays[1], stride, dilation, groups)
    elif weight.shape[2] * weight.shape[3] <= LARGEST_DIRECT * stride[0] * stride[1]:
        output = _through_patches(padded, arrays[1], stride, dilation, groups)
    else:
        output = _through_fourier(padded, arrays[1], stride, dilation, groups)
    return output if bias is None else output + arrays[2][:, None, None]


def _check_channels(in_channels: int, weight_shape: tuple[int, ...], groups: int) -> None:
    out_channels, per_group = weight_shape[:2]
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"`groups` must divide the input and output channels, got {groups} groups for "
            f"{in_channels} input and {out_channels} output channels"
        )
    if per_group != in_channels // groups:
        raise ValueError(
            f"`weight` must have shape (C_out, {in_channels // groups}, kH, kW) for {in_channels} "
            f"input channels in {groups} groups, got {tuple(weight_shape)}"
        )


def _check_sums_of_products(image: Array, kernel: Array) -> None:
    """Refuse integers whose sums of products could exceed int64."""
    largest = max(abs(int(image.min())), int(image.max()))
    total = largest * sum(abs(weight) for row in kernel.tolist() for weight in row)
    if total > np.iinfo(np.int64).max:
        raise ValueError(
            f"`image` and `kernel` must have sums of products below 2**63, got up to {total}: "
            "use floating-point numbers"
        )


def _margins(padding: int | Pair | str, stride: Pair, spans: list[int]) -> list[Pair]:
    """Return the zeros before and after the image along each axis."""
    if not isinstance(padding, str):
        return [(zeros, zeros) for zeros in validate.pair("padding", padding, minimum=0)]
    if validate.choice("padding", padding, ("valid", "same")) == "valid":
        return [(0, 0), (0, 0)]
    if stride != (1, 1):
        raise ValueError(f'`stride` must be 1 with `padding="same"`, got {stride}')
    return [((span - 1) // 2, span // 2) for span in spans]


def _pad(xp: Any, images: Any, margins: list[Pair]) -> Any:
    (*outer, height, width), ((top, bottom), (left, right)) = images.shape, margins
    shape = (*outer, top + height + bottom, left + width + right)
    padded = xp.zeros(shape, dtype=images.dtype, device=device(images))
    padded[..., top : top + height, left : left + width] = images
    return padded


def _spans(weight_shape: tuple[int, ...], dilation: Pair) -> list[int]:
    """Return the rows and columns that a dilated kernel covers."""
    return [step * (size - 1) + 1 for step, size in zip(dilation, weight_shape[2:], strict=True)]


def _through_torch(images: Any, weight: Any, stride: Pair, dilation: Pair, groups: int) -> Any:
    from torch.nn.functional import conv2d

    return conv2d(images, weight, stride=stride, dilation=dilation, groups=groups)


def _through_patches(
    images: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int
) -> np.ndarray:
    """Multiply the matrix of all patches by the matrix of all kernels, group by group."""
    patches = sliding_window_view(images, _spans(weight.shape, dilation), axis=(2, 3))
    patches = patches[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    outputs = [
        np.tensordot(kernels, channels, axes=((1, 2, 3), (1, 4, 5)))
        for kernels, channels in zip(
            np.split(weight, groups), np.split(patches, groups, axis=1), strict=True
        )
    ]
    return np.ascontiguousarray(np.moveaxis(np.concatenate(outputs), 1, 0))


def _through_fourier(
    images: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int
) -> np.ndarray:
    """Multiply the transforms of images and kernels, then keep the valid positions.

    In float64, whatever the inputs: rounding errors scale with the largest pixel of an image.
    """
    (n, _, height, width), (out_channels, per_group, *_) = images.shape, weight.shape
    rows, columns = _spans(weight.shape, dilation)
    spread = np.zeros((out_channels, per_group, rows, columns))
    spread[:, :, :: dilation[0], :: dilation[1]] = weight
    transforms = np.fft.rfft2(images.astype(np.float64)).reshape(n, groups, per_group, height, -1)
    kernels = np.fft.rfft2(spread, s=(height, width)).conj()
    kernels = kernels.reshape(groups, out_channels // groups, per_group, height, -1)
    product = np.einsum("ngchw,gochw->ngohw", transforms, kernels)
    output = np.fft.irfft2(product, s=(height, width)).reshape(n, out_channels, height, width)
    output = output[:, :, : height - rows + 1 : stride[0], : width - columns + 1 : stride[1]]
    return np.ascontiguousarray(output, dtype=images.dtype)
