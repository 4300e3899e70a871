"""Output sizes, receptive fields and parameter counts: integers, without PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, NamedTuple, cast

from convtools import _validate as validate

if TYPE_CHECKING:
    from torch import nn

    Sizes = int | Sequence[int]
    Layer = Sequence[Sizes] | nn.Module

__all__ = [
    "ReceptiveField",
    "conv_parameters",
    "count_positions",
    "dense_parameters",
    "output_size",
    "receptive_field",
]


def output_size(
    size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return the output length of a convolution along one axis.

    Parameters
    ----------
    size, kernel_size : int
        Pixels of the input and of the kernel along that axis.
    stride : int
        Step between positions of the kernel.
    padding : int
        Pixels added at each end.
    dilation : int
        Spacing between kernel elements.

    Returns
    -------
    int
        ``floor((size + 2·padding − dilation·(kernel_size − 1) − 1) / stride) + 1``.

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
    kernel_size = validate.integer("kernel_size", kernel_size, minimum=1)
    stride = validate.integer("stride", stride, minimum=1)
    padding = validate.integer("padding", padding, minimum=0)
    dilation = validate.integer("dilation", dilation, minimum=1)
    span = dilation * (kernel_size - 1) + 1
    return count_positions("kernel_size", size + 2 * padding, span, stride)


class ReceptiveField(NamedTuple):
    """The receptive field of a unit along one axis, in pixels of the input.

    Attributes
    ----------
    size : int
        Length of the receptive field.
    stride : int
        Distance between the receptive fields of neighbouring units.
    padding : int
        How far the first unit's receptive field begins before the image.
    """

    size: int
    stride: int
    padding: int

    def center(self, index: int) -> float:
        """Return the centre of the receptive field of unit `index`, counted from 0.

        Parameters
        ----------
        index : int
            Which unit along the axis, 0 or more.

        Returns
        -------
        float
            Pixels from the first pixel of the image; a half-integer if `size` is even.

        Raises
        ------
        TypeError, ValueError
            If `index` is not an integer of at least 0.

        Examples
        --------
        >>> ReceptiveField(size=7, stride=1, padding=3).center(10)
        10.0
        """
        index = validate.integer("index", index, minimum=0)
        return -self.padding + index * self.stride + (self.size - 1) / 2


def receptive_field(layers: Iterable[Layer] | nn.Module) -> ReceptiveField:
    """Return the theoretical receptive field of the units of the last layer.

    Parameters
    ----------
    layers : iterable of (kernel_size, stride, padding) or torch.nn.Module, or one module
        From the input on. Each of the three numbers may also be a pair of equal ones. Modules may
        be ``Conv2d``, ``MaxPool2d``, ``AvgPool2d``, the layers of `convtools`, ``Sequential`` of
        these, and the pointwise modules of ``torch.nn`` (activations, dropout, ``Identity``, and
        normalisation as in ``eval()``). Dilation counts.

    Returns
    -------
    ReceptiveField
        Its size, stride and padding, in pixels of the input.

    Raises
    ------
    TypeError, ValueError
        If `layers` is empty, a triple is not three integers in range, a layer differs between
        height and width, or a module's receptive field is not known.

    References
    ----------
    Araujo, A., Norris, W. & Sim, J. (2019). Computing receptive fields of convolutional neural
    networks. Distill. doi:10.23915/distill.00021

    Examples
    --------
    >>> receptive_field([(7, 1, 3), (2, 2, 0), (5, 1, 2)])
    ReceptiveField(size=16, stride=2, padding=7)
    >>> from torch import nn
    >>> receptive_field(nn.Sequential(nn.Conv2d(1, 6, 7, padding=3), nn.ReLU(), nn.MaxPool2d(2)))
    ReceptiveField(size=8, stride=2, padding=3)
    """
    if hasattr(layers, "forward"):  # of a module
        windows = _windows("layers", cast("nn.Module", layers))
    elif isinstance(layers, (str, Mapping)) or not isinstance(layers, Iterable):
        raise TypeError(f"`layers` must be a module or a sequence of layers, got {layers!r}")
    else:
        chain = list(layers)
        if not chain:
            raise ValueError("`layers` must not be empty, got none")
        parts = (_windows(f"layers[{number}]", layer) for number, layer in enumerate(chain))
        windows = [window for part in parts for window in part]
    size, stride, padding = 1, 1, 0
    for kernel_size, step, zeros in windows:
        size += (kernel_size - 1) * stride
        padding += zeros * stride
        stride *= step
    return ReceptiveField(size, stride, padding)


def conv_parameters(
    in_channels: int,
    out_channels: int,
    kernel_size: Sizes,
    *,
    bias: bool = True,
    groups: int = 1,
) -> int:
    """Return the number of parameters of a convolutional layer.

    Parameters
    ----------
    in_channels, out_channels : int
        Input and output channels.
    kernel_size : int or (int, int)
        Height and width of the kernels in pixels.
    bias : bool
        Count one bias for each output channel.
    groups : int
        Groups of channels, each with its own kernels.

    Returns
    -------
    int
        ``out_channels · (in_channels/groups) · kH · kW``, plus `out_channels` with biases.

    Raises
    ------
    TypeError, ValueError
        If a number is not a positive integer, `groups` does not divide both channels, or `bias`
        is not a bool.

    Examples
    --------
    >>> conv_parameters(1, 6, 7)
    300
    """
    in_channels = validate.integer("in_channels", in_channels, minimum=1)
    out_channels = validate.integer("out_channels", out_channels, minimum=1)
    height, width = validate.pair("kernel_size", kernel_size, minimum=1)
    groups = validate.integer("groups", groups, minimum=1)
    bias = validate.flag("bias", bias)
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"`groups` must divide {in_channels} and {out_channels} channels, got {groups}"
        )
    return out_channels * (in_channels // groups * height * width + bias)


def dense_parameters(in_shape: Sizes, out_shape: Sizes, *, bias: bool = True) -> int:
    """Return the number of parameters of a fully connected layer.

    Parameters
    ----------
    in_shape, out_shape : int or sequence of int
        Numbers of units, or shapes, of the input and of the output, for example
        ``(1, 48, 64)`` and ``(6, 48, 64)``.
    bias : bool
        Count one bias for each unit of the output.

    Returns
    -------
    int
        The product of all sizes, plus the product of `out_shape` with biases.

    Raises
    ------
    TypeError, ValueError
        If a shape is empty or holds anything but positive integers, or `bias` is not a bool.

    Examples
    --------
    >>> dense_parameters(9216, 4096)
    37752832
    >>> dense_parameters((1, 48, 64), (6, 48, 64), bias=False)
    56623104
    """
    inputs, outputs = (
        prod(validate.shape_of(name, shape if isinstance(shape, (tuple, list)) else (shape,)))
        for name, shape in (("in_shape", in_shape), ("out_shape", out_shape))
    )
    return outputs * (inputs + validate.flag("bias", bias))


def count_positions(name: str, padded: int, span: int, stride: int = 1) -> int:
    """Return the number of positions of a kernel that spans `span` pixels in a padded image."""
    if span > padded:
        raise ValueError(
            f"`{name}` must fit into the padded image, got a kernel that spans {span} pixels and "
            f"{padded} padded pixels"
        )
    return (padded - span) // stride + 1


def _windows(name: str, layer: Layer) -> list[tuple[int, int, int]]:
    """Return the (kernel size, stride, padding) of each window that `layer` slides."""
    if not isinstance(layer, Sequence):
        from convtools._windows import windows_of  # loads PyTorch, which a module needs anyway

        return windows_of(name, layer)
    if len(layer) != 3:
        raise ValueError(f"`{name}` must be (kernel_size, stride, padding), got {layer}")
    limits = {"kernel_size": 1, "stride": 1, "padding": 0}
    options = [
        validate.square(f"{option} of {name}", value, minimum=minimum)
        for (option, minimum), value in zip(limits.items(), layer, strict=True)
    ]
    return [(options[0], options[1], options[2])]
