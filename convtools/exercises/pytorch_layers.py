"""The exercise of the chapter on layers in PyTorch."""

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools.convolution import conv2d
from convtools.exercises._verdict import Exercise, MistakeError, compare
from convtools.neuromatch import filters, grating

__all__ = ["ORIENTATIONS", "grating_responses"]

ORIENTATIONS = (-90, -45, 0, 45, 90)  # degrees, of the tutorial's five gratings


@Exercise
def grating_responses(answer: Tensor) -> None:
    """Check the activations of the tutorial's layer for its five gratings."""
    if isinstance(answer, nn.Module):
        raise MistakeError("This is the layer: call it with the stimuli, and pass what it returns.")
    kernels = filters().numpy()
    images = np.stack([grating(angle).numpy() for angle in ORIENTATIONS])[:, None]
    right = np.asarray(conv2d(images, kernels, padding=3))
    order = ", ".join(f"{angle}°" for angle in ORIENTATIONS).replace("-", "−")
    mistakes: dict[str, ArrayLike] = {
        "These are the stimuli: pass what the layer returns for them.": images,
        "The layer returns 42 × 58: the output has the size of the input only with a padding of "
        "half a kernel, K // 2.": np.asarray(conv2d(images, kernels)),
        "This is one stimulus: stack all five into one tensor.": right[:1],
        "The batch axis is missing: (N, C, H, W) has four.": right[2],
        "Height and width are swapped.": right.swapaxes(2, 3),
        "Stimuli and channels are swapped: stimuli come first.": right.swapaxes(0, 1),
        "The kernels are flipped.": np.asarray(
            conv2d(images, kernels[:, :, ::-1, ::-1], padding=3)
        ),
        f"The stimuli are in another order: {order}.": right[::-1],
        "The negative activations are missing: nothing is rectified yet.": right.clip(0),
    }
    otherwise = "Did you pass example_filters as the filters? Without them the weights are random."
    compare(answer, right, mistakes, otherwise)
