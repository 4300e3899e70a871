"""The windows that the modules of PyTorch slide over their input."""

from functools import singledispatch

from torch import nn
from torch.nn.modules import activation

from convtools import _validate as validate
from convtools.layers import ComplexCells, SimpleCells
from convtools.neuromatch import ConvolutionalLayer

__all__ = ["windows_of"]

Windows = list[tuple[int, int, int]]  # kernel size, stride, padding

ALONG_AN_AXIS = (nn.GLU, nn.LogSoftmax, nn.Softmax, nn.Softmin)  # of which channels are one
OTHERS = {*ALONG_AN_AXIS, nn.MultiheadAttention}
ACTIVATIONS = {getattr(nn, name) for name in activation.__all__} - OTHERS
POINTWISE = (
    *ACTIVATIONS, nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d,
    nn.AlphaDropout, nn.FeatureAlphaDropout, nn.LocalResponseNorm, nn.ChannelShuffle,
)  # fmt: skip


def windows_of(name: str, layer: nn.Module) -> Windows:
    """Return the windows of a module, none if it is pointwise."""
    kind = next(kind for kind in type(layer).__mro__ if kind in _windows.registry)
    # A subclass with a `forward` of its own may do anything.
    known = getattr(type(layer), "forward", None) is getattr(kind, "forward", None)
    return _windows.registry[kind if known else object](layer, name)


@singledispatch
def _windows(layer: nn.Module, name: str) -> Windows:
    raise TypeError(
        f"`{name}` must be (kernel_size, stride, padding) or a module whose receptive field is "
        f"known, got a {type(layer).__name__}"
    )


for kind in POINTWISE:
    _windows.register(kind, lambda layer, name: [])


def _pointwise_if(condition: bool, layer: nn.Module, name: str) -> Windows:
    return [] if condition else _windows.registry[object](layer, name)


for kind in ALONG_AN_AXIS:
    _windows.register(kind, lambda layer, name: _pointwise_if(layer.dim in (1, -3), layer, name))
for kind in (nn.BatchNorm2d, nn.SyncBatchNorm):  # as in eval(), if that has numbers of its own
    _windows.register(
        kind, lambda layer, name: _pointwise_if(layer.running_mean is not None, layer, name)
    )


@_windows.register(nn.Sequential)
@_windows.register(nn.ModuleList)
def _(layer: nn.Sequential | nn.ModuleList, name: str) -> Windows:
    parts = (windows_of(f"{name}[{index}]", part) for index, part in enumerate(layer))
    return [window for windows in parts for window in windows]


@_windows.register(nn.Conv2d)
@_windows.register(nn.MaxPool2d)
@_windows.register(nn.AvgPool2d)
def _(layer: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d, name: str) -> Windows:
    def option(option: str, value: object) -> int:
        return validate.square(f"{option} of {name}", value, minimum=0)

    dilation = option("dilation", getattr(layer, "dilation", 1))
    kernel_size = dilation * (option("kernel_size", layer.kernel_size) - 1) + 1
    padding = {"same": (kernel_size - 1) // 2, "valid": 0}.get(str(layer.padding), layer.padding)
    return [(kernel_size, option("stride", layer.stride), option("padding", padding))]


@_windows.register(ConvolutionalLayer)
def _(layer: ConvolutionalLayer, name: str) -> Windows:
    return _windows(layer.conv, name)


@_windows.register(SimpleCells)
@_windows.register(ComplexCells)
def _(layer: SimpleCells | ComplexCells, name: str) -> Windows:
    kernels = layer.kernels if isinstance(layer, SimpleCells) else layer.pairs
    return [(kernels.shape[-1], 1, kernels.shape[-1] // 2)]
