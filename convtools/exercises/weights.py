"""The exercise of the chapter on weights."""

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools.exercises._verdict import Exercise, MistakeError, compare
from convtools.neuromatch import filters

__all__ = ["layer_weights"]


@Exercise
def layer_weights(answer: Tensor) -> None:
    """Check the weights of the tutorial's layer."""
    if isinstance(answer, nn.Module):
        raise MistakeError(
            "This is a layer; its weights are an attribute of the `nn.Conv2d` inside."
        )
    right = filters().numpy()
    mistakes: dict[str, ArrayLike] = {
        "These are the biases.": np.zeros(len(right)),
        "The axis of input channels is missing, which is there even if it has length 1.": right[
            :, 0
        ],
        "This is one kernel with its channel axis: take all six.": right[0],
        "This is one kernel: take all six.": right[0, 0],
        "The axes are in another order than PyTorch's: output channels come first.": right.T,
    }
    compare(answer, right, mistakes, "Take the weights of `layer`, whose filters are the book's.")
    if isinstance(answer, Tensor) and answer.requires_grad:
        raise MistakeError("These are the weights, still with gradients: detach them.")
