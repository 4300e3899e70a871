import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convtools import difference_of_gaussians, fit_gabor, gabor

ANGLE = st.floats(0, 180, exclude_max=True)


def angle_between(first, second):
    return abs((first - second + 90) % 180 - 90)


@settings(max_examples=30, deadline=None)
@given(st.floats(3, 12), ANGLE, st.floats(-np.pi, np.pi), st.floats(0.25, 0.7), st.floats(0.4, 1.2))
def test_parameters_of_a_gabor_are_found(wavelength, orientation, phase, n_x, aspect):
    kernel = gabor(
        wavelength, orientation, phase=phase, sigma=n_x * wavelength, aspect=aspect, size=25
    )
    fit = fit_gabor(3 * kernel)
    assert fit.r2 > 0.999
    np.testing.assert_allclose(fit.wavelength, wavelength, rtol=0.05)
    assert angle_between(fit.orientation, orientation) < 2
    np.testing.assert_allclose(fit.fitted, 3 * kernel, atol=0.05)


@pytest.mark.parametrize("orientation", [0, 30, 135, 179])
@pytest.mark.parametrize("phase", [-2, -np.pi / 2, 0, 3])
def test_parameters_give_the_kernel_again(orientation, phase):
    kernel = gabor(7, orientation, phase=phase, sigma=3.0, aspect=0.7, size=21)
    fit = fit_gabor(2 * kernel)
    again = gabor(
        fit.wavelength, fit.orientation, phase=fit.phase, sigma=fit.sigma, aspect=fit.aspect,
        size=21,
    )  # fmt: skip
    np.testing.assert_allclose(fit.amplitude * again, 2 * kernel, atol=1e-3)
    np.testing.assert_allclose(fit.center, (0, 0), atol=1e-3)


@pytest.mark.parametrize("shift", [(3, -2), (-4, 5)])
def test_centre_is_found_in_rows_and_columns(shift):
    kernel = gabor(6, 60, sigma=2.0, size=21).roll(shift, dims=(0, 1))
    fit = fit_gabor(kernel)
    np.testing.assert_allclose(fit.center, shift, atol=0.01)
    assert fit.r2 > 0.999


def test_noise_lowers_r2_but_hardly_moves_the_parameters():
    kernel = gabor(6, 110, sigma=3.0, size=15)
    noise = torch.randn(15, 15, generator=torch.Generator().manual_seed(0))
    fit = fit_gabor(kernel + 0.1 * noise)
    assert 0.8 < fit.r2 < 0.95
    np.testing.assert_allclose(fit.wavelength, 6, rtol=0.05)
    assert angle_between(fit.orientation, 110) < 2


def test_white_noise_is_not_fitted():
    noise = np.random.default_rng(0).standard_normal((10, 12, 12))
    assert np.median([fit_gabor(kernel).r2 for kernel in noise]) < 0.4


def test_blob_has_a_long_wavelength():
    blob = difference_of_gaussians(2.0, 40.0, balance=0, size=13)
    fit = fit_gabor(blob)
    assert fit.r2 > 0.99
    assert fit.n_x < 0.3


def test_widths_in_wavelengths():
    fit = fit_gabor(gabor(8, 0, sigma=4.0, aspect=0.5, size=41))
    np.testing.assert_allclose([fit.n_x, fit.n_y], [0.5, 1.0], rtol=1e-3)


@pytest.mark.parametrize("scale", [-1, 1e-6, 1e6])
def test_scale_and_sign_only_change_amplitude_and_phase(scale):
    kernel = gabor(6, 20, phase=0.5, sigma=2.5, size=15)
    fit, scaled = fit_gabor(kernel), fit_gabor(scale * kernel)
    np.testing.assert_allclose(scaled.amplitude, abs(scale) * fit.amplitude, rtol=1e-3)
    turn = np.exp(1j * (scaled.phase - fit.phase))
    np.testing.assert_allclose(turn, np.sign(scale), atol=1e-3)
    assert angle_between(scaled.orientation, fit.orientation) < 0.01


def test_kernels_of_a_layer_need_not_be_detached():
    weights = torch.nn.Parameter(gabor(6, 20, size=15))
    assert fit_gabor(weights).r2 > 0.99


def test_kernel_need_not_be_square():
    kernel = gabor(6, 70, sigma=2.0, size=21)[4:-4]
    fit = fit_gabor(kernel)
    assert fit.fitted.shape == (13, 21)
    assert angle_between(fit.orientation, 70) < 0.1
