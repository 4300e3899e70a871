"""Weights to filter with: the tutorial's bank, Gabors and differences of Gaussians."""

from contextlib import nullcontext as does_not_raise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from convtools import (
    difference_of_gaussians,
    filters,
    gabor,
    grating,
    quadrature_pair,
    sine_grating,
)

raises = pytest.raises
angles = st.floats(-180, 180)


def gain(kernel, frequency, orientation=0.0):
    """Complex answer of a kernel to the wave exp(2πi·frequency·x′) of unit amplitude."""
    size = kernel.shape[-1]
    y, x = np.indices((size, size)) - (size - 1) / 2
    theta = np.deg2rad(orientation)
    wave = np.exp(2j * np.pi * frequency * (x * np.cos(theta) + y * np.sin(theta)))
    return (np.asarray(kernel, dtype=complex) * wave).sum()


# The tutorial's bank --------------------------------------------------------------------------


def test_filters_are_those_of_the_tutorial():
    # values of the Neuromatch tutorial, W1D5 T2: centre row of channels 0 to 2, corner of 3
    bank = filters()[:, 0]
    center = [-0.121499, 0.080975, 0.452716, 1.104194, 0.452716, 0.080975, -0.121499]
    expected = torch.tensor([center, [-weight for weight in center], [0.0] * 7])
    torch.testing.assert_close(bank[:3, 3], expected, rtol=0, atol=1e-6)
    column = torch.tensor([0.002920, 0.073036, 1.0, 0.0, -1.0, -0.073036, -0.002920])
    torch.testing.assert_close(bank[2, :, 3], column, rtol=0, atol=1e-6)
    corner = torch.tensor([[0.007163, 0.048695, 0.085370], [0.048695, 0.498708, 1.0]])
    torch.testing.assert_close(bank[3, 1:3, 1:4], corner, rtol=0, atol=1e-6)


def test_filters_have_the_norms_of_the_tutorial():
    # values of the Neuromatch tutorial, W1D5 T2: the oblique ones are 39 % stronger
    norms = filters().flatten(1).norm(dim=1)
    expected = torch.tensor([1.773, 1.773, 1.532, 2.130, 1.532, 2.130])
    torch.testing.assert_close(norms, expected, rtol=0, atol=5e-4)
    assert (norms[3] / norms[2]).item() == pytest.approx(1.39, abs=5e-3)


def test_oriented_filters_keep_most_of_their_weight_in_the_core():
    # 88 % of the absolute weights of the tutorial's "Gabors" are in the 3 × 3 at the centre
    weights = filters()[2:, 0].abs()
    shares = weights[:, 2:5, 2:5].sum(dim=(1, 2)) / weights.sum(dim=(1, 2))
    torch.testing.assert_close(shares, torch.full((4,), 0.88), rtol=0, atol=5e-3)


def test_one_pixel_of_the_filters_is_seven_sixths_of_a_unit():
    # the tutorial spreads K points over K units: neighbours are K/(K − 1) apart
    step = 7 / 6
    profile = filters()[2, 0, :, 3]
    expected = np.exp(-step / (2 * 0.44**2)) * 2 * np.cos(2 * np.pi * step / 10)
    assert (profile[1] / profile[2]).item() == pytest.approx(expected, rel=1e-5)


def test_centre_surround_filter_has_a_cusp():
    # exp(−r/2σ²) falls in proportion to r at the centre; a Gaussian would start with no slope
    step, norm = 7 / 6, 1 - 0.5
    profile = filters()[0, 0, 3]
    fall = 1 - (np.exp(-step / 2.42) - 0.5 * np.exp(-step / 9.68)) / norm
    assert (profile[3] - profile[4]).item() == pytest.approx(fall, rel=1e-5)


@given(out_channels=st.integers(2, 12), half=st.integers(1, 6))
def test_filters_sum_to_zero_in_pairs_of_on_and_off(out_channels, half):
    K = 2 * half + 1
    bank = filters(out_channels, K)
    assert bank.shape == (out_channels, 1, K, K)
    assert bank.dtype == torch.float32
    assert bank.sum(dim=(2, 3)).abs().max() < 1e-5
    assert torch.equal(bank[0], -bank[1])


def test_channels_of_the_bank_prefer_90_45_0_and_135_degrees():
    # the filter made for θ answers most to grating(90 − θ): 0, 45, 90, 135 -> 90, 45, 0, −45
    stimuli = torch.stack([grating(angle) for angle in (0, 45, 90, 135)])[:, None]
    answers = conv2d(stimuli, filters()[2:]).square().mean(dim=(2, 3))
    assert answers.argmax(dim=0).tolist() == [2, 1, 0, 3]


