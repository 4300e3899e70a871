"""Images to look at: the tutorial's pixels, one orientation convention, the photograph."""

from contextlib import nullcontext as does_not_raise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convtools import grating, natural_image, sine_grating

raises = pytest.raises


def fourier_peak(image):
    """Orientation in degrees and wavelength in pixels of the strongest frequency."""
    height, width = image.shape
    taper = np.hanning(height)[:, None] * np.hanning(width)
    spectrum = np.abs(np.fft.rfft2(taper * image.numpy(), s=(1024, 1024)))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    down, right = np.fft.fftfreq(1024)[row], np.fft.rfftfreq(1024)[column]
    return np.rad2deg(np.arctan2(down, right)), 1 / np.hypot(down, right)


def angle_between(one, other):
    """Degrees between two orientations, of which those 180 degrees apart are the same."""
    return abs((one - other + 90) % 180 - 90)


# The tutorial's grating -----------------------------------------------------------------------


def test_grating_has_the_pixels_of_the_tutorial():
    # values of the Neuromatch tutorial, W1D5 T2: every 12th row, every 8th column
    rows = ["+-++-+-+", "--+-+--+", "-+-+--+-", "+-++-+-+"]
    expected = [[0.5 if sign == "+" else -0.5 for sign in row] for row in rows]
    assert grating(30)[::12, ::8].tolist() == expected


@pytest.mark.parametrize(
    ("angle", "bright"), [(0, 1488), (30, 1541), (45, 1512), (90, 1408), (-45, 1593)]
)
def test_grating_has_as_many_bright_pixels_as_the_tutorial(angle, bright):
    # values of the Neuromatch tutorial, W1D5 T2
    image = grating(angle)
    assert (image == 0.5).sum() == bright
    assert (image == -0.5).sum() == 48 * 64 - bright


@pytest.mark.parametrize(
    ("angle", "bright", "dark"), [(0, 174, 183), (30, 183, 174), (90, 181, 176), (45, 178, 179)]
)
def test_patch_has_as_many_bright_and_dark_pixels_as_the_tutorial(angle, bright, dark):
    # values of the Neuromatch tutorial, W1D5 T2
    image = grating(angle, patch=True)
    assert ((image == 0.5).sum(), (image == -0.5).sum()) == (bright, dark)


def test_patch_is_a_disc_at_three_quarters_of_the_width():
    # values of the Neuromatch tutorial, W1D5 T2, whose text says left: it is on the right
    rows, columns = grating(0, patch=True).nonzero(as_tuple=True)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (14, 34, 38, 58)
    assert columns.double().mean() == 0.75 * 64


def test_patch_is_turned_rather_than_shifted():
    # the tutorial says "phase shift": 99 pixels differ, and none from a turn by 0.1 radians
    patch = grating(0, patch=True)
    seen = patch != 0
    assert (patch != grating(0))[seen].sum() == 99
    assert torch.equal(patch[seen], grating(np.rad2deg(0.1))[seen])


@pytest.mark.parametrize(("res", "shape"), [(0.1, (48, 64)), (0.07, (34, 45)), (1, (480, 640))])
def test_grating_shape_is_rounded_up(res, shape):
    image = grating(0, res=res)
    assert image.shape == shape
    assert image.dtype == torch.float32


def test_grating_repeats_after_its_period():
    # 2π·28·0.1 = 17.593 pixels
    column = np.arange(46)
    expected = np.where(np.cos(2 * np.pi * column / 17.593) > 0, 0.5, -0.5)
    assert grating(0)[0, :46].tolist() == expected.tolist()


def test_five_angles_of_the_tutorial_are_four_pictures():
    pictures = [grating(angle) for angle in (-90, -45, 0, 45, 90)]
    assert torch.equal(pictures[0], pictures[4])
    assert len({picture.numpy().tobytes() for picture in pictures}) == 4


@given(angle=st.floats(-180, 180), res=st.floats(0.02, 0.3))
def test_grating_does_not_change_when_turned_by_half_a_turn(angle, res):
    # the cosine is even; a pixel may differ where it is 0 but for rounding
    assert (grating(angle, res=res) != grating(angle + 180, res=res)).double().mean() < 1e-3


