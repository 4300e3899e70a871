"""The tutorial's gratings, filters and layer have the tutorial's values and defaults."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import correlate
from torch.nn.functional import conv2d
from torch.testing import assert_close

import convtools
from convtools import ConvolutionalLayer, filters, grating, neuromatch
from helpers.noise import gradients, noise


@pytest.mark.parametrize("name", neuromatch.__all__)
def test_names_of_the_tutorial_are_also_in_the_top_namespace(name):
    assert getattr(neuromatch, name) is getattr(convtools, name)


# Gratings -----------------------------------------------------------------------------------


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
    # values of the Neuromatch tutorial, W1D5 T2, whose text says left, but it is on the right
    rows, columns = grating(0, patch=True).nonzero(as_tuple=True)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (14, 34, 38, 58)
    assert columns.double().mean() == 0.75 * 64


def test_patch_is_rotated_rather_than_shifted():
    # the tutorial says "phase shift", but 99 pixels differ, none after a rotation by 0.1 radians
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


def test_five_angles_of_the_tutorial_are_four_images():
    images = [grating(angle) for angle in (-90, -45, 0, 45, 90)]
    assert torch.equal(images[0], images[4])
    assert len({image.numpy().tobytes() for image in images}) == 4


@given(angle=st.floats(-180, 180), res=st.floats(0.02, 0.3))
def test_grating_does_not_change_when_rotated_by_180_degrees(angle, res):
    # the cosine is even; a pixel may differ where rounding changes its sign near 0
    assert (grating(angle, res=res) != grating(angle + 180, res=res)).double().mean() < 1e-3


@pytest.mark.parametrize("period", [2, 4, 8, 12, 16, 20])
@pytest.mark.parametrize("step", range(8))  # for which the edges of bars are on pixels
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


# Filters ------------------------------------------------------------------------------------


def test_filters_have_the_weights_of_the_tutorial():
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
    # values of the Neuromatch tutorial, W1D5 T2: the norm of the oblique ones is 39 % larger
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
    # the filter tuned to θ responds most to grating(90 − θ): 0, 45, 90, 135 -> 90, 45, 0, −45
    stimuli = torch.stack([grating(angle) for angle in (0, 45, 90, 135)])[:, None]
    responses = conv2d(stimuli, filters()[2:]).square().mean(dim=(2, 3))
    assert responses.argmax(dim=0).tolist() == [2, 1, 0, 3]


def test_oblique_channels_of_the_bank_respond_more():
    # root mean square where the kernel fits: 1.181 at 45° against .88 at 0° and 90°
    stimuli = torch.stack([grating(angle) for angle in (90, 45, 0)])[:, None]
    rms = conv2d(stimuli, filters()[2:5]).square().mean(dim=(2, 3)).sqrt().diagonal()
    torch.testing.assert_close(rms, torch.tensor([0.88, 1.181, 0.88]), rtol=0, atol=5e-3)


# The convolutional layer ---------------------------------------------------------------------


@given(
    n=st.integers(1, 3), c_in=st.integers(1, 3), c_out=st.integers(1, 4),
    K=st.sampled_from([1, 3, 5, 7]), height=st.integers(1, 9), width=st.integers(1, 9),
)  # fmt: skip
def test_layer_has_the_values_and_gradients_of_conv2d(n, c_in, c_out, K, height, width):
    images = noise(n, c_in, height, width, grad=True)
    weights = noise(c_out, c_in, K, K, seed=1, grad=True)
    layer = ConvolutionalLayer(c_in, c_out, K, filters=weights)
    ours, theirs = layer(images), conv2d(images, weights, padding=K // 2)
    assert ours.shape == (n, c_out, height, width)
    assert_close(ours, theirs)
    assert_close(
        gradients(ours, images, layer.conv.weight), gradients(theirs, images, weights),
        rtol=1e-4, atol=1e-4,
    )  # fmt: skip


def test_layer_agrees_with_scipy_and_sums_over_input_channels():
    image, weights = noise(2, 8, 11), noise(3, 2, 5, 5, seed=1)
    with torch.no_grad():
        ours = ConvolutionalLayer(2, 3, 5, filters=weights)(image[None])[0]
    theirs = [correlate(np.pad(image, [(0, 0), (2, 2), (2, 2)]), w, "valid")[0] for w in weights]
    assert_close(ours, torch.tensor(np.array(theirs)), rtol=1e-4, atol=1e-5)


def test_layer_without_filters_starts_from_random_weights_and_biases():
    torch.manual_seed(0)
    one, other = ConvolutionalLayer(), ConvolutionalLayer()
    assert one.conv.weight.shape == (6, 1, 7, 7)
    assert not torch.equal(one.conv.weight, other.conv.weight)
    assert one.conv.bias.count_nonzero() == 6


def test_layer_with_filters_starts_from_them_with_biases_of_zero():
    layer = ConvolutionalLayer(filters=filters())
    assert torch.equal(layer.conv.weight, filters())
    assert torch.equal(layer.conv.bias, torch.zeros(6))


def test_layer_has_300_parameters():
    layer = ConvolutionalLayer(filters=filters())
    learned = [p for p in layer.parameters() if p.requires_grad and p.is_leaf]
    assert sum(p.numel() for p in learned) == 300


def test_layer_of_float64_filters_accepts_float64_images():
    layer = ConvolutionalLayer(filters=filters().double())
    assert layer(grating(0).double()[None, None]).dtype == torch.float64


@pytest.mark.parametrize("form", [filters()[:, 0], filters().numpy(), filters()])
def test_layer_accepts_a_bank_of_kernels_in_any_form(form):
    assert torch.equal(ConvolutionalLayer(filters=form).conv.weight, filters())


def test_layer_propagates_nan_pixels():
    with torch.no_grad():
        assert ConvolutionalLayer()(torch.full((1, 1, 9, 9), torch.nan)).isnan().all()


def test_layer_copies_its_filters():
    given_filters = filters()
    layer = ConvolutionalLayer(filters=given_filters)
    given_filters.zero_()
    assert torch.equal(layer.conv.weight, filters())


def test_shift_of_the_input_shifts_the_output():
    image = torch.zeros(1, 1, 40, 40)
    image[..., 16:24, 16:24] = noise(8, 8)  # far enough from the frame of zeros
    layer = ConvolutionalLayer(filters=filters())
    with torch.no_grad():
        assert_close(layer(image.roll((5, -3), (2, 3))), layer(image).roll((5, -3), (2, 3)))


# Numbers of the layer ------------------------------------------------------------------------


def test_zero_padding_gives_a_response_to_uniform_light_only_at_the_border():
    with torch.no_grad():
        responses = ConvolutionalLayer(filters=filters())(torch.full((1, 1, 48, 64), 0.5))[0].abs()
    border = [1.359, 1.359, 0.895, 1.395, 0.895, 1.395]
    assert responses.amax((1, 2)).tolist() == pytest.approx(border, abs=5e-4)
    assert responses[:, 3:-3, 3:-3].max() < 1e-6


def test_flipping_the_kernels_negates_odd_channels_and_leaves_centre_surround_ones():
    image, weights = grating(0)[None, None], filters()
    with torch.no_grad():
        correlated, convolved = (
            ConvolutionalLayer(filters=kernels)(image)[0]
            for kernels in (weights, weights.flip(2, 3))
        )
    assert torch.equal(convolved[:2], correlated[:2])
    assert_close(convolved[2:], -correlated[2:])
    assert (correlated - convolved).abs().max().item() == pytest.approx(3.88, abs=5e-3)
