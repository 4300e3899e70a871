"""Functions and classes defined in a chapter compute the same as those of the package."""

import re
import warnings

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from scipy.stats import kurtosis
from torch import nn

import convtools


def defined_in(source, name):
    """Return the function or class `name` that a cell of a chapter defines."""
    pattern = rf"^```\{{code-cell\}}[^\n]*\n((?:class|def) {name}\b.*?)^```"
    code = re.search(pattern, source, re.MULTILINE | re.DOTALL)[1]
    definition = re.split(r"^(?=\w)(?!class|def)", code, flags=re.MULTILINE)[0]
    names = {
        "np": np, "torch": torch, "nn": nn, "sliding_window_view": sliding_window_view,
    }  # fmt: skip
    exec(definition, names)
    return names[name]


def test_loops_of_the_chapter_equal_correlate2d(sources):
    slide = defined_in(sources["book/convolution"], "slide")
    generator = np.random.default_rng(0)
    for K in (1, 3, 5):
        image, kernel = generator.normal(size=(7, 9)), generator.normal(size=(K, K))
        expected = convtools.correlate2d(image, kernel)
        assert slide(image, kernel).shape == expected.shape
        np.testing.assert_allclose(slide(image, kernel), expected, rtol=1e-12)


def test_layer_of_the_chapter_equals_that_of_the_package(sources):
    written = defined_in(sources["book/pytorch-layers"], "ConvolutionalLayer")
    options = {"c_in": 2, "c_out": 3, "K": 5, "filters": torch.randn(3, 2, 5, 5)}
    images = torch.randn(4, 2, 12, 16)
    expected = convtools.ConvolutionalLayer(**options)(images)
    assert written(**options)(images).shape == expected.shape
    torch.testing.assert_close(written(**options)(images), expected)


# Filters from a photograph ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def half_size():
    return convtools.natural_image((300, 256)).double().numpy()


@pytest.fixture(scope="module")
def learned(sources, half_size):
    """Return whitened patches, and the filters learned from them, of photograph and control."""
    source = sources["book/natural-images"]
    random_patches, scrambled = (defined_in(source, n) for n in ("random_patches", "scrambled"))
    found = {}
    for name, image in {"photograph": half_size, "control": scrambled(half_size)}.items():
        whitened, filters = convtools.whiten(random_patches(image), 64)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            learned = convtools.learn_filters(whitened, 64, seed=0, max_iter=150)
        found[name] = whitened, filters, learned, [str(warning.message) for warning in caught]
    return found


def flat(arrays):
    return arrays.reshape(len(arrays), -1)


def test_power_of_the_photograph_falls_as_the_chapter_says(sources):
    power_spectrum = defined_in(sources["book/natural-images"], "power_spectrum")
    frequency, power = power_spectrum(convtools.natural_image().double().numpy())
    slope = np.polyfit(np.log(frequency), np.log(power), 1)[0]
    assert round(slope, 1) == -2.9


def test_control_has_the_spectrum_of_the_photograph_and_no_contours(sources, half_size):
    control = defined_in(sources["book/natural-images"], "scrambled")(half_size)
    amplitudes = [np.abs(np.fft.fft2(image)) for image in (control, half_size)]
    np.testing.assert_allclose(*amplitudes, atol=1e-8 * amplitudes[1].max())
    spot = convtools.difference_of_gaussians(1.0, 1.6)
    tails = [kurtosis(convtools.correlate2d(image, spot), axis=None) for image in
             (control, half_size)]  # fmt: skip
    assert abs(tails[0]) < 0.5
    assert tails[1] > 5


def test_gabors_fit_filters_of_the_photograph_but_not_of_the_control(learned):
    r2 = {name: np.array([convtools.fit_gabor(kernel).r2 for kernel in kernels])
          for name, (_, _, kernels, _) in learned.items()}  # fmt: skip
    assert np.median(r2["photograph"]) > 0.85
    assert (r2["photograph"] > 0.8).mean() > 0.9
    assert np.median(r2["control"]) < 0.3
    assert r2["control"].max() < 0.8


def test_filters_of_the_control_do_not_settle(learned):
    assert learned["photograph"][3] == []
    assert "still change after 150 iterations" in learned["control"][3][0]


def test_learned_filters_have_the_heaviest_tails(learned):
    whitened, _, filters, _ = learned["photograph"]
    responses = flat(whitened) @ flat(filters).T
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((64, 64)))[0]
    rotated = responses @ rotation

    def tails(values):
        return np.median(kurtosis(values, axis=0))

    def equal_contrast(values):
        return values / np.linalg.norm(values, axis=1, keepdims=True)

    assert tails(responses) > 2 * tails(flat(whitened)) > 2 * tails(rotated) > 15
    assert tails(equal_contrast(responses)) > 3
    assert abs(tails(equal_contrast(rotated))) < 0.3
    control, _, other, _ = learned["control"]
    assert abs(tails(flat(control) @ flat(other).T)) < 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_learned_filters_are_as_wide_as_those_of_neurons_but_longer(learned, seed):
    whitened, _, filters, _ = learned["photograph"]
    if seed:
        filters = convtools.learn_filters(whitened, 64, seed=seed)
    fits = [convtools.fit_gabor(kernel) for kernel in filters]
    trusted = [fit for fit in fits if fit.r2 > 0.8 and max(map(abs, fit.center)) < 4]
    assert 20 <= len(trusted) <= 30
    assert 0.3 < np.median([fit.n_x for fit in trusted]) < 0.4
    assert 0.8 < np.median([fit.n_y for fit in trusted]) < 1
    assert sum(fit.n_y < 0.3 for fit in trusted) <= 1


def test_whitening_without_the_finest_detail_has_a_wider_centre(learned):
    _, filters, _, _ = learned["photograph"]
    center = filters[5, 5] / filters[5, 5].max()
    assert center[5, 4] > 0.2 < center[5, 6]
    assert center[5, 3] < 0 > center[5, 7]
    assert abs(center.sum()) < 1e-6
