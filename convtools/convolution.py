"""The sliding sum, three ways: as loops to be read, flipped, and vectorised for whole batches."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from convtools import _validate as validate

__all__ = ["conv2d", "convolve2d", "correlate2d", "output_size"]

Pair = tuple[int, int]  # vertical, horizontal

# Weights of a kernel above which the Fourier transform is the faster way at stride 1, by trial on
# images of 48×64 to 512×512 pixels. It computes all places, a stride only some of them.
LARGEST_DIRECT = 49


def output_size(
    size: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Count the places at which a kernel fits along one direction.

    Parameters
    ----------
    size, kernel : int
        Pixels of the input and of the kernel along that direction.
    stride : int
        Pixels from one place to the next.
    padding : int
        Pixels added at each end.
    dilation : int
        Pixels from one kernel weight to the next.

    Returns
    -------
    int
        ``floor((size + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer, is too small, or the kernel does not fit even once.

    References
    ----------
    Dumoulin, V. & Visin, F. (2016). A guide to convolution arithmetic. arXiv:1603.07285.

    Examples
    --------
    >>> output_size(48, 7), output_size(48, 7, padding=3), output_size(48, 7, stride=2)
    (42, 48, 21)
    """
    size = validate.integer("size", size, minimum=1)
    kernel = validate.integer("kernel", kernel, minimum=1)
    stride = validate.integer("stride", stride, minimum=1)
    padding = validate.integer("padding", padding, minimum=0)
    dilation = validate.integer("dilation", dilation, minimum=1)
    padded, extent = size + 2 * padding, dilation * (kernel - 1) + 1
    if extent > padded:
        raise ValueError(
            f"`kernel` must fit into the padded image, got a kernel that spans {extent} pixels "
            f"and {padded} padded pixels"
        )
    return (padded - extent) // stride + 1


