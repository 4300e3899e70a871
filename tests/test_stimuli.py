"""The orientation convention of stimuli, sine gratings, and the photograph."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convtools import grating, natural_image, sine_grating


def fourier_peak(image):
    """Return the orientation in degrees and the wavelength in pixels of the Fourier peak."""
    height, width = image.shape
    taper = np.hanning(height)[:, None] * np.hanning(width)
    spectrum = np.abs(np.fft.rfft2(taper * image.numpy(), s=(1024, 1024)))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    down, right = np.fft.fftfreq(1024)[row], np.fft.rfftfreq(1024)[column]
    return np.rad2deg(np.arctan2(down, right)), 1 / np.hypot(down, right)


def angle_between(one, other):
    """Return the difference of two orientations in degrees, which have a period of 180."""
    return abs((one - other + 90) % 180 - 90)


# Orientation: one convention ------------------------------------------------------------------


@given(angle=st.floats(-180, 180))
def test_grating_has_its_fourier_peak_at_its_angle(angle):
    orientation, wavelength = fourier_peak(grating(angle, sf=1 / 7, res=0.4))
    assert angle_between(orientation, angle) < 1
    assert wavelength == pytest.approx(2 * np.pi * 7 * 0.4, rel=0.02)


@given(angle=st.floats(-180, 180), wavelength=st.floats(4, 20))
def test_sine_grating_has_its_fourier_peak_at_its_orientation(angle, wavelength):
    orientation, period = fourier_peak(sine_grating((160, 200), wavelength, angle))
    assert angle_between(orientation, angle) < 1
    assert period == pytest.approx(wavelength, rel=0.02)


@pytest.mark.parametrize("make", [grating, lambda angle: sine_grating((48, 64), 18, angle)])
def test_zero_degrees_are_vertical_bars(make):
    assert torch.equal(make(0), make(0)[:1].expand(48, 64))


# Sinusoidal gratings --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 7), (6, 9), (8, 4)])
def test_sine_grating_is_a_cosine_around_the_centre(shape):
    height, width = shape
    y, x = np.mgrid[:height, :width]
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    across = x * np.cos(np.pi / 6) + y * np.sin(np.pi / 6)
    expected = torch.from_numpy(0.5 * np.cos(2 * np.pi * across / 8 + 1)).float()
    torch.testing.assert_close(sine_grating(shape, 8, 30, phase=1), expected, rtol=0, atol=1e-6)


@given(phase=st.floats(-7, 7), angle=st.floats(-180, 180), contrast=st.floats(0, 1))
def test_contrast_bounds_a_sine_grating(phase, angle, contrast):
    image = sine_grating((9, 12), 5, angle, phase=phase, contrast=contrast)
    assert image.shape == (9, 12)
    assert image.dtype == torch.float32
    assert image.abs().max() <= contrast / 2 + 1e-7
    full = sine_grating((9, 12), 5, angle, phase=phase)
    torch.testing.assert_close(image, contrast * full)


# The photograph -------------------------------------------------------------------------------


def test_photograph_is_grey_from_minus_to_plus_one_half():
    image = natural_image()
    assert image.shape == (600, 512)
    assert image.dtype == torch.float32
    assert image.min() >= -0.5
    assert image.max() <= 0.5
    assert image.max() - image.min() > 0.9


def test_photograph_is_a_natural_image():
    # neighbouring pixels are correlated, unlike those of noise
    image = natural_image(64).double()
    pixels = torch.stack([image[:, :-1].flatten(), image[:, 1:].flatten()])
    assert torch.corrcoef(pixels)[0, 1] > 0.8


def test_photograph_is_a_copy():
    before = natural_image().clone()
    natural_image().zero_()
    assert torch.equal(natural_image(), before)


@given(height=st.integers(1, 90), width=st.integers(1, 90))
def test_photograph_has_the_given_size(height, width):
    image = natural_image((height, width))
    assert image.shape == (height, width)
    assert image.abs().max() <= 0.5


def test_photograph_is_resampled_without_aliasing():
    # each pixel is an average, so a small image has the mean of a large one
    assert (natural_image(8).mean() - natural_image(512).mean()).abs() < 0.01
