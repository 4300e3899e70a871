"""Every argument of every public function is validated, and errors name the argument.

The wording of the errors is tested in test_validate.py.
"""

import inspect

import numpy as np
import pytest
import torch

import convtools
from convtools import plotting

IMAGE, KERNEL, PAIR = np.ones((9, 9)), np.ones((3, 3)), torch.ones(2, 3, 3)
BATCH, WEIGHT = np.ones((1, 4, 6, 7)), np.ones((6, 4, 3, 3))
RATES, ANGLES = [1, 2, 3, 4], [0, 45, 90, 135]

# Values that an argument of each type must reject ---------------------------------------------

NO_NUMBER = ["8", None, 1j, [1]]
NOT_FINITE = [np.nan, np.inf]
NO_INTEGER = [1.5, "1", None, True, np.nan]


def integer(minimum):
    return [*NO_INTEGER, minimum - 1]


def odd(minimum):
    return [*integer(minimum), minimum + 1, (7, 7)]


def pair(minimum):
    return [*integer(minimum), (1, minimum - 1), (1, 2, 3), (), (1, np.nan)]


def numbers(*wrong_shapes):
    values = ["x", None, [["a"]], [[1, 2], [3]], np.nan * np.ones(2), np.ones(2) * 1j]
    return [*values, *map(np.ones, wrong_shapes)]


def mapping(*wrong_values):
    return [{}, [1], None, *({"a": value} for value in wrong_values)]


REAL = [*NO_NUMBER, *NOT_FINITE, True]
POSITIVE = [*REAL, 0, -1]
PERIOD = [*REAL, 0, 1.9]
FLAG = [1, "no", None]
NORM = ["l3", 2, []]
AXES = ["ax", IMAGE]
CHANNELS = [0, [], [9], [-1], [0.0], "0"]
FUNCTION = [None, "grating"]
MODEL = [
    *FUNCTION,
    lambda images: None,
    lambda images: 1.0,
    lambda images: [1, 2, 3],
    lambda images: [1, np.nan],
    lambda images: [[1], [1, 2]],
]
STIMULUS = [
    *FUNCTION,
    lambda value: None,
    lambda value: np.ones((1, 2, 2)),
    lambda value: np.ones((0, 2)),
    lambda value: [[np.nan]],
    lambda value: [[0] * int(1 + value)],
]
IMAGES = [IMAGE, torch.zeros(9, 9), torch.zeros(1, 2, 9, 9), torch.zeros(1, 1, 0, 9)]
IMAGES += [torch.zeros(1, 1, 9, 9, dtype=kind) for kind in (torch.float64, torch.int64)]
BANK = [
    *numbers((), (7,), (2, 3, 5, 5), (0, 3, 3), (4, 4), (3, 5)),
    torch.ones(1, 3, 3, dtype=torch.int64),
]
SHAPE = [48.0, "48", None, (), [0, 64], [48.0, 64]]
LAYERS = [
    None, 3, "VGG", [], [(3, 1)], [(0, 1, 0)], [(3.0, 1, 0)], [(3, 0, 0)], [(3, 1, -1)],
    [(3, 1, np.nan)], [((3, 5), 1, 0)],
    [torch.nn.Linear(2, 2)], [torch.nn.Sequential(torch.nn.Fold(2, 2))],
    [torch.nn.Conv2d(1, 1, 3, stride=(1, 2))], [torch.nn.Conv2d(1, 1, 3, padding=(1, 2))],
    [torch.nn.Conv2d(1, 1, 3, dilation=(1, 2))], [torch.nn.MaxPool2d([2, 3])],
]  # fmt: skip

# Good values and types of wrong ones, for each argument ----------------------------------------

