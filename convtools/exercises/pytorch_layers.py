"""The exercises of the chapter on layers in PyTorch."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools.convolution import conv2d
from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    called,
    compare,
    numbers,
)
from convtools.neuromatch import filters, grating
from convtools.stimuli import sine_grating

__all__ = ["ORIENTATIONS", "amplitude", "grating_responses", "own_gabor", "own_grating", "to_batch"]

ORIENTATIONS = (-90, -45, 0, 45, 90)  # degrees, of the tutorial's five gratings
SHAPE, CYCLES = (48, 64), 6  # of `own_grating`: pixels, and how many fit into the height
WAVELENGTH, PREFERRED, HALF_WIDTH = 10, 45, 15  # of `own_gabor`: pixels, degrees, degrees


@Exercise
def own_grating(answer: Tensor) -> None:
    """Check a grating with horizontal bars, a dark one in the middle."""
    wavelength = SHAPE[0] / CYCLES

    def made(wavelength: float, orientation: float, phase: float, contrast: float = 1.0) -> Any:
        return sine_grating(SHAPE, wavelength, orientation, phase=phase, contrast=contrast).numpy()

    right = made(wavelength, 90, np.pi)
    mistakes: dict[str, ArrayLike] = {
        "These bars are vertical.": made(wavelength, 0, np.pi),
        "A bright bar is on the middle; which phase makes it a dark one?": made(wavelength, 90, 0),
        "The phase is in radians here: convert it with np.deg2rad.": made(wavelength, 90, 180),
        "The middle of the image is on the border between two bars.": made(
            wavelength, 90, np.pi / 2
        ),
        "Six cycles must fit into the height, not into the width.": made(
            SHAPE[1] / CYCLES, 90, np.pi
        ),
        "The wavelength is the length of one cycle in pixels, not the number of cycles.": made(
            CYCLES, 90, np.pi
        ),
        "Height and width are swapped.": right.T,
        "The contrast is not full.": made(wavelength, 90, np.pi, contrast=0.5),
        "This grating has square waves; take `sine_grating`.": np.sign(right) / 2,
    }
    compare(answer, right, mistakes, "Check orientation, wavelength and phase one by one.")


@Exercise
def own_gabor(answer: Tensor) -> None:
    """Check an odd Gabor filter of a given orientation, wavelength and bandwidth."""
    kernel = numbers(answer)
    if kernel.ndim == 0:
        raise MistakeError("This is one number; the answer is the kernel.")
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or len(kernel) % 2 == 0:
        raise MistakeError(f"The answer is one square kernel of odd size, not {kernel.shape}.")
    if not kernel.any():
        raise MistakeError("All weights are 0.")
    flipped = kernel[::-1, ::-1]
    if np.abs(kernel - flipped).max() < 0.02 * np.abs(kernel).max():
        raise MistakeError("This filter is even. Which phase makes its weights sum to 0?")
    if np.abs(kernel + flipped).max() > 0.02 * np.abs(kernel).max():
        raise MistakeError("This filter is neither even nor odd.")
    angles = np.arange(180)
    curve = np.array([amplitude(kernel, WAVELENGTH, angle) for angle in angles.tolist()])
    preferred = int(angles[curve.argmax()])
    if abs(preferred - PREFERRED) > 2:
        raise MistakeError(f"It prefers gratings of {preferred}°, not of {PREFERRED}°.")
    for other in (0.7 * WAVELENGTH, 1.4 * WAVELENGTH):
        if amplitude(kernel, other, PREFERRED) > curve.max():
            raise MistakeError(f"It prefers a wavelength of about {other:.0f} pixels.")
    half_width = (curve >= curve.max() / 2).sum() / 2
    if abs(half_width - HALF_WIDTH) > 1:
        wrong = "wide" if half_width > HALF_WIDTH else "narrow"
        raise MistakeError(
            f"The half-width is {half_width:.0f}°, too {wrong}. It is measured from the peak to "
            "one side, and σ in pixels is σ/λ times the wavelength."
        )


def amplitude(kernel: np.ndarray, wavelength: float, angle: float) -> float:
    """Return the response at the best phase."""
    shape = (len(kernel), len(kernel))
    waves = (sine_grating(shape, wavelength, angle, phase=p).numpy() for p in (0, np.pi / 2))
    return float(np.hypot(*((kernel * wave).sum() for wave in waves)))


@Exercise
def to_batch(function: Callable[[Any], Tensor]) -> None:
    """Check a function that puts the axis of colours in front of height and width."""
    photographs = np.random.default_rng(0).random((2, 4, 5, 3)).astype(np.float32)
    answer = called(function, photographs)
    right = photographs.transpose(0, 3, 1, 2)
    mistakes: dict[str, ArrayLike] = {
        "The axes are as they were: the colours are still the last axis.": photographs,
        "The shape is right, but a reshape mixes pixels and colours: move the axis instead.": (
            photographs.reshape(right.shape)
        ),
        "Height and width are swapped.": photographs.transpose(0, 3, 2, 1),
        "The colours come first here; the first axis is that of the images.": (
            photographs.transpose(3, 0, 1, 2)
        ),
        "This is one image: keep all of them.": right[0],
        "These are grey images: keep the three colours.": right.mean(axis=1, keepdims=True),
        "The colours are in another order.": right[:, ::-1],
    }
    compare(answer, right, mistakes)
    if not isinstance(answer, Tensor):
        raise MistakeError("The numbers are right, but `nn.Conv2d` takes a tensor.")


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
