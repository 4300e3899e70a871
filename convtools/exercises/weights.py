"""The exercises of the chapter on weights."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    called,
    check_shape,
    compare,
    numbers,
)
from convtools.kernels import quadrature_pair

__all__ = ["best_stimulus", "kernel_between", "mystery_neuron", "recover"]

LIMIT = 0.5  # of the grey values that a screen can show
ALIKE = 0.97  # cosine of the angle between a recovered kernel and the right one


def mystery_neuron(patches: Tensor) -> Tensor:
    """Return the rates (N,) of a neuron to patches (N, 15, 15)."""
    pair = quadrature_pair(8, 30, sigma=2.5, size=15, norm="l2")
    return torch.linalg.vector_norm(torch.tensordot(patches, pair, dims=([1, 2], [1, 2])), dim=1)


@Exercise
def kernel_between(function: Callable[[nn.Conv2d, int, int], Tensor]) -> None:
    """Check a function that takes the kernel of one pair of channels out of a layer."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        conv = nn.Conv2d(3, 4, kernel_size=(5, 7))
    answer = called(function, conv, 1, 2)
    weights = conv.weight.detach().numpy()
    right = weights[1, 2]
    mistakes: dict[str, ArrayLike] = {
        "The two channels are swapped: in the array, output channels come first.": weights[2, 1],
        "These are the kernels of all input channels: pick one.": weights[1],
        "These are the kernels of all output channels: pick one.": weights[:, 2],
        "These are all weights of the layer.": weights,
        "These are the kernels summed over input channels.": weights[1].sum(axis=0),
        "This is the kernel, flipped.": right[::-1, ::-1],
        "Height and width are swapped.": right.T,
        "These are the biases.": np.asarray(conv.bias.detach() if conv.bias is not None else 0),
        "The kernel is right, but it has axes of length 1: pick with integers, not slices.": right[
            None, None
        ],
    }
    compare(answer, right, mistakes)
    if isinstance(answer, Tensor) and answer.requires_grad:
        raise MistakeError("These are the weights, still with gradients: detach them.")


@Exercise
def best_stimulus(function: Callable[[Tensor], Tensor]) -> None:
    """Check a function that returns the preferred patch among those a screen can show."""
    for seed, size in [(0, 5), (1, 8)]:
        kernel = torch.randn(size, size, generator=torch.Generator().manual_seed(seed))
        answer = numbers(called(function, kernel.clone()))
        weights = kernel.double().numpy()
        right = LIMIT * np.sign(weights)
        check_shape(answer, right.shape)
        if (np.abs(answer) > LIMIT + 1e-6).any():
            raise MistakeError(f"A pixel is brighter than {LIMIT} or darker than −{LIMIT}.")
        mistakes: dict[str, ArrayLike] = {
            "This patch gives the most negative response.": -right,
            "It has the shape of the kernel, but most pixels could be brighter or darker, and each "
            "of them would add to the response.": LIMIT * weights / np.abs(weights).max(),
            "Some pixels are not yet at their limit.": weights.clip(-LIMIT, LIMIT),
            "A pixel under a negative weight can do better than mid-grey.": right.clip(0),
            "Uniform light: pixels under negative weights lower the response.": np.full_like(
                right, LIMIT
            ),
        }
        got, most = (answer * weights).sum(), (right * weights).sum()
        hint = f"Another patch gives a response of {most:.1f}; this one gives {got:.1f}."
        compare(answer, right, mistakes, hint.replace("-", "−"))


@Exercise
def recover(function: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Check a function that finds a kernel from responses to noise whose mean is not 0."""
    generator = torch.Generator().manual_seed(0)
    kernel = torch.randn(5, 6, generator=generator)
    patches = 0.5 + 0.1 * torch.randn(20_000, 5, 6, generator=generator)
    driven = (kernel * patches).sum(dim=(1, 2))
    rates = torch.relu(driven - driven.mean())
    answer = numbers(called(function, rates.clone(), patches.clone()))
    check_shape(answer, (5, 6))
    average = patches.mean(dim=0)
    triggered = (rates[:, None, None] * patches).sum(dim=0) / rates.sum()
    hints = [
        (triggered - average, ""),
        (average - triggered, "This is the negative of the kernel."),
        (average, "This is the average patch, whether or not the neuron responded."),
        (triggered, "This is the mean brightness with a little of the kernel on it: subtract."),
        ((triggered - average).flip(0, 1), "This is the kernel, flipped."),
    ]
    if not answer.any():
        raise MistakeError("All weights are 0.")
    likeness, hint = max((_cosine(answer, right.numpy()), hint) for right, hint in hints)
    if likeness < ALIKE:
        raise MistakeError("This is not the kernel: weigh each patch by its rate, then average.")
    if hint:
        raise MistakeError(hint)


def _cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float((first * second).sum() / (np.linalg.norm(first) * np.linalg.norm(second)))