SLIDING = {
    "image": (IMAGE, numbers((7,), (0, 5))),
    "kernel": (KERNEL, numbers((7,), (3, 0), (2, 2, 2), (10, 10))),
    "stride": (1, integer(1)),
    "padding": (0, integer(0)),
}
GABOR = {
    "wavelength": (8, PERIOD),
    "orientation": (0, REAL),
    "phase": (0, REAL),
    "sigma": (4, [value for value in POSITIVE if value is not None]),
    "aspect": (1, POSITIVE),
    "size": (9, [value for value in odd(1) if value is not None]),
    "n_stds": (3, POSITIVE),
    "zero_mean": (False, FLAG),
    "norm": (None, NORM),
}
MEASURE = {
    "responses": (RATES, numbers((), (4, 2), (0, 4))),
    "orientations": (
        ANGLES,
        [
            *numbers((), (1, 4)),
            [0, 60, 120, 180],  # the end point is the start
            [0, 30, 120, 150],
            [0, 30, 60, 90],
            [0, 90, 180, 330],
        ],
    ),
    "negative": ("raise", ["ignore", None]),
}
PATCHES = np.random.default_rng(0).laplace(size=(50, 3, 3))
TRIGGERED = {
    "stimuli": (PATCHES, numbers((), (0, 3))),
    "responses": (np.ones(50), [*numbers((), (49,), (50, 1)), -np.ones(50), np.zeros(50)]),
}
LAYER = convtools.ConvolutionalLayer()
CONTRACT = {
    convtools.output_size: {
        "size": (9, integer(1)),
        "kernel_size": (3, [*integer(1), 10]),
        "stride": (1, integer(1)),
        "padding": (0, integer(0)),
        "dilation": (1, integer(1)),
    },
    convtools.receptive_field: {"layers": ([(3, 1, 1)], LAYERS)},
    convtools.ReceptiveField(1, 1, 0).center: {"index": (0, integer(0))},
    convtools.conv_parameters: {
        "in_channels": (4, integer(1)),
        "out_channels": (6, integer(1)),
        "kernel_size": (3, pair(1)),
        "bias": (True, FLAG),
        "groups": (1, [*integer(1), 3, 4]),
    },
    convtools.dense_parameters: {
        "in_shape": ((1, 4, 4), SHAPE),
        "out_shape": (3, SHAPE),
        "bias": (True, FLAG),
    },
    convtools.sine_grating: {
        "shape": ((4, 5), [48, *SHAPE, (48,), (1, 2, 3)]),
        "wavelength": (8, PERIOD),
        "orientation": (0, REAL),
        "phase": (0, REAL),
        "contrast": (1, [*REAL, -0.5, 1.5]),
    },
    convtools.natural_image: {"size": (8, [value for value in pair(1) if value is not None])},
    convtools.gabor: GABOR,
    convtools.quadrature_pair: {name: GABOR[name] for name in GABOR if name != "phase"},
    convtools.difference_of_gaussians: {
        "sigma_center": (1, POSITIVE),
        "sigma_surround": (2, [*REAL, 1]),
        "balance": (1, [*REAL, -0.1]),
        "size": (9, [value for value in odd(1) if value is not None]),
        "n_stds": (3, POSITIVE),
        "norm": (None, NORM),
    },
    convtools.correlate2d: SLIDING,
    convtools.convolve2d: SLIDING,
    convtools.conv2d: {
        "images": (BATCH, numbers((6, 7), (1, 4, 6, 7, 1), (0, 4, 6, 7))),
        "weight": (WEIGHT, numbers((3,), (6, 3, 3, 3), (6, 4, 7, 7), (6, 4, 0, 3), (3, 3))),
        "bias": (np.ones(6), [value for value in numbers((), (5,), (6, 1)) if value is not None]),
        "stride": (1, pair(1)),
        "padding": (0, [*pair(0), "full"]),
        "dilation": (1, pair(1)),
        "groups": (1, [*integer(1), 3]),
    },
    convtools.SimpleCells: {
        "kernels": (PAIR, BANK),
        "threshold": (0, [*REAL, torch.ones(2)]),
        "norm": (None, NORM),
    },
    convtools.SimpleCells(PAIR).forward: {"images": (torch.zeros(1, 1, 9, 9), IMAGES)},
    convtools.ComplexCells: {
        "pairs": (
            PAIR,
            [*numbers((3, 3), (3, 3, 3), (1, 1, 3, 3), (0, 2, 3, 3), (2, 4, 4)), PAIR.long()],
        )
    },
    convtools.ComplexCells(PAIR).forward: {"images": (torch.zeros(1, 1, 9, 9), IMAGES)},
    convtools.tuning_curve: {
        "model": (lambda images: images.mean((1, 2, 3)), MODEL),
        "values": ([0, 1], [*numbers((), (2, 2)), []]),
        "make_stimulus": (lambda value: np.full((2, 2), value), STIMULUS),
    },
    convtools.modulation_ratio: {"responses": ([1, 2, 3], [*numbers((), (2,), (0, 8)), []])},
    convtools.circular_variance: MEASURE,
    convtools.orientation_selectivity: MEASURE,
    convtools.simulate_population: {
        "n_neurons": (3, integer(1)),
        "orientations": (ANGLES, [*numbers((), (2, 2)), [0, 180]]),
        "seed": (0, integer(0)),
    },
    convtools.whiten: {
        "patches": (PATCHES, [*numbers((), (4, 9), (0, 3, 3)), np.ones((5, 3, 3))]),
        "n_components": (2, [value for value in [*integer(1), 10] if value is not None]),
    },
    convtools.learn_filters: {
        "patches": (PATCHES, [*numbers((), (4, 9), (0, 3, 3)), np.ones((5, 3, 3))]),
        "n_filters": (2, [value for value in [*integer(1), 10] if value is not None]),
        "seed": (1, integer(0)),
        "max_iter": (300, integer(1)),
        "progress": (False, FLAG),
    },
    convtools.fit_gabor: {
        "kernel": (IMAGE.cumsum().reshape(9, 9), [*numbers((7,), (2, 9), (1, 3, 3)), IMAGE])
    },
    convtools.spike_triggered_average: TRIGGERED,
    convtools.spike_triggered_covariance: TRIGGERED,
    convtools.noise_ceiling: {
        "responses": (PATCHES, numbers((), (4,), (1, 4), (4, 1))),
        "n_averaged": (1, [value for value in integer(1) if value is not None]),
    },
    convtools.fetch_stringer: {"directory": ("/dev/null/x", [3, [], "/dev/null/x"])},
    convtools.load_stringer: {"path": (__file__, [3, [], __file__]), "download": (False, FLAG)},
    convtools.grating: {
        "angle": (0, REAL),
        "sf": (1 / 28, [*POSITIVE, 1.0]),
        "res": (0.1, POSITIVE),
        "patch": (False, FLAG),
        "phase": (0, REAL),
    },
    convtools.filters: {"out_channels": (6, integer(2)), "K": (7, odd(3))},
    convtools.ConvolutionalLayer: {
        "c_in": (1, integer(1)),
        "c_out": (6, integer(1)),
        "K": (7, odd(1)),
        "filters": (
            convtools.filters(),
            [value for value in [*BANK, WEIGHT] if value is not None],
        ),
    },
    LAYER.forward: {"s": (torch.zeros(1, 1, 9, 9), IMAGES)},
    convtools.show_stimulus: {
        "img": (IMAGE, numbers((7,), (2, 4, 4), (0, 4))),
        "ax": (None, AXES),
        "show": (False, FLAG),
    },
    convtools.plot_weights: {
        "weights": (PAIR, numbers((7,), (2, 3, 5, 5), (0, 3, 3))),
        "channels": ([0], CHANNELS),
    },
    convtools.plot_example_activations: {
        "stimuli": (np.ones((2, 4, 6)), numbers((7,), (2, 3, 4, 6), (0, 4, 6))),
        "act": (np.ones((2, 5, 4, 6)), numbers((5, 4, 6), (1, 5, 4, 6), (0, 5, 4, 6))),
        "channels": ([0], CHANNELS),
    },
    plotting.plot_images: {
        "images": ({"a": IMAGE}, mapping(None, "x", np.ones(3), IMAGE * np.nan)),
        "signed": (False, FLAG),
        "columns": (3, integer(1)),
    },
    plotting.plot_banks: {
        "banks": ({"a": KERNEL, "b": PAIR}, mapping(None, "x", np.ones(3), KERNEL * np.nan)),
        "columns": (8, integer(1)),
    },
    plotting.plot_curves: {
        "log": (False, FLAG),
        "ticks": ([0, 1], [value for value in numbers((1, 2)) if value is not None]),
        "x": ([0, 1], [*numbers((), (1, 2)), []]),
        "curves": ({"a": [0, 1]}, mapping("up", [0, 1, 2], [[0, 1]], [0, np.inf])),
        "points": (
            {"a": [[0, 1]]},
            [value for value in mapping("up", [0, 1], [[0]], [[0, np.inf]]) if value],
        ),
        "ax": (None, AXES),
    },
    plotting.plot_responses: {
        "stimuli": ({"a": IMAGE}, mapping(None, "x", np.ones(3), IMAGE * np.nan)),
        "x": ([0, 1], [*numbers((), (1, 2)), []]),
        "curves": ({"a": [0, 1]}, mapping("up", [0, 1, 2], [[0, 1]], [0, np.inf])),
        "ticks": ([0, 1], [value for value in numbers((1, 2)) if value is not None]),
    },
    plotting.plot_tuning: {
        "kernels": ({"a": IMAGE}, mapping(None, "x", np.ones(3), IMAGE * np.nan)),
        "x": ([0, 1], [*numbers((), (1, 2)), []]),
        "curves": (
            {"a": [0, 1]},
            [*mapping("up", [0, 1, 2], [[0, 1]], [0, np.inf]), {"b": [0, 1]}],
        ),
        "ticks": ([0, 1], [value for value in numbers((1, 2)) if value is not None]),
    },
    plotting.plot_points: {
        "points": ({"a": [[0, 1]]}, mapping("up", [0, 1], [[0, 1, 2]], [[0, np.inf]])),
        "counts": ([[1, 0], [2, 3]], [*numbers((2,), (2, 1)), -np.ones((2, 2))]),
        "edges": ([0, 1, 2], [*numbers((), (2,), (3,)), [2, 1, 0]]),
        "log": (False, FLAG),
        "ax": (None, AXES),
    },
    plotting.plot_bars: {
        "values": ({"a": 1}, mapping("1", [1, 2], np.nan, 0)),
        "log": (True, FLAG),
        "ax": (None, AXES),
    },
    plotting.plot_network: {
        "shapes": ({"a": (1, 2, 3)}, mapping(8, (8, 8), (0, 8, 8), (1, 8, 8.5))),
        "ax": (None, AXES),
    },
    plotting.plot_receptive_fields: {
        "image": (IMAGE, numbers((7,), (0, 4))),
        "sizes": ({"a": 3}, mapping("3", 0, 1.5, (3, 3))),
        "ax": (None, AXES),
    },
    plotting.plot_cone: {
        "layers": ({"a": (3, 1)}, mapping("3", 0, 1.5, (3,), (3, 0), (3, 1, 1))),
        "ax": (None, AXES),
    },
    plotting.plot_mosaic: {
        "centers": ([[0, 0]], [*numbers((2,), (2, 3)), []]),
        "radius": (1, POSITIVE),
        "ax": (None, AXES),
    },
    plotting.plot_sliding_sum: {**SLIDING, "step": (0, [*NO_INTEGER, 49, -50])},
    plotting.animate_sliding_sum: {
        "image": ([[1, 2]], SLIDING["image"][1]),
        "kernel": ([[1]], SLIDING["kernel"][1]),
        "stride": SLIDING["stride"],
        "padding": SLIDING["padding"],
        "seconds": (1, [*POSITIVE, 0.001, 1000]),
    },
}
UNCHECKED = {"xlabel", "ylabel"}  # passed on to matplotlib
TEXT = {"xlabel": "x", "ylabel": "y"}


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name != "self"]


