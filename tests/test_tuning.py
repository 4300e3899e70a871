"""Tuning curves and selectivity indices agree with closed forms and Bessel functions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import i0, i1
from torch import nn

from convtools import (
    ComplexCells,
    ConvolutionalLayer,
    SimpleCells,
    circular_variance,
    filters,
    gabor,
    grating,
    modulation_ratio,
    orientation_selectivity,
    quadrature_pair,
    simulate_population,
    sine_grating,
    tuning_curve,
)


def cycle(n):
    return np.linspace(0, 2 * np.pi, n, endpoint=False)


def rectified(angle):
    return np.clip(np.cos(angle), 0, None)


PHASES = cycle(4096)
ORIENTATIONS = np.arange(0, 180, 15)
DOUBLED = 2 * np.deg2rad(ORIENTATIONS)  # orientations repeat after 180 degrees

rates = arrays(float, len(ORIENTATIONS), elements=st.floats(0.01, 100))
scales = st.floats(1e-3, 1e3)


# Showing stimuli to a model ------------------------------------------------------------------


def test_model_is_called_once_with_all_stimuli_and_without_gradients():
    calls = []

    def model(images):
        calls.append((images, torch.is_grad_enabled()))
        return images.mean((1, 2, 3))

    tuning_curve(model, [0, 1, 2.5], lambda value: np.full((4, 5), value))
    ((images, gradients),) = calls
    assert images.shape == (3, 1, 4, 5)
    assert images.dtype == torch.float32
    assert images[:, 0, 0, 0].tolist() == [0, 1, 2.5]
    assert not gradients


def test_each_stimulus_is_made_once_in_order():
    asked = []

    def make_stimulus(value):
        asked.append(value)
        return torch.ones(2, 2)

    tuning_curve(lambda images: np.arange(len(images)), [30, 10, 20], make_stimulus)
    assert asked == [30, 10, 20]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (lambda images: images.mean((1, 2, 3)), torch.Tensor),
        (lambda images: images.mean((1, 2, 3)).numpy(), np.ndarray),
        (lambda images: images.mean((1, 2, 3)).tolist(), np.ndarray),
        (nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(0)), torch.Tensor),
    ],
    ids=["tensor", "array", "list", "module"],
)
def test_responses_have_the_type_of_the_model_and_one_row_per_stimulus(model, kind):
    responses = tuning_curve(model, [1, 2], lambda value: torch.full((3, 3), value))
    assert type(responses) is kind
    assert responses.tolist() == [1, 2]


@pytest.mark.parametrize("values", [torch.arange(3), range(3), np.arange(3.0)])
def test_module_keeps_its_axes_and_gets_no_gradient(values):
    layer = ConvolutionalLayer(filters=filters())
    responses = tuning_curve(layer, values, grating)
    assert responses.shape == (3, 6, 48, 64)
    assert layer.conv.weight.grad is None
    with torch.no_grad():
        assert torch.equal(responses[2], layer(grating(2)[None, None])[0])


# F1/F0 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "ratio"),
    [
        (rectified(PHASES), np.pi / 2),
        (rectified(PHASES) ** 2, 16 / (3 * np.pi)),
        (np.abs(np.cos(PHASES)), 0),
        (np.cos(PHASES) ** 2 + np.sin(PHASES) ** 2, 0),
        (rectified(PHASES) + rectified(PHASES - np.pi / 2), np.pi / (2 * np.sqrt(2))),
        (sum(rectified(PHASES - shift) for shift in cycle(4)), 0),
        (1 + np.cos(PHASES), 1),
        (1 + np.cos(2 * PHASES), 0),
    ],
    ids=[
        "rectified", "rectified and squared", "full-wave rectified", "energy",
        "two rectified, a quarter of a cycle apart", "four rectified", "first harmonic",
        "second harmonic",
    ],
)  # fmt: skip
def test_modulation_ratio_of_known_responses(response, ratio):
    assert modulation_ratio(response) == pytest.approx(ratio, abs=1e-6)


@pytest.mark.parametrize(("n", "ratio"), [(4, 2.0), (8, 1.65685), (36, 1.5748)])
def test_few_phases_overestimate_the_ratio_of_a_rectified_cosine(n, ratio):
    measured = modulation_ratio(rectified(cycle(n)))
    assert measured == pytest.approx(n * np.tan(np.pi / n) / 2)
    assert measured == pytest.approx(ratio, abs=5e-5)


@given(responses=rates, scale=scales, start=st.integers(0, 11))
def test_modulation_ratio_ignores_scale_and_starting_phase(responses, scale, start):
    ratio = modulation_ratio(responses)
    assert modulation_ratio(scale * responses) == pytest.approx(ratio, abs=1e-9)
    assert modulation_ratio(np.roll(responses, start)) == pytest.approx(ratio, abs=1e-9)


def test_modulation_ratio_is_nan_for_cells_without_a_mean_rate():
    cosine = np.cos(cycle(64))
    zero, balanced, below = 0 * cosine, 1e-7 + cosine, -1 + cosine
    ratios = modulation_ratio([zero, balanced, below, 1e-5 + cosine])
    assert np.isnan(ratios).tolist() == [True, True, True, False]


def test_modulation_ratio_uses_the_last_axis():
    responses = np.random.default_rng(0).random((2, 3, 8))
    ratios = modulation_ratio(torch.from_numpy(responses))
    assert ratios.shape == (2, 3)
    assert ratios[1, 2] == pytest.approx(modulation_ratio(responses[1, 2]))


def phase_responses(cells, size, wavelength):
    """Return the rates of the cells at the centre of the image, one row per cell."""

    def drift(phase):
        return sine_grating((size, size), wavelength, 0, phase=phase)

    return tuning_curve(cells, cycle(64), drift)[:, :, size // 2, size // 2].T


def test_simple_cells_follow_the_phase_and_complex_cells_do_not():
    pair = quadrature_pair(wavelength=8, orientation=0, size=41)
    simple = modulation_ratio(phase_responses(SimpleCells(pair), 41, 8))
    assert simple == pytest.approx([np.pi / 2, np.pi / 2], rel=2e-3)
    assert modulation_ratio(phase_responses(ComplexCells(pair), 41, 8)) < 1e-3


def test_two_rectified_gabors_count_as_simple_and_are_zero_for_a_quarter_of_the_cycle():
    pair = quadrature_pair(wavelength=8, orientation=0, size=41)
    response = phase_responses(SimpleCells(pair), 41, 8).sum(dim=0)
    assert modulation_ratio(response) == pytest.approx(1.1107, rel=2e-3)
    assert (response < 1e-3 * response.max()).double().mean() == pytest.approx(0.25, abs=2 / 64)


@pytest.mark.parametrize("bandwidth", [0.15, 0.2, 0.25])
def test_energy_of_a_narrow_gabor_pair_depends_on_phase(bandwidth):
    wavelength = 20
    pair = quadrature_pair(wavelength, 0, sigma=bandwidth * wavelength, size=61)
    energy = phase_responses(ComplexCells(pair), 61, wavelength)[0] ** 2
    contrast = (energy.max() - energy.min()) / (energy.max() + energy.min())
    q = np.exp(-8 * np.pi**2 * bandwidth**2)
    assert contrast == pytest.approx(2 * q / (1 + q**2), rel=1e-3)
    if bandwidth == 0.2:
        assert contrast == pytest.approx(0.085, abs=5e-4)


# Orientation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [0.3, 1])
def test_tuning_of_cosine_shape_has_known_circular_variance_and_selectivity(depth):
    responses = 1 + depth * np.cos(DOUBLED)
    assert circular_variance(responses, ORIENTATIONS) == pytest.approx(1 - depth / 2)
    assert orientation_selectivity(responses, ORIENTATIONS) == pytest.approx(depth)


@pytest.mark.parametrize(
    ("kappa", "ratio"), [(0.5, i1(0.5) / i0(0.5)), (1, 0.44639), (4, i1(4) / i0(4))]
)
def test_circular_variance_of_von_mises_tuning_is_a_ratio_of_bessel_functions(kappa, ratio):
    responses = np.exp(kappa * np.cos(DOUBLED))
    assert 1 - circular_variance(responses, ORIENTATIONS) == pytest.approx(ratio, abs=5e-6)


@pytest.mark.parametrize(
    ("responses", "variance", "selectivity"),
    [(np.ones(12), 1, 0), (np.eye(12)[5], 0, 1), (np.zeros(12), np.nan, np.nan)],
    ids=["flat", "one orientation", "no response"],
)
def test_circular_variance_and_selectivity_at_their_limits(responses, variance, selectivity):
    assert circular_variance(responses, ORIENTATIONS) == pytest.approx(variance, nan_ok=True)
    measured = orientation_selectivity(responses, ORIENTATIONS)
    assert measured == pytest.approx(selectivity, nan_ok=True)


measures = pytest.mark.parametrize("measure", [circular_variance, orientation_selectivity])


@measures
@given(responses=rates, scale=scales, turn=st.integers(-720, 720), order=st.permutations(range(12)))
def test_measures_ignore_scale_preferred_orientation_and_order(
    measure, responses, scale, turn, order
):
    expected = pytest.approx(measure(responses, ORIENTATIONS), abs=1e-9)
    assert measure(scale * responses, ORIENTATIONS) == expected
    assert measure(responses, ORIENTATIONS + turn) == expected
    assert measure(responses[order], ORIENTATIONS[order]) == expected


@measures
def test_measures_use_the_last_axis(measure):
    responses = np.random.default_rng(0).random((2, 3, 12))
    values = measure(torch.from_numpy(responses), ORIENTATIONS)
    assert values.shape == (2, 3)
    assert values[1, 2] == pytest.approx(measure(responses[1, 2], ORIENTATIONS))


def test_selectivity_compares_with_the_orthogonal_orientation_also_across_180_degrees():
    assert orientation_selectivity([1, 2, 3, 9], [135, 0, -90, 405]) == pytest.approx(0.8)


# Layers of the book -------------------------------------------------------------------------


def rms_tuning():
    """Return the RMS response away from the zero padding, (channel, orientation)."""
    responses = tuning_curve(ConvolutionalLayer(filters=filters()), [0, 45, 90, 135], grating)[
        ..., 3:-3, 3:-3
    ]
    return responses.square().mean(dim=(2, 3)).sqrt().T


def test_oriented_channels_of_the_tutorial_prefer_these_gratings():
    assert [(0, 45, 90, 135)[i] for i in rms_tuning()[2:].argmax(dim=1)] == [90, 45, 0, 135]


def test_oblique_channels_of_the_tutorial_respond_more_to_their_preferred_grating():
    assert rms_tuning()[2:].amax(dim=1) == pytest.approx([0.88, 1.181, 0.88, 1.181], abs=5e-3)


def test_centre_surround_channels_respond_to_all_orientations():
    centre_surround = rms_tuning()[:2]
    assert (centre_surround.amin(dim=1) > 0.7 * centre_surround.amax(dim=1)).all()


@pytest.mark.parametrize("side", [-1, 1])
def test_gabor_of_one_octave_is_at_half_its_height_19_degrees_from_its_peak(side):
    cell = ComplexCells(quadrature_pair(wavelength=8, orientation=0, size=41))
    away = np.arange(0, 41, 2)
    responses = tuning_curve(cell, side * away, lambda angle: sine_grating((41, 41), 8, angle))[
        :, 0, 20, 20
    ]
    half = np.interp(-0.5, -responses / responses[0], away)
    assert half == pytest.approx(19.19, abs=0.1)


def test_simple_cell_prefers_the_orientation_of_its_gabor():
    cell = SimpleCells(gabor(wavelength=8, orientation=60, size=41))
    responses = tuning_curve(cell, ORIENTATIONS, lambda angle: sine_grating((41, 41), 8, angle))[
        :, 0, 20, 20
    ]
    assert ORIENTATIONS[responses.argmax()] == 60
    assert orientation_selectivity(responses, ORIENTATIONS) > 0.99


# Types, ranges and negative responses --------------------------------------------------------

ON_180 = [
    lambda rates: modulation_ratio(rates),
    lambda rates: circular_variance(rates, ORIENTATIONS),
    lambda rates: orientation_selectivity(rates, ORIENTATIONS),
]


@pytest.mark.parametrize("measure", ON_180)
def test_measure_returns_the_type_of_its_input_and_keeps_its_gradient(measure):
    responses = 1.5 + np.cos(DOUBLED - 0.3)
    tensor = torch.tensor(responses, requires_grad=True)
    measured = measure(tensor)
    assert isinstance(measure(responses), np.ndarray)
    assert measured.dtype == torch.float64
    assert measured.item() == pytest.approx(float(measure(responses)))
    numeric = (measure(responses + 1e-6 * np.eye(12)[3]) - measure(responses)) / 1e-6
    measured.backward()
    assert tensor.grad[3].item() == pytest.approx(float(numeric), abs=1e-5)


@measures
def test_curve_over_360_degrees_is_folded_by_averaging_opposite_directions(measure):
    directions, rng = np.arange(0, 360, 15), np.random.default_rng(0)
    responses = rng.random((3, 24))
    folded = (responses[:, :12] + responses[:, 12:]) / 2
    np.testing.assert_allclose(measure(responses, directions), measure(folded, ORIENTATIONS))
    order = rng.permutation(24)
    mixed = measure(responses[:, order], directions[order] - 360)
    np.testing.assert_allclose(mixed, measure(folded, ORIENTATIONS))


@measures
@pytest.mark.parametrize("span", [180, 360])
def test_measured_orientations_may_be_off_by_a_quarter_of_a_step(measure, span):
    angles = np.arange(0, span, 6) + np.random.default_rng(0).uniform(-0.7, 0.7, span // 6)
    responses = np.exp(2 * np.cos(2 * np.deg2rad(angles - 40)))
    exact = np.arange(0, 180, 6)
    expected = measure(np.exp(2 * np.cos(2 * np.deg2rad(exact - 40))), exact)
    assert measure(responses, angles) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("measure", [circular_variance, orientation_selectivity])
def test_rounding_errors_below_zero_count_as_zero(measure):
    four = [0, 45, 90, 135]
    assert measure([1, -1e-18, 0, 0], four) == measure([1.0, 0, 0, 0], four)
    with pytest.raises(ValueError, match=r"`responses` must not be negative, got -0.1; negative="):
        measure([1, -0.1, 0, 0], four)


@measures
def test_negative_responses_can_be_clipped_or_shifted(measure):
    z_scored = np.cos(DOUBLED)
    shifted = measure(z_scored, ORIENTATIONS, negative="shift")
    assert shifted == pytest.approx(measure(1 + z_scored, ORIENTATIONS))
    clipped = measure(z_scored, ORIENTATIONS, negative="clip")
    assert clipped == pytest.approx(measure(z_scored.clip(min=0), ORIENTATIONS))


@measures
@pytest.mark.parametrize("negative", ["clip", "shift"])
def test_simulated_population_can_be_measured(measure, negative):
    responses, _, stimuli = simulate_population(50, np.arange(0, 360, 6), seed=0)
    values = measure(responses.T, stimuli, negative=negative)
    assert values.shape == (50,)
    assert ((values >= 0) & (values <= 1)).all()


def test_selectivity_over_an_odd_number_of_orientations_is_rejected():
    with pytest.raises(ValueError, match="`orientations` must be even in number over 180°"):
        orientation_selectivity([1, 2, 3], [0, 60, 120])
    assert circular_variance([1, 2, 3], [0, 60, 120]) < 1


def test_circular_variance_is_never_below_zero():
    one = torch.eye(12)[5]  # float32
    assert circular_variance(one, ORIENTATIONS) >= 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_does_not_overflow(dtype):
    four, rates = [0, 45, 90, 135], torch.tensor([4e4, 3e4, 1e4, 3e4]).to(dtype)
    for measure in (lambda r: circular_variance(r, four), modulation_ratio):
        assert measure(rates).item() == pytest.approx(measure(rates.double()).item(), rel=1e-3)


@measures
def test_negative_rate_is_found_before_folding_and_next_to_a_large_response(measure):
    directions = np.arange(0, 360, 45)
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        measure([-1, 0, 0, 0, 3, 0, 0, 0], directions)
    with pytest.raises(ValueError, match="must not be negative"):
        measure([[1e6, 0, 0, 0], [1, -0.9, 0, 0]], [0, 45, 90, 135])
    clipped = measure([-1, 0, 1, 0, 3, 0, 0, 0], directions, negative="clip")
    assert clipped == measure([0, 0, 1, 0, 3, 0, 0, 0], directions)


def test_neuron_without_a_response_keeps_the_gradient_of_others_finite():
    gain = torch.ones(1, requires_grad=True)
    rates = gain * torch.tensor([[3.0, 1, 0, 1], [0, 0, 0, 0]])
    variance = circular_variance(rates, [0, 45, 90, 135])
    variance[~variance.isnan()].sum().backward()
    assert gain.grad.isfinite().all()


@measures
def test_angles_a_quarter_of_a_step_off_are_accepted_and_others_rejected(measure):
    measure(np.ones(4), [0, 56, 79, 135])
    with pytest.raises(ValueError, match="`orientations` must be evenly spaced"):
        measure(np.ones(4), [0, 57, 78, 135])


def test_model_with_two_outputs_is_rejected():
    with pytest.raises(TypeError, match="`model` must return one array, got a tuple of 2"):
        tuning_curve(lambda images: (images, images), [0, 1], grating)


def test_stimulus_may_be_rotated_or_read_only():
    image = np.broadcast_to(np.arange(3.0), (3, 3))
    responses = tuning_curve(nn.Flatten(), [0, 1], lambda turns: np.rot90(image, int(turns)))
    assert responses[1].tolist() == np.rot90(image).ravel().tolist()