def correlate2d(
    image: ArrayLike, kernel: ArrayLike, *, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Slide a kernel over an image; at each place, sum the products. Deep learning's convolution.

    Loops, to be read; `conv2d` computes the same for whole batches, fast.

    Parameters
    ----------
    image : array_like, shape (H, W)
        The input.
    kernel : array_like, shape (kH, kW)
        The weights.
    stride : int
        Pixels from one place to the next, downwards and to the right.
    padding : int
        Rows and columns of zeros added on each side of the image.

    Returns
    -------
    ndarray, shape (H_out, W_out)
        `output_size` of each direction; int64 if both inputs hold integers.

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
    height, width = (
        output_size(size, side, stride=stride, padding=padding)
        for size, side in zip(image.shape, kernel.shape, strict=True)
    )
    validate.sums_of_products(image, kernel)
    image = np.pad(image, padding)
    output = np.zeros((height, width), dtype=np.result_type(image, kernel))
    for row in range(height):
        for column in range(width):
            top, left = row * stride, column * stride
            patch = image[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            output[row, column] = (patch * kernel).sum()
    return output


def convolve2d(
    image: ArrayLike, kernel: ArrayLike, *, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Slide a flipped kernel over an image: the convolution of mathematics.

    Parameters
    ----------
    image, kernel, stride, padding
        As in `correlate2d`. The kernel is turned by 180° before it slides.

    Returns
    -------
    ndarray, shape (H_out, W_out)
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
    return correlate2d(image, kernel[::-1, ::-1], stride=stride, padding=padding)


def conv2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair | str = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> np.ndarray:
    """Run a convolutional layer in NumPy: values and shapes of ``torch.nn.functional.conv2d``.

    Small kernels are applied as one matrix product over all patches, large ones through the
    Fourier transform, whose rounding errors scale with the largest pixel of the image.

    Parameters
    ----------
    x : array_like, shape (N, C_in, H, W)
        A batch of images.
    weight : array_like, shape (C_out, C_in/groups, kH, kW)
        One kernel for each pair of output channel and input channel of its group.
    bias : array_like, shape (C_out,), optional
        Added to each output channel.
    stride, dilation : int or (int, int)
        Pixels from place to place, and from weight to weight; vertical, then horizontal.
    padding : int, (int, int), "valid" or "same"
        Zeros on each side. "same" keeps the size of the images and needs a stride of 1; if an odd
        number of rows or columns is needed, the extra one comes last.
    groups : int
        Channels are split into this many groups, each with its own kernels.

    Returns
    -------
    ndarray, shape (N, C_out, H_out, W_out)
        In the floating-point precision of the inputs, float64 for integers.

    Raises
    ------
    TypeError, ValueError
        If an array has the wrong number of dimensions, is empty or not finite, the channels do
        not match, the kernel does not fit, or an option is out of range.

    Examples
    --------
    >>> x, weight = np.ones((5, 1, 48, 64)), np.ones((6, 1, 7, 7))
    >>> conv2d(x, weight, padding="same").shape
    (5, 6, 48, 64)
    """
    x = validate.array("x", x, axes="(N, C_in, H, W)")
    weight = validate.array("weight", weight, axes="(C_out, C_in/groups, kH, kW)")
    groups = validate.integer("groups", groups, minimum=1)
    _check_channels(x.shape[1], weight.shape, groups)
    stride = validate.pair("stride", stride, minimum=1)
    dilation = validate.pair("dilation", dilation, minimum=1)
    arrays = [x, weight]
    if bias is not None:
        bias = validate.array("bias", bias, axes="(C_out,)")
        if len(bias) != len(weight):
            raise ValueError(f"`bias` must have shape ({len(weight)},), got {bias.shape}")
        arrays.append(bias)
    precision = np.result_type(*[a for a in arrays if a.dtype.kind == "f"] or [np.dtype(float)])
    spans = _spans(weight, dilation)
    x = np.pad(x.astype(precision, copy=False), [(0, 0), (0, 0), *_margins(padding, stride, spans)])
    for size, span in zip(x.shape[2:], spans, strict=True):
        output_size(size, span)  # raises where the kernel does not fit
    small = weight.shape[2] * weight.shape[3] <= LARGEST_DIRECT * stride[0] * stride[1]
    slide = _through_patches if small else _through_fourier
    output = slide(x, weight.astype(precision, copy=False), stride, dilation, groups)
    return output if bias is None else output + bias.astype(precision)[:, None, None]


def _check_channels(c_in: int, weight_shape: tuple[int, ...], groups: int) -> None:
    c_out, c_per_group = weight_shape[:2]
    if c_in % groups or c_out % groups:
        raise ValueError(
            f"`groups` must divide the input and output channels, got {groups} groups for "
            f"{c_in} input and {c_out} output channels"
        )
    if c_per_group != c_in // groups:
        raise ValueError(
            f"`weight` must have shape (C_out, {c_in // groups}, kH, kW) for {c_in} input "
            f"channels in {groups} groups, got {weight_shape}"
        )


def _margins(padding: int | Pair | str, stride: Pair, spans: list[int]) -> list[Pair]:
    """Return the zeros before and after each direction."""
    if not isinstance(padding, str):
        return [(zeros, zeros) for zeros in validate.pair("padding", padding, minimum=0)]
    if validate.choice("padding", padding, ("valid", "same")) == "valid":
        return [(0, 0), (0, 0)]
    if stride != (1, 1):
        raise ValueError(f'`stride` must be 1 with `padding="same"`, got {stride}')
    return [((span - 1) // 2, span // 2) for span in spans]


def _spans(weight: np.ndarray, dilation: Pair) -> list[int]:
    """Return the rows and columns that a dilated kernel covers."""
    return [step * (side - 1) + 1 for step, side in zip(dilation, weight.shape[2:], strict=True)]


def _through_patches(
    x: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int
) -> np.ndarray:
    """Multiply the matrix of all patches with the matrix of all kernels, group by group."""
    patches = sliding_window_view(x, _spans(weight, dilation), axis=(2, 3))
    patches = patches[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    outputs = [
        np.tensordot(kernels, channels, axes=((1, 2, 3), (1, 4, 5)))
        for kernels, channels in zip(
            np.split(weight, groups), np.split(patches, groups, axis=1), strict=True
        )
    ]
    return np.ascontiguousarray(np.moveaxis(np.concatenate(outputs), 1, 0))


def _through_fourier(
    x: np.ndarray, weight: np.ndarray, stride: Pair, dilation: Pair, groups: int
) -> np.ndarray:
    """Multiply the transforms of images and kernels, then keep the places where all fits."""
    (n, _, height, width), (c_out, c_per_group, *_) = x.shape, weight.shape
    rows, columns = _spans(weight, dilation)
    spread = np.zeros((c_out, c_per_group, rows, columns))
    spread[:, :, :: dilation[0], :: dilation[1]] = weight
    images = np.fft.rfft2(x).reshape(n, groups, c_per_group, height, -1)
    kernels = np.fft.rfft2(spread, s=(height, width)).conj()
    kernels = kernels.reshape(groups, c_out // groups, c_per_group, height, -1)
    product = np.einsum("ngchw,gochw->ngohw", images, kernels)
    output = np.fft.irfft2(product, s=(height, width)).reshape(n, c_out, height, width)
    output = output[:, :, : height - rows + 1 : stride[0], : width - columns + 1 : stride[1]]
    return np.ascontiguousarray(output, dtype=x.dtype)