CASES = [(function, name) for function, contract in CONTRACT.items() for name in contract]


@pytest.mark.parametrize(
    ("function", "name"), CASES, ids=[f"{function.__qualname__}-{name}" for function, name in CASES]
)
def test_error_for_wrong_values_names_the_argument(function, name):
    good = {other: value for other, (value, _) in CONTRACT[function].items() if value is not None}
    good |= {label: TEXT[label] for label in UNCHECKED & {*parameters(function)}}
    for wrong in CONTRACT[function][name][1]:
        with pytest.raises((TypeError, ValueError), match=rf"`[^`]*\b{name}\b[^`]*` must "):
            function(**{**good, name: wrong})


MADE = (convtools.GaborFit, convtools.ReceptiveField, plotting.Animation)  # by the package


@pytest.mark.parametrize("module", [convtools, plotting])
def test_every_argument_of_every_public_function_is_listed(module):
    functions = [getattr(module, name) for name in module.__all__]
    for function in functions:
        if callable(function) and function not in MADE:
            missing = {*parameters(function)} - UNCHECKED - {*CONTRACT.get(function, {})}
            assert not missing, f"{function.__name__}: {missing}"


@pytest.mark.parametrize(
    "function",
    CONTRACT.keys() - {convtools.fetch_stringer, convtools.load_stringer},  # see test_data.py
    ids=lambda function: function.__qualname__,
)
def test_good_values_are_accepted(function):
    good = {name: value for name, (value, _) in CONTRACT[function].items()}
    function(**good, **{label: TEXT[label] for label in UNCHECKED & {*parameters(function)}})
