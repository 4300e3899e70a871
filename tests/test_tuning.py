from contextlib import nullcontext as does_not_raise

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
    orientation_tuning,
    phase_tuning,
    quadrature_pair,
    sine_grating,
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


both = pytest.mark.parametrize("tuning", [orientation_tuning, phase_tuning])


@both
def test_model_is_called_once_with_all_stimuli_and_without_gradients(tuning):
    calls = []

    def respond(images):
        calls.append((images, torch.is_grad_enabled()))
        return images.mean((1, 2, 3))

    tuning(respond, [0, 1, 2.5], lambda value: np.full((4, 5), value))
    ((images, gradients),) = calls
    assert images.shape == (3, 1, 4, 5)
    assert images.dtype == torch.float32
    assert images[:, 0, 0, 0].tolist() == [0, 1, 2.5]
    assert not gradients


@both
def test_each_stimulus_is_made_once_in_order(tuning):
    asked = []
    tuning(len_of_rows, [30, 10, 20], lambda value: asked.append(value) or torch.ones(2, 2))
    assert asked == [30, 10, 20]


def len_of_rows(images):
    return np.arange(len(images))


@both
@pytest.mark.parametrize(
    "respond",
    [
        lambda images: images.mean((1, 2, 3)),
        lambda images: images.mean((1, 2, 3)).numpy(),
        lambda images: images.mean((1, 2, 3)).tolist(),
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(0)),
    ],
    ids=["tensor", "array", "list", "module"],
)
def test_responses_are_an_array_with_one_row_a_stimulus(tuning, respond):
    responses = tuning(respond, [1, 2], lambda value: torch.full((3, 3), value))
    assert type(responses) is np.ndarray
    assert responses.tolist() == [1, 2]


@both
def test_module_keeps_its_axes_and_gets_no_gradient(tuning):
    layer = ConvolutionalLayer(filters=filters())
    responses = tuning(layer, torch.arange(3), grating)
    assert responses.shape == (3, 6, 48, 64)
    assert layer.conv.weight.grad is None
    with torch.no_grad():
        assert np.array_equal(responses[2], layer(grating(2)[None, None])[0])


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
def test_modulation_ratio_of_responses_with_a_known_one(response, ratio):
    assert modulation_ratio(response) == pytest.approx(ratio, abs=1e-6)


@pytest.mark.parametrize(("n", "ratio"), [(4, 2.0), (8, 1.65685), (36, 1.5748)])
def test_few_phases_make_the_ratio_of_a_rectified_cosine_too_large(n, ratio):
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
    silent, balanced, below = 0 * cosine, 1e-7 + cosine, -1 + cosine
    ratios = modulation_ratio([silent, balanced, below, 1e-5 + cosine])
    assert np.isnan(ratios).tolist() == [True, True, True, False]


def test_modulation_ratio_takes_the_last_axis():
    responses = np.random.default_rng(0).random((2, 3, 8))
    ratios = modulation_ratio(torch.from_numpy(responses))
    assert ratios.shape == (2, 3)
    assert ratios[1, 2] == pytest.approx(modulation_ratio(responses[1, 2]))


