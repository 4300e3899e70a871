"""What the chapter on learning says of its networks is what its cells have printed."""

import re

import numpy as np
import pytest
import torch

import convtools
from helpers.pages import output_of


@pytest.fixture(scope="module")
def text(pages):
    return output_of(pages["book/learning"])


@pytest.fixture(scope="module")
def fits(text):
    """Return R² and orientations of the fits to each bank of kernels that the chapter describes."""
    found = re.findall(r"R² (\S+) orientations \[(.*?)\]", text)
    return [(float(r2), np.abs(np.fromstring(tilts, sep=","))) for r2, tilts in found]


def test_gratings_are_those_of_the_package(sources):
    code = re.search(r"^def gratings\(.*?(?=^```)", sources["book/learning"], re.DOTALL | re.M)[0]
    names = {"np": np, "torch": torch}
    exec(code, names)
    tilts = torch.tensor([-30.0, 5.0, 90.0])
    images = names["gratings"](tilts, 0, torch.Generator().manual_seed(0))
    assert images.shape == (3, 1, 20, 20)
    phases = 2 * np.pi * torch.rand(3, 1, 1, generator=torch.Generator().manual_seed(0))
    for image, tilt, phase in zip(images, tilts.tolist(), phases.flatten().tolist(), strict=True):
        expected = convtools.sine_grating((20, 20), 8, tilt, phase=phase)
        torch.testing.assert_close(image[0], expected, rtol=0, atol=1e-5)


def test_training_brings_the_accuracy_from_chance_to_nearly_1(printed):
    assert 45 < printed("before training: #%") < 55
    assert 45 < printed("accuracy #%, loss 0.69") < 55
    assert printed("after training: +#%") > 95


def test_wrong_labels_are_memorized_and_do_not_generalize(printed):
    taught, new = printed(r"\['#%', '#%'\]\n").T
    assert taught == 100
    assert 40 < new < 60


def test_learned_kernels_have_the_orientation_and_wavelength_of_the_gratings(fits, printed):
    (random, _), (learned, tilts), *_ = fits
    assert random < 0.4
    assert learned > 0.9
    assert tilts == pytest.approx(30, abs=5)
    [[wavelength, sigma]] = printed("wavelength #, σ # pixels")
    assert wavelength == pytest.approx(8, abs=0.3)
    assert sigma == pytest.approx(7)  # the largest that is allowed


def test_a_fine_task_is_not_learned_with_the_orientations_of_the_stimuli(fits, printed):
    _, tilts = fits[2]
    assert tilts == pytest.approx(25, abs=3)
    accuracies = printed("trained on ±.+: #% correct at ±5°")
    assert accuracies == pytest.approx(81, abs=4)


def test_thresholds_grow_with_the_noise(printed):
    thresholds = printed("threshold #°")
    assert thresholds.tolist() == [1, 5, 6]


def test_large_random_kernels_stay_if_there_is_no_noise(fits, printed):
    small, large, noisy = (r2 for r2, _ in fits[3:6])
    assert small > 0.8
    assert large < 0.5
    assert noisy > 0.8
    [correct, kept] = printed(
        "(?:large|small) weights.*: #% correct, correlation with initial kernels #"
    ).T
    assert (correct >= 97).all()
    assert kept[1] > 0.8 > 0.6 > kept[2]
    change, loss = printed("norm of the change #, final loss #").T
    assert change == pytest.approx([4.3, 4.4, 9.5], abs=0.3)
    assert (loss[:2] < 0.01).all()


def test_random_kernels_reach_95_percent_only_in_large_numbers(printed):
    reached = printed("'(?:8|16|32|64|128): #%'")
    assert reached[:3].max() < 94
    assert reached[3:].min() > 96


def test_convolution_learns_from_few_examples_and_the_dense_layer_does_not(printed):
    convolutional, dense = printed("trained on .* gratings: convolutional #%, dense #%").T
    assert (convolutional > 95).all()
    assert (dense < [60, 75]).all()
    parameters, new = printed("dense, new gratings in each step, # parameters: #%").T
    assert parameters.tolist() == [403, 3217]
    assert new[0] < 70
    assert new[1] > 95


def test_two_channels_may_come_to_prefer_the_same_tilt(fits, printed):
    accuracies = printed("channels .*: #%")
    assert accuracies.tolist() == pytest.approx([88, 92, 97], abs=1)
    assert len(fits[6][1]) == 1
