"""The exercise of the chapter on why the brain may use convolutions."""

from convtools.arithmetic import receptive_field
from convtools.exercises._verdict import Exercise, compare

__all__ = ["NETWORK", "PIXELS", "first_to_see"]

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