def phase_responses(cells, size, wavelength):
    """Rates of the cells in the centre of the image, one row a cell."""

    def drift(phase):
        return sine_grating((size, size), wavelength, 0, phase=phase)

    return phase_tuning(cells, cycle(64), drift)[:, :, size // 2, size // 2].T


def test_simple_cells_follow_the_phase_and_complex_cells_do_not():
    pair = quadrature_pair(41, wavelength=8, orientation=0)
    simple = modulation_ratio(phase_responses(SimpleCells(pair), 41, 8))
    assert simple == pytest.approx([np.pi / 2, np.pi / 2], rel=2e-3)
    assert modulation_ratio(phase_responses(ComplexCells(pair[None]), 41, 8)) < 1e-3


def test_two_rectified_gabors_make_a_cell_that_is_called_simple_and_often_silent():
    pair = quadrature_pair(41, wavelength=8, orientation=0)
    response = phase_responses(SimpleCells(pair), 41, 8).sum(axis=0)
    assert modulation_ratio(response) == pytest.approx(1.1107, rel=2e-3)
    assert (response < 1e-3 * response.max()).mean() == pytest.approx(0.25, abs=2 / 64)


@pytest.mark.parametrize("bandwidth", [0.15, 0.2, 0.25])
def test_energy_of_a_narrow_gabor_pair_depends_on_phase(bandwidth):
    wavelength = 20
    pair = quadrature_pair(61, wavelength, orientation=0, sigma=bandwidth * wavelength)
    energy = phase_responses(ComplexCells(pair[None]), 61, wavelength)[0] ** 2
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
    ids=["flat", "one orientation", "silent"],
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
def test_measures_take_the_last_axis(measure):
    responses = np.random.default_rng(0).random((2, 3, 12))
    values = measure(torch.from_numpy(responses), ORIENTATIONS)
    assert values.shape == (2, 3)
    assert values[1, 2] == pytest.approx(measure(responses[1, 2], ORIENTATIONS))


def test_selectivity_compares_with_the_orthogonal_orientation_also_across_180_degrees():
    assert orientation_selectivity([1, 2, 3, 9], [135, 0, -90, 405]) == pytest.approx(0.8)


# What the layers of the book answer ----------------------------------------------------------


def rms_tuning():
    """RMS response away from the frame of zero padding, (channel, orientation)."""
    responses = orientation_tuning(
        ConvolutionalLayer(filters=filters()), [0, 45, 90, 135], grating
    )[..., 3:-3, 3:-3]
    return np.sqrt(np.mean(responses**2, axis=(2, 3))).T


def test_oriented_channels_of_the_tutorial_prefer_these_gratings():
    assert [(0, 45, 90, 135)[i] for i in rms_tuning()[2:].argmax(axis=1)] == [90, 45, 0, 135]


def test_oblique_channels_of_the_tutorial_answer_more_to_what_they_prefer():
    assert rms_tuning()[2:].max(axis=1) == pytest.approx([0.88, 1.181, 0.88, 1.181], abs=5e-3)


def test_centre_surround_channels_answer_to_all_orientations():
    centre_surround = rms_tuning()[:2]
    assert (centre_surround.min(axis=1) > 0.7 * centre_surround.max(axis=1)).all()


@pytest.mark.parametrize("side", [-1, 1])
def test_gabor_of_one_octave_is_at_half_its_height_19_degrees_from_its_peak(side):
    cell = ComplexCells(quadrature_pair(41, wavelength=8, orientation=0)[None])
    away = np.arange(0, 41, 2)
    responses = orientation_tuning(
        cell, side * away, lambda angle: sine_grating((41, 41), 8, angle)
    )[:, 0, 20, 20]
    half = np.interp(-0.5, -responses / responses[0], away)
    assert half == pytest.approx(19.19, abs=0.1)


def test_simple_cell_prefers_the_orientation_of_its_gabor():
    cell = SimpleCells(gabor(41, wavelength=8, orientation=60)[None])
    responses = orientation_tuning(
        cell, ORIENTATIONS, lambda angle: sine_grating((41, 41), 8, angle)
    )[:, 0, 20, 20]
    assert ORIENTATIONS[responses.argmax()] == 60
    assert orientation_selectivity(responses, ORIENTATIONS) > 0.99


# Good and bad input --------------------------------------------------------------------------


def rejects(name, error=ValueError):
    return pytest.raises(error, match=rf"(?s)^`{name}(\([^`]*\))?` must .*, got ")


def show(tuning, respond=len_of_rows, values=(0, 45), make_stimulus=grating):
    tuning(respond, values, make_stimulus)


def both_measures(responses, orientations):
    circular_variance(responses, orientations)
    orientation_selectivity(responses, orientations)


FOUR, RATES = [0, 45, 90, 135], [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("call", "expectation"),
    [
        (lambda: show(orientation_tuning, values=[]), rejects("orientations")),
        (lambda: show(orientation_tuning, values=45), rejects("orientations")),
        (lambda: show(orientation_tuning, values=[[0, 45]]), rejects("orientations")),
        (lambda: show(orientation_tuning, values=[0, np.inf]), rejects("orientations")),
        (lambda: show(orientation_tuning, values=["0"]), rejects("orientations", TypeError)),
        (lambda: show(phase_tuning, values=[]), rejects("phases")),
        (lambda: show(phase_tuning, values=0.5), rejects("phases")),
        (lambda: show(phase_tuning, values=[np.nan]), rejects("phases")),
        (lambda: show(phase_tuning, values=None), rejects("phases", TypeError)),
        (lambda: modulation_ratio([3, 2, 1]), does_not_raise()),
        (lambda: modulation_ratio(torch.ones(4, dtype=torch.uint8)), does_not_raise()),
        (lambda: modulation_ratio([1, 2]), rejects("responses")),
        (lambda: modulation_ratio(1.0), rejects("responses")),
        (lambda: modulation_ratio([]), rejects("responses")),
        (lambda: modulation_ratio(np.ones((0, 8))), rejects("responses")),
        (lambda: modulation_ratio([1, np.nan, 1]), rejects("responses")),
        (lambda: modulation_ratio([1, 2, 3j]), rejects("responses", TypeError)),
        (lambda: modulation_ratio([[1, 2, 3], [1, 2]]), rejects("responses")),
        (lambda: modulation_ratio(None), rejects("responses", TypeError)),
        (lambda: both_measures(RATES, [135, -180, 45, 90]), does_not_raise()),
        (lambda: both_measures([1, 0], [10, 100]), does_not_raise()),
        (lambda: circular_variance([1, 2, 3], [0, 60, 120]), does_not_raise()),
        (lambda: orientation_selectivity([1, 2, 3], [0, 60, 120]), rejects("orientations")),
    ]
    + [
        (lambda tuning=tuning, options=options: show(tuning, **options), expectation())
        for tuning in (orientation_tuning, phase_tuning)
        for options, expectation in [
            ({"values": range(3)}, does_not_raise),
            ({"values": torch.tensor([0.5])}, does_not_raise),
            ({"respond": None}, lambda: rejects("respond", TypeError)),
            ({"respond": lambda images: None}, lambda: rejects("respond", TypeError)),
            ({"respond": lambda images: 1.0}, lambda: rejects("respond")),
            ({"respond": lambda images: [1, 2, 3]}, lambda: rejects("respond")),
            ({"respond": lambda images: [1, np.nan]}, lambda: rejects("respond")),
            ({"respond": lambda images: [[1], [1, 2]]}, lambda: rejects("respond")),
            ({"make_stimulus": "grating"}, lambda: rejects("make_stimulus", TypeError)),
            ({"make_stimulus": lambda v: None}, lambda: rejects("make_stimulus", TypeError)),
            ({"make_stimulus": lambda v: np.ones((1, 2, 2))}, lambda: rejects("make_stimulus")),
            ({"make_stimulus": lambda v: np.ones((0, 2))}, lambda: rejects("make_stimulus")),
            ({"make_stimulus": lambda v: [[np.nan]]}, lambda: rejects("make_stimulus")),
            ({"make_stimulus": lambda v: [[0] * int(1 + v)]}, lambda: rejects("make_stimulus")),
        ]
    ]
    + [
        (lambda measure=measure, arguments=arguments: measure(*arguments), rejects(name, error))
        for measure in (circular_variance, orientation_selectivity)
        for arguments, name, error in [
            ((1.0, FOUR), "responses", ValueError),
            (([], []), "responses", ValueError),
            (([1, 2, 3], FOUR), "responses", ValueError),
            ((np.ones((4, 2)), FOUR), "responses", ValueError),
            (([1, 2, 3, -1e-9], FOUR), "responses", ValueError),
            (([1, 2, 3, np.nan], FOUR), "responses", ValueError),
            ((["a"] * 4, FOUR), "responses", TypeError),
            ((RATES, 45), "orientations", ValueError),
            ((RATES, [FOUR]), "orientations", ValueError),
            ((RATES, [0, 45, 90, np.nan]), "orientations", ValueError),
            ((RATES, "0 45 90 135"), "orientations", TypeError),
            ((RATES, [0, 60, 120, 180]), "orientations", ValueError),  # the end point is the start
            ((RATES, [0, 90, 180, 270]), "orientations", ValueError),  # each twice
            ((RATES, [0, 40, 90, 135]), "orientations", ValueError),
            ((RATES, [0, 30, 60, 90]), "orientations", ValueError),
            (([1], [0]), "orientations", ValueError),
        ]
    ],
)  # fmt: skip
def test_input_is_accepted_or_rejected_by_name(call, expectation):
    with expectation:
        call()