@pytest.mark.parametrize("period", [2, 4, 8, 12, 16, 20])
@pytest.mark.parametrize("step", range(8))  # in which the edges of bars lie on pixels
def test_bars_are_straight_and_even_though_the_cosine_is_zero_at_their_edges(period, step):
    options = {"sf": 2 * np.pi * 0.1 / period, "phase": step * np.pi / 4}
    vertical, horizontal = grating(0, **options), grating(90, **options)
    assert torch.equal(vertical, vertical[:1].expand(48, 64))
    assert torch.equal(horizontal, horizontal[:, :1].expand(48, 64))
    assert torch.equal(horizontal[:, 0], vertical[0, :48])
    assert vertical[0, : 3 * period].sum() == 0  # as many bright pixels as dark ones


def test_half_a_cycle_of_phase_swaps_bright_and_dark():
    assert torch.equal(grating(30, phase=1.0), -grating(30, phase=1.0 + np.pi))


def test_phase_shifts_the_bars_towards_the_origin():
    one_pixel = 1 / 2.8  # radians: sf/res
    assert torch.equal(grating(0, phase=one_pixel)[:, :-1], grating(0)[:, 1:])


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
    # neighbours are alike, unlike those of noise
    image = natural_image(64).double()
    pixels = torch.stack([image[:, :-1].flatten(), image[:, 1:].flatten()])
    assert torch.corrcoef(pixels)[0, 1] > 0.8


def test_photograph_cannot_be_changed_by_who_asks_for_it():
    before = natural_image().clone()
    natural_image().zero_()
    assert torch.equal(natural_image(), before)


@given(height=st.integers(1, 90), width=st.integers(1, 90))
def test_photograph_has_the_size_asked_for(height, width):
    image = natural_image((height, width))
    assert image.shape == (height, width)
    assert image.abs().max() <= 0.5


def test_photograph_is_resampled_without_aliasing():
    # each pixel is an average: a picture of few pixels keeps the mean of the one of many
    assert (natural_image(8).mean() - natural_image(512).mean()).abs() < 0.01


# Good and bad input ---------------------------------------------------------------------------

NUMBER = "must be a finite number"
POSITIVE = f"{NUMBER} above 0"
PERIOD = f"{NUMBER} of at least 2"
TWO = "must be a shape: 2 positive integers"

