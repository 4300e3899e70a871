"""The exercises of the chapter on learning."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from convtools.exercises._verdict import (
    Exercise,
    MistakeError,
    called,
    check_shape,
    compare,
    numbers,
)

__all__ = ["cross_entropy", "random_kernels", "shuffled_labels"]

TAUGHT = 0.95  # accuracy of a network that has memorized its examples
CHANCE = 0.25, 0.75  # of its accuracy on new examples, which differs between shuffles
FEATURES = 8, 16, 32, 64, 128  # numbers of random kernels in the chapter
ENOUGH = 64  # the smallest of these that reaches 95%


@Exercise
def cross_entropy(function: Callable[[Tensor, Tensor], Any]) -> None:
    """Check a function that computes the binary cross-entropy of logits."""
    for logits, labels in [([2.0, -1.0, 0.5], [1, 0, 0]), ([-3.0, 1.5], [1, 1])]:
        z, t = torch.tensor(logits).double(), torch.tensor(labels).double()
        answer = called(function, z.clone(), t.clone())
        p = torch.sigmoid(z)
        given = torch.where(t == 1, p, 1 - p)  # the probability of the truth
        surprise = -given.log()
        right = surprise.mean().item()
        mistakes: dict[str, ArrayLike] = {
            "This is the sum over the images: take the mean.": surprise.sum().item(),
            "This is one number for each image: take the mean.": surprise.numpy(),
            "The sign is wrong: the loss is minus the logarithm.": -right,
            "Take the logarithm first, then the mean.": -given.mean().log().item(),
            "This is the probability given to the truth: take minus its logarithm.": (
                given.mean().item()
            ),
            "Use the natural logarithm.": right / np.log(2),
            "Use the natural logarithm, torch.log.": right / np.log(10),
            "The labels are swapped: 1 is a tilt to the right.": -(1 - given).log().mean().item(),
            "With the label 0, the truth is given the probability 1 − p.": -p.log().mean().item(),
            "The second term of the formula is missing.": -(t * p.log()).mean().item(),
            "The first term of the formula is missing.": (-((1 - t) * (1 - p).log()).mean().item()),
            "This is the mean squared error.": (p - t).square().mean().item(),
        }
        case = f"This was for the logits {logits} and the labels {labels}."
        compare(answer, right, mistakes, "Is p computed from the logits as in the chapter?", case)


@Exercise
def shuffled_labels(answer: tuple[float, float]) -> None:
    """Check the accuracies of a network that was trained on shuffled labels."""
    given = numbers(answer)
    check_shape(given, (2,))
    taught, new = given.tolist()
    if max(taught, new) > 1:
        raise MistakeError("An accuracy is a fraction from 0 to 1, not a percentage.")
    if min(taught, new) < 0:
        raise MistakeError("An accuracy cannot be negative.")
    if new >= TAUGHT > CHANCE[1] >= taught:
        raise MistakeError(
            "The network knows the real labels: train it on the shuffled ones. Or are the two "
            "numbers swapped?"
        )
    if taught == new:
        raise MistakeError("The two are the same: measure the second with the test gratings.")
    if CHANCE[0] <= taught <= CHANCE[1] and new < TAUGHT:
        raise MistakeError(
            "The first accuracy is near chance. Measure it after all steps of the training, with "
            "the labels that were taught."
        )
    if taught < TAUGHT:
        raise MistakeError("The network can learn all 32: is it trained on all in each step?")
    if new > CHANCE[1]:
        raise MistakeError("It does too well on new gratings: were the labels shuffled?")
    if new < CHANCE[0]:
        raise MistakeError(
            "It does worse than chance: are more than half of the labels wrong? Shuffle them "
            "with `order`."
        )


@Exercise
def random_kernels(answer: int) -> None:
    """Check how many random kernels are worth eight learned ones."""
    given = numbers(answer)
    check_shape(given, ())
    n = given.item()
    if 0 < n <= 1:
        raise MistakeError("This is an accuracy; the answer is a number of kernels.")
    if n == FEATURES.index(ENOUGH):
        raise MistakeError("This is the index of the number, not the number.")
    if n in (each + 1 for each in FEATURES):
        raise MistakeError("This counts the bias as a kernel.")
    if n not in FEATURES:
        raise MistakeError("Choose one of 8, 16, 32, 64 and 128.")
    if n < ENOUGH:
        raise MistakeError(
            f"With {n:.0f} the accuracy on the test gratings is below 95%. Are the weights fitted "
            "to the training gratings?"
        )
    if n > ENOUGH:
        raise MistakeError("This many are enough, but so is a smaller number.")