def test_oblique_channels_of_the_bank_answer_more():
    # root mean square where the kernel fits: 1.181 at 45° against .88 at 0° and 90°
    stimuli = torch.stack([grating(angle) for angle in (90, 45, 0)])[:, None]
    rms = conv2d(stimuli, filters()[2:5]).square().mean(dim=(2, 3)).sqrt().diagonal()
    torch.testing.assert_close(rms, torch.tensor([0.88, 1.181, 0.88]), rtol=0, atol=5e-3)


# Gabors ---------------------------------------------------------------------------------------


@given(orientation=angles, phase=st.floats(-7, 7), aspect=st.floats(0.5, 2))
def test_gabor_is_a_gaussian_times_a_cosine(orientation, phase, aspect):
    kernel = gabor(15, 6, orientation, phase=phase, sigma=2.5, aspect=aspect)
    y, x = np.mgrid[-7:8, -7:8]
    theta = np.deg2rad(orientation)
    across, along = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
    envelope = np.exp(-(across**2 / 2.5**2 + along**2 / (2.5 / aspect) ** 2) / 2)
    expected = torch.from_numpy(envelope * np.cos(2 * np.pi * across / 6 + phase)).float()
    torch.testing.assert_close(kernel, expected, rtol=0, atol=1e-6)


@given(orientation=angles)
def test_gabor_has_its_fourier_peak_at_its_orientation(orientation):
    spectrum = np.abs(np.fft.rfft2(gabor(41, 8, orientation).numpy(), s=(512, 512)))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    down, right = np.fft.fftfreq(512)[row], np.fft.rfftfreq(512)[column]
    found = np.rad2deg(np.arctan2(down, right))
    assert abs((found - orientation + 90) % 180 - 90) < 2
    assert np.hypot(down, right) == pytest.approx(1 / 8, rel=0.03)


def test_gabor_answers_most_to_the_grating_of_its_orientation():
    orientations = range(0, 180, 15)
    stimuli = torch.stack([grating(orientation) for orientation in orientations])[:, None]
    bank = torch.stack([gabor(31, 17.6, orientation) for orientation in orientations])[:, None]
    answers = conv2d(stimuli, bank).square().mean(dim=(2, 3))
    assert answers.argmax(dim=0).tolist() == list(range(12))


def test_gabor_answers_most_to_the_sine_grating_it_was_made_for():
    kernel = gabor(41, 8, 30, phase=0.7)
    answers = {
        (wavelength, orientation, phase): (
            kernel * sine_grating((41, 41), wavelength, orientation, phase=phase)
        ).sum()
        for wavelength in (5, 8, 12)
        for orientation in (-30, 0, 30, 60)
        for phase in (0.0, 0.7, 1.4)
    }
    assert max(answers, key=answers.get) == (8, 30, 0.7)


def test_default_sigma_is_562_thousandths_of_the_wavelength():
    # (1/π)·√(ln2/2)·(2^b + 1)/(2^b − 1) at b = 1
    torch.testing.assert_close(gabor(31, 10, 20), gabor(31, 10, 20, sigma=5.621719))


def test_default_bandwidth_is_one_octave():
    # half the gain at two frequencies of which one is twice the other: 2/3 and 4/3 of the best
    even, odd = quadrature_pair(101, 12, 0).double().numpy()
    best, low, high = (abs(gain(even - 1j * odd, k / 12)) for k in (1, 2 / 3, 4 / 3))
    assert low / best == pytest.approx(0.5, rel=1e-4)
    assert high / best == pytest.approx(0.5, rel=1e-4)


def test_orientation_half_width_of_the_default_gabor():
    # acos(1 − ln2/(4π²σ²f²)) = 19.19° at σf = .562
    even, odd = quadrature_pair(101, 12, 30).double().numpy()
    best, turned = (abs(gain(even - 1j * odd, 1 / 12, angle)) for angle in (30, 30 + 19.19))
    assert turned / best == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("sigma", "mean"), [(5.621719, 0.00195), (4.0, 0.0425)])
def test_even_gabor_does_not_sum_to_zero(sigma, mean):
    # exp(−2π²σ²f²) of the volume 2πσ² of its Gaussian, at f = 1/10
    kernel = gabor(81, 10, 0, sigma=sigma).double()
    assert kernel.sum().item() / (2 * np.pi * sigma**2) == pytest.approx(mean, abs=5e-6)


@given(orientation=angles, phase=st.floats(-7, 7), half=st.integers(1, 12))
def test_zero_mean_gabor_sums_to_zero(orientation, phase, half):
    kernel = gabor(2 * half + 1, 9, orientation, phase=phase, zero_mean=True)
    assert kernel.sum().abs() < 1e-5