INPUTS = [
    (lambda: grating(np.float64(-90)), does_not_raise()),
    (lambda: grating(torch.tensor(45.0), patch=np.True_), does_not_raise()),
    (lambda: grating(0, sf=np.pi / 1000, res=0.001), does_not_raise()),
    (lambda: grating(0, res=0.01), raises(ValueError, match="`sf` must be at most π·res = 0.031")),
    (lambda: grating("0"), raises(TypeError, match=f"`angle` {NUMBER}, got '0'")),
    (lambda: grating([0, 45]), raises(TypeError, match=rf"`angle` {NUMBER}, got \[0, 45\]")),
    (lambda: grating(10**400), raises(ValueError, match=f"`angle` {NUMBER}, got inf")),
    (lambda: grating(np.nan), raises(ValueError, match=f"`angle` {NUMBER}, got nan")),
    (lambda: grating(0, sf=0), raises(ValueError, match=f"`sf` {POSITIVE}, got 0")),
    (lambda: grating(0, sf=-1), raises(ValueError, match=f"`sf` {POSITIVE}, got -1")),
    (lambda: grating(0, sf=np.inf), raises(ValueError, match=f"`sf` {POSITIVE}, got inf")),
    (lambda: grating(0, sf=None), raises(TypeError, match=f"`sf` {POSITIVE}, got None")),
    (lambda: grating(0, res=0), raises(ValueError, match=f"`res` {POSITIVE}, got 0")),
    (lambda: grating(0, res=np.nan), raises(ValueError, match=f"`res` {POSITIVE}, got nan")),
    (lambda: grating(0, res="0.1"), raises(TypeError, match=f"`res` {POSITIVE}, got '0.1'")),
    (lambda: grating(0, patch=1), raises(TypeError, match="`patch` must be True or False, got 1")),
    (lambda: grating(0, phase=np.inf), raises(ValueError, match=f"`phase` {NUMBER}, got inf")),
    (lambda: grating(0, phase=1j), raises(TypeError, match=f"`phase` {NUMBER}, got 1j")),
    (lambda: sine_grating([3, np.int64(4)], 8, 0, contrast=0), does_not_raise()),
    (lambda: sine_grating((1, 1), 2, -720, phase=9, contrast=1), does_not_raise()),
    (lambda: sine_grating(48, 8, 0), raises(TypeError, match=f"`shape` {TWO}, got 48")),
    (lambda: sine_grating("48", 8, 0), raises(TypeError, match=f"`shape` {TWO}, got '48'")),
    (lambda: sine_grating((), 8, 0), raises(ValueError, match=rf"`shape` {TWO}, got \(\)")),
    (lambda: sine_grating((48,), 8, 0), raises(ValueError, match=rf"`shape` {TWO}, got \(48,\)")),
    (
        lambda: sine_grating((0, 64), 8, 0),
        raises(ValueError, match="`shape` must be an integer of at least 1, got 0"),
    ),
    (
        lambda: sine_grating((48.0, 64), 8, 0),
        raises(TypeError, match=r"`shape` must be an integer of at least 1, got 48\.0"),
    ),
    (
        lambda: sine_grating((4, 4), 1.9, 0),
        raises(ValueError, match=f"`wavelength` {PERIOD}, got 1.9"),
    ),
    (
        lambda: sine_grating((4, 4), "8", 0),
        raises(TypeError, match=f"`wavelength` {PERIOD}, got '8'"),
    ),
    (
        lambda: sine_grating((4, 4), 8, np.nan),
        raises(ValueError, match=f"`orientation` {NUMBER}, got nan"),
    ),
    (
        lambda: sine_grating((4, 4), 8, None),
        raises(TypeError, match=f"`orientation` {NUMBER}, got None"),
    ),
    (
        lambda: sine_grating((4, 4), 8, 0, phase=np.nan),
        raises(ValueError, match=f"`phase` {NUMBER}, got nan"),
    ),
    (
        lambda: sine_grating((4, 4), 8, 0, phase=True),
        raises(TypeError, match=f"`phase` {NUMBER}, got True"),
    ),
    (
        lambda: sine_grating((4, 4), 8, 0, contrast=1.5),
        raises(ValueError, match=f"`contrast` {NUMBER} of at least 0 and of at most 1, got 1.5"),
    ),
    (
        lambda: sine_grating((4, 4), 8, 0, contrast=-0.5),
        raises(ValueError, match=f"`contrast` {NUMBER} of at least 0 and of at most 1, got -0.5"),
    ),
    (
        lambda: sine_grating((4, 4), 8, 0, contrast="1"),
        raises(TypeError, match=f"`contrast` {NUMBER} of at least 0 and of at most 1, got '1'"),
    ),
    (lambda: natural_image(np.int64(1)), does_not_raise()),
    (lambda: natural_image((1, 2000)), does_not_raise()),
    (
        lambda: natural_image(np.array(7.5)),
        raises(TypeError, match="`size` must be an integer of at least 1"),
    ),
    (lambda: natural_image([3, 700]), does_not_raise()),
    (
        lambda: natural_image(0),
        raises(ValueError, match="`size` must be an integer of at least 1, got 0"),
    ),
    (
        lambda: natural_image((64, -1)),
        raises(ValueError, match="`size` must be an integer of at least 1, got -1"),
    ),
    (
        lambda: natural_image(64.5),
        raises(TypeError, match=r"`size` must be an integer of at least 1, got 64\.5"),
    ),
    (
        lambda: natural_image("64"),
        raises(TypeError, match="`size` must be an integer of at least 1, got '64'"),
    ),
    (
        lambda: natural_image((1, 2, 3)),
        raises(
            ValueError, match=r"`size` must be an integer or a pair of integers, got \(1, 2, 3\)"
        ),
    ),
]


@pytest.mark.parametrize(("call", "expectation"), INPUTS)
def test_input(call, expectation):
    with expectation:
        call()
