"""What a stack of layers adds up to: receptive fields and numbers of parameters."""

from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

from torch import nn
from torch.nn.modules import activation

from convtools import _validate as validate
from convtools.layers import ComplexCells, ConvolutionalLayer, SimpleCells

__all__ = ["ReceptiveField", "conv_parameters", "dense_parameters", "receptive_field"]

Layer = tuple[int, int, int] | nn.Module

# What computes each position from that position alone: all activations but those that look along
# an axis of their choice, and what drops or scales values by itself or along the channels.
ALONG_AN_AXIS = {"GLU", "MultiheadAttention", "Softmax", "Softmin", "LogSoftmax"}
POINTWISE = (
    nn.Identity, nn.Dropout, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout,
    nn.BatchNorm2d, nn.LocalResponseNorm, nn.ChannelShuffle,
    *(getattr(nn, name) for name in activation.__all__ if name not in ALONG_AN_AXIS),
)  # fmt: skip
WINDOWED = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
PLACED = (*POINTWISE, *WINDOWED, nn.Sequential, ConvolutionalLayer, SimpleCells, ComplexCells)


class ReceptiveField(NamedTuple):
    """The part of the input that a unit sees, along one direction.

    Attributes
    ----------
    size : int
        Pixels of the input that a unit sees.
    stride : int
        Pixels of the input from one unit to the next.
    padding : int
        Pixels by which the first unit's field begins before the image.
    """

    size: int
    stride: int
    padding: int

    def center(self, index: int) -> float:
        """Return the pixel at the centre of the field of unit `index`, counted from 0.

        Parameters
        ----------
        index : int
            Which unit along the direction, 0 or more.

        Returns
        -------
        float
            Pixels from the first pixel of the image; half an integer for a field of even size.

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
    """Trace how much of the input one unit of the last layer sees.

    Parameters
    ----------
    layers : iterable of (kernel, stride, padding) or torch.nn.Module, or one module
        From the input on. Modules may be ``Conv2d``, ``MaxPool2d``, ``AvgPool2d``, the layers of
        `convtools`, ``Sequential`` of these, and what treats each position by itself (ReLU and
        the other activations, BatchNorm2d, Dropout, Identity). Dilation counts.

    Returns
    -------
    ReceptiveField
        Its size, stride and padding, in pixels of the input.

    Raises
    ------
    TypeError, ValueError
        If `layers` is empty, a triple is not three integers in range, a module differs between
        height and width, or its field is not known.

    References
    ----------
    Araujo, A., Norris, W. & Sim, J. (2019). Computing receptive fields of convolutional neural
    networks. Distill. doi:10.23915/distill.00021

    Examples
    --------
    >>> receptive_field([(7, 1, 3), (2, 2, 0), (5, 1, 2)])
    ReceptiveField(size=16, stride=2, padding=7)
    >>> receptive_field([nn.Conv2d(1, 6, 7, padding=3), nn.ReLU(), nn.MaxPool2d(2)])
    ReceptiveField(size=8, stride=2, padding=3)
    """
    if isinstance(layers, nn.Module) and not isinstance(layers, nn.ModuleList):
        layers = [layers]
    if not isinstance(layers, Iterable) or isinstance(layers, str):
        raise TypeError(f"`layers` must be a sequence of layers, got a {type(layers).__name__}")
    layers = list(layers)
    if not layers:
        raise ValueError("`layers` must not be empty")
    size, stride, padding = 1, 1, 0
    for number, layer in enumerate(layers):
        for kernel, step, zeros in _steps(f"layers[{number}]", layer):
            size += (kernel - 1) * stride
            padding += zeros * stride
            stride *= step
    return ReceptiveField(size, stride, padding)


def conv_parameters(
    c_in: int,
    c_out: int,
    kernel: int | tuple[int, int],
    *,
    bias: bool = True,
    groups: int = 1,
) -> int:
    """Count the numbers that a convolutional layer learns.

    Parameters
    ----------
    c_in, c_out : int
        Input and output channels.
    kernel : int or (int, int)
        Height and width of the kernels in pixels.
    bias : bool
        Count one bias for each output channel.
    groups : int
        Groups of channels, each with its own kernels.

    Returns
    -------
    int
        ``c_out · (c_in/groups) · kH · kW``, plus `c_out` with biases.

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
    c_in = validate.integer("c_in", c_in, minimum=1)
    c_out = validate.integer("c_out", c_out, minimum=1)
    height, width = validate.pair("kernel", kernel, minimum=1)
    groups = validate.integer("groups", groups, minimum=1)
    if c_in % groups or c_out % groups:
        raise ValueError(f"`groups` must divide {c_in} and {c_out} channels, got {groups}")
    return c_out * (c_in // groups * height * width + validate.flag("bias", bias))


def dense_parameters(
    in_shape: Sequence[int], out_shape: Sequence[int], *, bias: bool = True
) -> int:
    """Count the numbers that a fully connected layer between two shapes learns.

    Parameters
    ----------
    in_shape, out_shape : sequence of int
        Shapes of the input and of the output, for example ``(1, 48, 64)`` and ``(6, 48, 64)``.
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
    >>> dense_parameters((1, 48, 64), (6, 48, 64), bias=False)
    56623104
    """
    inputs = prod(validate.shape_of("in_shape", in_shape))
    outputs = prod(validate.shape_of("out_shape", out_shape))
    return outputs * (inputs + validate.flag("bias", bias))


def _steps(name: str, layer: Layer) -> list[tuple[int, int, int]]:
    """Return the (kernel, stride, padding) that `layer` consists of, none if it is pointwise."""
    if isinstance(layer, (tuple, list)) and len(layer) == 3:
        kernel, stride, padding = layer
        return [
            (
                validate.integer(f"kernel of {name}", kernel, minimum=1),
                validate.integer(f"stride of {name}", stride, minimum=1),
                validate.integer(f"padding of {name}", padding, minimum=0),
            )
        ]
    # A subclass with a `forward` of its own may do anything.
    alike = (k for k in PLACED if isinstance(layer, k) and type(layer).forward is k.forward)
    kind = next(alike, None)
    if kind is nn.Sequential:
        return [step for i, part in enumerate(layer) for step in _steps(f"{name}[{i}]", part)]
    if kind is ConvolutionalLayer:
        return [_window(name, layer.conv)]
    if kind is SimpleCells:
        return [(layer.kernels.shape[-1], 1, layer.kernels.shape[-1] // 2)]
    if kind is ComplexCells:
        return [(layer.pairs.shape[-1], 1, layer.pairs.shape[-1] // 2)]
    if kind in WINDOWED:
        return [_window(name, layer)]
    if kind in POINTWISE:
        return []
    raise TypeError(
        f"`{name}` must be (kernel, stride, padding) or a module whose field is known, "
        f"got a {type(layer).__name__}"
    )


def _window(name: str, module: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) -> tuple[int, int, int]:
    """Read kernel, stride and padding of a module that is alike in both directions."""
    options = {
        option: getattr(module, option, 1)
        for option in ("kernel_size", "stride", "padding", "dilation")
    }
    for option, value in options.items():
        if isinstance(value, (tuple, list)):
            if len(set(value)) > 1:
                raise ValueError(
                    f"`{name}` must have the same {option} in both directions, got {value}"
                )
            options[option] = value[0]
    kernel = options["dilation"] * (options["kernel_size"] - 1) + 1
    padding = {"same": (kernel - 1) // 2, "valid": 0}.get(options["padding"], options["padding"])
    return kernel, options["stride"], padding