@given(orientation=angles, phase=st.floats(-7, 7))
def test_gabor_turned_by_half_a_turn_has_the_opposite_phase(orientation, phase):
    turned = gabor(13, 6, orientation + 180, phase=phase)
    torch.testing.assert_close(turned, gabor(13, 6, orientation, phase=-phase), rtol=0, atol=1e-5)


def test_gabor_turned_by_a_quarter_is_turned_on_the_grid():
    # clockwise on the screen, where y points down
    turned = gabor(13, 6, 20, phase=1).rot90(-1)
    torch.testing.assert_close(turned, gabor(13, 6, 110, phase=1), rtol=0, atol=1e-6)


def test_aspect_below_one_gives_long_bars():
    kernel = gabor(31, 8, 0, sigma=3, aspect=0.5)
    assert kernel[15 - 6, 15].item() == pytest.approx(np.exp(-0.5))


@given(orientation=angles, aspect=st.floats(0.5, 2), zero_mean=st.booleans())
def test_quadrature_pair_is_an_even_and_an_odd_gabor(orientation, aspect, zero_mean):
    options = {"sigma": 3.5, "aspect": aspect, "zero_mean": zero_mean}
    even, odd = quadrature_pair(17, 7, orientation, **options)
    assert torch.equal(even, gabor(17, 7, orientation, **options))
    assert torch.equal(odd, gabor(17, 7, orientation, phase=-np.pi / 2, **options))
    torch.testing.assert_close(even, even.flip(0, 1), rtol=0, atol=1e-5)
    torch.testing.assert_close(odd, -odd.flip(0, 1), rtol=0, atol=1e-5)


# Differences of Gaussians ---------------------------------------------------------------------


def test_difference_of_gaussians_has_the_gain_of_the_formula():
    # exp(−2π²σc²f²) − exp(−2π²σs²f²): 0 at f = 0; for σs/σc = 1.6 at most .333574, where
    # f·σc = .174718
    kernel = difference_of_gaussians(101, 4.0, 6.4).double()
    frequencies = np.linspace(0, 0.4, 401) / 4.0
    gains = np.array([gain(kernel, frequency).real for frequency in frequencies])
    assert gains[0] == pytest.approx(0, abs=1e-6)
    assert gains.max() == pytest.approx(0.333574, abs=2e-6)
    assert frequencies[gains.argmax()] * 4.0 == pytest.approx(0.174718, abs=1e-3)
    expected = np.exp(-2 * (np.pi * 4.0 * frequencies) ** 2)
    expected -= np.exp(-2 * (np.pi * 6.4 * frequencies) ** 2)
    np.testing.assert_allclose(gains, expected, atol=2e-6)


def test_difference_of_gaussians_crosses_zero_where_the_formula_does():
    # at r = 1.75646 σc for σs/σc = 1.6
    profile = difference_of_gaussians(301, 20.0, 32.0)[150, 150:].numpy()
    last = np.flatnonzero(profile > 0).max()
    crossing = last + profile[last] / (profile[last] - profile[last + 1])
    assert crossing / 20.0 == pytest.approx(1.75646, abs=5e-4)


@given(half=st.integers(1, 20), center=st.floats(0.3, 4), ratio=st.floats(1.1, 5))
def test_balanced_difference_of_gaussians_sums_to_zero_in_any_window(half, center, ratio):
    kernel = difference_of_gaussians(2 * half + 1, center, ratio * center)
    assert kernel.sum().abs() < 1e-5
    assert kernel[half, half] == kernel.max()


@given(balance=st.floats(0, 3))
def test_balance_is_the_weight_of_the_surround(balance):
    kernel = difference_of_gaussians(31, 1.5, 3.0, balance=balance)
    assert kernel.sum().item() == pytest.approx(1 - balance, abs=1e-5)


def test_difference_of_gaussians_is_round():
    kernel = difference_of_gaussians(15, 1.5, 3.0)
    for turned in (kernel.T, kernel.flip(0), kernel.flip(1)):
        torch.testing.assert_close(turned, kernel, rtol=0, atol=1e-8)


# Good and bad input ---------------------------------------------------------------------------

NUMBER = "must be a finite number"
POSITIVE = f"{NUMBER} above 0"
PERIOD = f"{NUMBER} of at least 2"
ODD = "must be an odd integer of at least"


