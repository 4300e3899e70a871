"""Gabor kernels and differences of Gaussians have the properties of their formulas."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from convtools import (
    difference_of_gaussians,
    gabor,
    grating,
    quadrature_pair,
    sine_grating,
)

angles = st.floats(-180, 180)


def gain(kernel, frequency, orientation=0.0):
    """Return the complex response of a kernel to the wave exp(2πi·frequency·x′)."""
    size = kernel.shape[-1]
    y, x = np.indices((size, size)) - (size - 1) / 2
    theta = np.deg2rad(orientation)
    wave = np.exp(2j * np.pi * frequency * (x * np.cos(theta) + y * np.sin(theta)))
    return (np.asarray(kernel, dtype=complex) * wave).sum()


# Gabors ---------------------------------------------------------------------------------------


@given(orientation=angles, phase=st.floats(-7, 7), aspect=st.floats(0.5, 2))
def test_gabor_is_a_gaussian_times_a_cosine(orientation, phase, aspect):
    kernel = gabor(6, orientation, phase=phase, sigma=2.5, aspect=aspect, size=15)
    y, x = np.mgrid[-7:8, -7:8]
    theta = np.deg2rad(orientation)
    across, along = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
    envelope = np.exp(-(across**2 / 2.5**2 + along**2 / (2.5 / aspect) ** 2) / 2)
    expected = torch.from_numpy(envelope * np.cos(2 * np.pi * across / 6 + phase)).float()
    torch.testing.assert_close(kernel, expected, rtol=0, atol=1e-6)


@given(orientation=angles)
def test_gabor_has_its_fourier_peak_at_its_orientation(orientation):
    spectrum = np.abs(np.fft.rfft2(gabor(8, orientation, size=41).numpy(), s=(512, 512)))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    down, right = np.fft.fftfreq(512)[row], np.fft.rfftfreq(512)[column]
    found = np.rad2deg(np.arctan2(down, right))
    assert abs((found - orientation + 90) % 180 - 90) < 2
    assert np.hypot(down, right) == pytest.approx(1 / 8, rel=0.03)


def test_gabor_responds_most_to_the_grating_of_its_orientation():
    orientations = range(0, 180, 15)
    stimuli = torch.stack([grating(orientation) for orientation in orientations])[:, None]
    bank = torch.stack([gabor(17.6, orientation, size=31) for orientation in orientations])[:, None]
    responses = conv2d(stimuli, bank).square().mean(dim=(2, 3))
    assert responses.argmax(dim=0).tolist() == list(range(12))


def test_gabor_responds_most_to_the_sine_grating_of_its_own_parameters():
    kernel = gabor(8, 30, phase=0.7, size=41)
    responses = {
        (wavelength, orientation, phase): (
            kernel * sine_grating((41, 41), wavelength, orientation, phase=phase)
        ).sum()
        for wavelength in (5, 8, 12)
        for orientation in (-30, 0, 30, 60)
        for phase in (0.0, 0.7, 1.4)
    }
    assert max(responses, key=responses.get) == (8, 30, 0.7)


def test_default_sigma_is_562_thousandths_of_the_wavelength():
    # (1/π)·√(ln2/2)·(2^b + 1)/(2^b − 1) at b = 1
    torch.testing.assert_close(gabor(10, 20), gabor(10, 20, sigma=5.621719))


def test_default_bandwidth_is_one_octave():
    # half the gain at two frequencies one octave apart, 2/3 and 4/3 of the preferred one
    even, odd = quadrature_pair(12, 0, size=101).double().numpy()
    best, low, high = (abs(gain(even - 1j * odd, k / 12)) for k in (1, 2 / 3, 4 / 3))
    assert low / best == pytest.approx(0.5, rel=1e-4)
    assert high / best == pytest.approx(0.5, rel=1e-4)


def test_orientation_half_width_of_the_default_gabor():
    # acos(1 − ln2/(4π²σ²f²)) = 19.19° at σf = .562
    even, odd = quadrature_pair(12, 30, size=101).double().numpy()
    best, turned = (abs(gain(even - 1j * odd, 1 / 12, angle)) for angle in (30, 30 + 19.19))
    assert turned / best == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("sigma", "mean"), [(5.621719, 0.00195), (4.0, 0.0425)])
def test_even_gabor_does_not_sum_to_zero(sigma, mean):
    # exp(−2π²σ²f²) of the volume 2πσ² of its Gaussian, at f = 1/10
    kernel = gabor(10, 0, sigma=sigma, size=81).double()
    assert kernel.sum().item() / (2 * np.pi * sigma**2) == pytest.approx(mean, abs=5e-6)


@given(orientation=angles, phase=st.floats(-7, 7), half=st.integers(1, 12))
def test_zero_mean_gabor_sums_to_zero(orientation, phase, half):
    kernel = gabor(9, orientation, phase=phase, size=2 * half + 1, zero_mean=True)
    assert kernel.sum().abs() < 1e-5


@given(orientation=angles, phase=st.floats(-7, 7))
def test_gabor_rotated_by_180_degrees_has_the_opposite_phase(orientation, phase):
    turned = gabor(6, orientation + 180, phase=phase, size=13)
    torch.testing.assert_close(
        turned, gabor(6, orientation, phase=-phase, size=13), rtol=0, atol=1e-5
    )


def test_gabor_rotated_by_90_degrees_is_rotated_on_the_grid():
    # clockwise on the screen, where y points down
    turned = gabor(6, 20, phase=1, size=13).rot90(-1)
    torch.testing.assert_close(turned, gabor(6, 110, phase=1, size=13), rtol=0, atol=1e-6)


def test_aspect_below_one_gives_long_bars():
    kernel = gabor(8, 0, sigma=3, aspect=0.5, size=31)
    assert kernel[15 - 6, 15].item() == pytest.approx(np.exp(-0.5))


@given(orientation=angles, aspect=st.floats(0.5, 2), zero_mean=st.booleans())
def test_quadrature_pair_is_an_even_and_an_odd_gabor(orientation, aspect, zero_mean):
    options = {"sigma": 3.5, "aspect": aspect, "zero_mean": zero_mean}
    even, odd = quadrature_pair(7, orientation, **options)
    assert torch.equal(even, gabor(7, orientation, **options))
    assert torch.equal(odd, gabor(7, orientation, phase=-np.pi / 2, **options))
    torch.testing.assert_close(even, even.flip(0, 1), rtol=0, atol=1e-5)
    torch.testing.assert_close(odd, -odd.flip(0, 1), rtol=0, atol=1e-5)


# Differences of Gaussians ---------------------------------------------------------------------


def test_difference_of_gaussians_has_the_gain_of_the_formula():
    # exp(−2π²σc²f²) − exp(−2π²σs²f²): 0 at f = 0; for σs/σc = 1.6 at most .333574, where
    # f·σc = .174718
    kernel = difference_of_gaussians(4.0, 6.4, size=101).double()
    frequencies = np.linspace(0, 0.4, 401) / 4.0
    gains = np.array([gain(kernel, frequency).real for frequency in frequencies])
    assert gains[0] == pytest.approx(0, abs=1e-6)
    assert gains.max() == pytest.approx(0.333574, abs=2e-6)
    assert frequencies[gains.argmax()] * 4.0 == pytest.approx(0.174718, abs=1e-3)
    expected = np.exp(-2 * (np.pi * 4.0 * frequencies) ** 2)
    expected -= np.exp(-2 * (np.pi * 6.4 * frequencies) ** 2)
    np.testing.assert_allclose(gains, expected, atol=2e-6)


def test_zero_crossings_of_a_difference_of_gaussians_agree_with_the_formula():
    # at r = 1.75646 σc for σs/σc = 1.6
    profile = difference_of_gaussians(20.0, 32.0, size=301)[150, 150:].numpy()
    last = np.flatnonzero(profile > 0).max()
    crossing = last + profile[last] / (profile[last] - profile[last + 1])
    assert crossing / 20.0 == pytest.approx(1.75646, abs=5e-4)


@given(half=st.integers(1, 20), center=st.floats(0.3, 4), ratio=st.floats(1.1, 5))
def test_balanced_difference_of_gaussians_sums_to_zero_in_any_window(half, center, ratio):
    kernel = difference_of_gaussians(center, ratio * center, size=2 * half + 1)
    assert kernel.sum().abs() < 1e-5
    assert kernel[half, half] == kernel.max()


@given(balance=st.floats(0, 3))
def test_balance_is_the_weight_of_the_surround(balance):
    kernel = difference_of_gaussians(1.5, 3.0, balance=balance, size=31)
    assert kernel.sum().item() == pytest.approx(1 - balance, abs=1e-5)


def test_difference_of_gaussians_is_radially_symmetric():
    kernel = difference_of_gaussians(1.5, 3.0)
    for turned in (kernel.T, kernel.flip(0), kernel.flip(1)):
        torch.testing.assert_close(turned, kernel, rtol=0, atol=1e-8)


# Size and scale -------------------------------------------------------------------------------

MAKERS = {
    "gabor": lambda **options: gabor(8, 30, **options),
    "long gabor": lambda **options: gabor(8, 30, aspect=0.5, **options),
    "wide gabor": lambda **options: gabor(8, 30, aspect=2, **options),
    "pair": lambda **options: quadrature_pair(8, 30, **options),
    "difference": lambda **options: difference_of_gaussians(2, 4.496, **options),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@every_maker
@pytest.mark.parametrize("n_stds", [2, 3, 4])
def test_size_is_the_smallest_that_fits_the_gaussian(make, n_stds, request):
    # the larger standard deviation is 4.496 pixels, and twice that for long bars
    sigma = 8.9947 if "long" in request.node.callspec.id else 4.4974
    half = make(n_stds=n_stds).shape[-1] // 2
    assert half - 1 < n_stds * sigma <= half


@every_maker
def test_default_size_is_three_standard_deviations_on_each_side(make):
    assert torch.equal(make(), make(n_stds=3))
    assert make(size=7).shape[-2:] == (7, 7)


@pytest.mark.parametrize(("size", "total"), [(15, -1.75), (21, 0.31), (None, 0.26)])
def test_truncated_gabor_has_another_sum(size, total):
    # in 15 pixels the Gaussian still has 30 % of its height at the edge
    assert gabor(8, 30, size=size).sum().item() == pytest.approx(total, abs=0.01)


@every_maker
@pytest.mark.parametrize(("norm", "order"), [("l2", 2), ("l1", 1), ("max", torch.inf)])
def test_norm_scales_every_kernel_to_unit_norm_and_keeps_its_shape(make, norm, order):
    scaled, plain = make(norm=norm), make()
    first = scaled.reshape(-1, *scaled.shape[-2:])[0]
    assert torch.linalg.vector_norm(first, ord=order).item() == pytest.approx(1)
    torch.testing.assert_close(scaled * plain.abs().max() / scaled.abs().max(), plain)


def test_kernel_of_zeros_cannot_be_normalized():
    with pytest.raises(ValueError, match="`norm` must be None for a kernel whose"):
        gabor(4, 0, size=1, norm="max", zero_mean=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda norm: gabor(2, 0, phase=-np.pi / 2, norm=norm),  # sin(πx) on whole pixels
        lambda norm: difference_of_gaussians(1, 1 + 1e-15, norm=norm),
    ],
)
def test_rounding_errors_are_not_normalized_to_a_kernel(make):
    assert make(None).abs().max() < 1e-12
    with pytest.raises(ValueError, match="`norm` must be None"):
        make("l2")


@pytest.mark.parametrize("norm", [None, "l2", "l1", "max"])
def test_normalised_pair_keeps_its_energy_at_every_phase(norm):
    pair = quadrature_pair(8, 0, sigma=4.0, norm=norm)
    gratings = [sine_grating(pair.shape[1:], 8, 0, phase=phase) for phase in np.arange(0, 6, 0.5)]
    energy = torch.stack([(pair * grating).sum((1, 2)).square().sum() for grating in gratings])
    assert energy.max() / energy.min() < 1.02


@pytest.mark.parametrize("sigma", [1e-170, 1e-9, 1e200])
def test_extreme_gaussians_are_a_point_or_flat(sigma):
    kernel = gabor(8, 0, sigma=sigma, size=5)
    assert kernel[2, 2] == 1
    assert kernel[0, 2] == (1 if sigma > 1 else 0)


def test_very_large_kernel_needs_an_explicit_size():
    with pytest.raises(ValueError, match="`n_stds` must give a kernel of at most 2001 pixels"):
        gabor(8, 0, n_stds=1e5)
    assert gabor(2000, 0, size=5).shape == (5, 5)
