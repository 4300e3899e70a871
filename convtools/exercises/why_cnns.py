"""The exercises of the chapter on networks as models of the visual system."""

from collections.abc import Callable

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools.arithmetic import receptive_field
from convtools.exercises._verdict import Exercise, called, compare

__all__ = ["NETWORK", "PIXELS", "first_to_see", "measured_receptive_field"]

POOLING, CONVOLUTION = (2, 2, 0), (5, 1, 2)  # kernel size, stride, padding
NETWORK = [(7, 1, 3), POOLING, CONVOLUTION, POOLING, CONVOLUTION, POOLING, (3, 1, 1)]
PIXELS = 40


@Exercise
def first_to_see(answer: int) -> None:
    """Check the index of the first layer whose receptive field has the number of pixels."""
    sizes = [receptive_field(NETWORK[: i + 1]).size for i in range(len(NETWORK))]
    right = next(i for i, size in enumerate(sizes) if size >= PIXELS)
    mistakes = {
        f"The receptive field of layer {i} has {size} pixels.": i
        for i, size in enumerate(sizes[:right])
    }
    mistakes["Layers are counted from 0."] = right + 1
    mistakes["This is the size in pixels: answer with the layer's index."] = sizes[right]
    compare(answer, right, mistakes)


@Exercise
def measured_receptive_field(answer: Callable[[nn.Module, int], tuple[int, int]]) -> None:
    """Check a function that measures the receptive field of a central unit by its gradient."""
    for size, modules in (
        (24, [nn.Conv2d(1, 2, (5, 3)), nn.Conv2d(2, 3, 3, stride=2)]),
        (31, [nn.Conv2d(1, 1, 3, padding=4), nn.AvgPool2d(2), nn.Conv2d(1, 1, 5, padding=4)]),
        (40, [nn.Conv2d(1, 1, (3, 5), dilation=3)]),
    ):
        network = nn.Sequential(*modules)
        for parameter in network.parameters():
            nn.init.ones_(parameter)
        _compare_fields(answer, network, size)


def _compare_fields(
    answer: Callable[[nn.Module, int], tuple[int, int]], network: nn.Module, size: int
) -> None:
    def extent(*unit: int | slice) -> tuple[int, int]:
        rows, columns = _influence(network, size, *unit).nonzero(as_tuple=True)
        return len(rows.unique()), len(columns.unique())

    middle = network(torch.zeros(1, 1, size, size)).shape[-1] // 2
    height, width = extent(middle, middle)
    total = round(_influence(network, size, middle, middle).sum().item())
    given = called(answer, network, size)
    mistakes: dict[str, ArrayLike] = {
        "Height comes first, the number of rows.": (width, height),
        "This unit is in a corner, where padding cuts its receptive field.": extent(0, 0),
        "This is the influence on all units together: take one of them.": extent(
            slice(None), slice(None)
        ),
        "This is the size of the image: count only rows and columns with an influence.": (
            size, size,
        ),
        "This is the number of pixels; count the rows and the columns.": height * width,
        "This sums the influences; count the rows in which there is one.": (total, total),
        "This is one of the two numbers: return height and width.": height,
    }  # fmt: skip
    compare(given, (height, width), mistakes, case=f"(An image of {size} × {size} pixels.)")


def _influence(network: nn.Module, size: int, *unit: int | slice) -> Tensor:
    """Return the gradient of a unit, or of the sum of several, with respect to the pixels."""
    image = torch.zeros(1, 1, size, size, requires_grad=True)
    output = network(image)[(0, 0, *unit)].sum()
    (gradient,) = torch.autograd.grad(output, image)
    return gradient[0, 0]