def gabor_rows(make):
    """What `gabor` and `quadrature_pair` check alike."""
    return [
        (lambda: make(1, 2, 720), does_not_raise()),
        (lambda: make(np.int64(3), 8, 0, sigma=2, aspect=3), does_not_raise()),
        (lambda: make(8, 8, 0), raises(ValueError, match=f"`size` {ODD} 1, got 8")),
        (lambda: make(-1, 8, 0), raises(ValueError, match=f"`size` {ODD} 1, got -1")),
        (lambda: make(7.0, 8, 0), raises(TypeError, match=f"`size` {ODD} 1, got 7.0")),
        (lambda: make((7, 7), 8, 0), raises(TypeError, match=rf"`size` {ODD} 1, got \(7, 7\)")),
        (lambda: make(True, 8, 0), raises(TypeError, match=f"`size` {ODD} 1, got True")),
        (lambda: make(7, 1.9, 0), raises(ValueError, match=f"`wavelength` {PERIOD}, got 1.9")),
        (lambda: make(7, "8", 0), raises(TypeError, match=f"`wavelength` {PERIOD}, got '8'")),
        (lambda: make(7, np.nan, 0), raises(ValueError, match=f"`wavelength` {PERIOD}, got nan")),
        (lambda: make(7, 8, np.inf), raises(ValueError, match=f"`orientation` {NUMBER}, got inf")),
        (lambda: make(7, 8, None), raises(TypeError, match=f"`orientation` {NUMBER}, got None")),
        (
            lambda: make(7, 8, 0, sigma=0),
            raises(ValueError, match=f"`sigma` {POSITIVE}, got 0"),
        ),
        (
            lambda: make(7, 8, 0, sigma=[1]),
            raises(TypeError, match=rf"`sigma` {POSITIVE}, got \[1\]"),
        ),
        (
            lambda: make(7, 8, 0, aspect=-1),
            raises(ValueError, match=f"`aspect` {POSITIVE}, got -1"),
        ),
        (
            lambda: make(7, 8, 0, aspect=None),
            raises(TypeError, match=f"`aspect` {POSITIVE}, got None"),
        ),
        (
            lambda: make(7, 8, 0, zero_mean=0),
            raises(TypeError, match="`zero_mean` must be True or False, got 0"),
        ),
    ]


INPUTS = [
    (lambda: filters(2, 3), does_not_raise()),
    (lambda: filters(np.int64(3), torch.tensor(5)), does_not_raise()),
    (
        lambda: filters(out_channels=1),
        raises(ValueError, match="`out_channels` must be an integer of at least 2, got 1"),
    ),
    (
        lambda: filters(6.0),
        raises(TypeError, match=r"`out_channels` must be an integer of at least 2, got 6\.0"),
    ),
    (lambda: filters(K=1), raises(ValueError, match=f"`K` {ODD} 3, got 1")),
    (lambda: filters(K=8), raises(ValueError, match=f"`K` {ODD} 3, got 8")),
    (lambda: filters(K="7"), raises(TypeError, match=f"`K` {ODD} 3, got '7'")),
    *gabor_rows(gabor),
    *gabor_rows(quadrature_pair),
    (lambda: gabor(7, 8, 0, phase=np.nan), raises(ValueError, match=f"`phase` {NUMBER}, got nan")),
    (lambda: gabor(7, 8, 0, phase="0"), raises(TypeError, match=f"`phase` {NUMBER}, got '0'")),
    (lambda: difference_of_gaussians(1, 1, 2, balance=0), does_not_raise()),
    (
        lambda: difference_of_gaussians(10, 1, 2),
        raises(ValueError, match=f"`size` {ODD} 1, got 10"),
    ),
    (
        lambda: difference_of_gaussians(None, 1, 2),
        raises(TypeError, match=f"`size` {ODD} 1, got None"),
    ),
    (
        lambda: difference_of_gaussians(9, 0, 2),
        raises(ValueError, match=f"`sigma_center` {POSITIVE}, got 0"),
    ),
    (
        lambda: difference_of_gaussians(9, "1", 2),
        raises(TypeError, match=f"`sigma_center` {POSITIVE}, got '1'"),
    ),
    (
        lambda: difference_of_gaussians(9, 2, 2),
        raises(ValueError, match=f"`sigma_surround` {NUMBER} above 2, got 2"),
    ),
    (
        lambda: difference_of_gaussians(9, 1, np.inf),
        raises(ValueError, match=f"`sigma_surround` {NUMBER} above 1, got inf"),
    ),
    (
        lambda: difference_of_gaussians(9, 1, None),
        raises(TypeError, match=f"`sigma_surround` {NUMBER} above 1, got None"),
    ),
    (
        lambda: difference_of_gaussians(9, 1, 2, balance=-0.1),
        raises(ValueError, match=f"`balance` {NUMBER} of at least 0, got -0.1"),
    ),
    (
        lambda: difference_of_gaussians(9, 1, 2, balance="1"),
        raises(TypeError, match=f"`balance` {NUMBER} of at least 0, got '1'"),
    ),
]


@pytest.mark.parametrize(("call", "expectation"), INPUTS)
def test_input(call, expectation):
    with expectation:
        call()
