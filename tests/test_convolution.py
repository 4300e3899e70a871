"""The sliding sum: against worked examples, SciPy and PyTorch."""

from contextlib import nullcontext as does_not_raise
from inspect import signature

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from torch.nn import functional

from convtools import (
    conv2d,
    convolve2d,
    correlate2d,
    filters,
    grating,
    output_size,
)

raises = pytest.raises
# PyTorch says that "same" copies the image where the kernel is even.
even_same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

# Dumoulin & Visin, A guide to convolution arithmetic (arXiv:1603.07285), Figure 1.1
GUIDE_IMAGE = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
GUIDE_KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]


def same(ours, theirs, tolerance=1e-9):
    """Whether two arrays have one shape and then, since `allclose` broadcasts, one content."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=0, atol=tolerance)


def in_batch(image):
    return np.asarray(image)[None, None]


def random_arrays(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


@st.composite
def sliding(draw):
    """An image, a kernel that fits, a stride and a padding."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    padding, stride = draw(st.integers(0, 3)), draw(st.integers(1, 4))
    side = [draw(st.integers(1, size + 2 * padding)) for size in shape]
    image, kernel = random_arrays(shape, side, seed=draw(st.integers(0, 99)))
    return image, kernel, {"stride": stride, "padding": padding}


# The loops ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[12, 12, 17], [10, 17, 19], [9, 6, 14]]),  # Figure 1.1
        ({"stride": 2, "padding": 1}, [[6, 17, 3], [8, 17, 13], [6, 4, 4]]),  # Figure 1.2
    ],
)
def test_sum_is_that_of_the_guide_to_convolution_arithmetic(options, expected):
    # the kernel is not symmetric: a flipped one gives other numbers
    assert correlate2d(GUIDE_IMAGE, GUIDE_KERNEL, **options).tolist() == expected
    flipped = [row[::-1] for row in GUIDE_KERNEL[::-1]]
    assert convolve2d(GUIDE_IMAGE, flipped, **options).tolist() == expected
    batch = conv2d(in_batch(GUIDE_IMAGE), in_batch(GUIDE_KERNEL), **options)
    assert same(batch, in_batch(expected))
    assert not same(correlate2d(GUIDE_IMAGE, flipped, **options), expected)


def test_correlating_an_impulse_turns_the_kernel_and_convolving_does_not():
    impulse, kernel = np.zeros((5, 5), int), np.arange(1, 10).reshape(3, 3)
    impulse[2, 2] = 1
    assert correlate2d(impulse, kernel).tolist() == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
    assert convolve2d(impulse, kernel).tolist() == kernel.tolist()


@given(sliding())
def test_loops_agree_with_torch(example):
    image, kernel, options = example
    theirs = functional.conv2d(*map(torch.from_numpy, map(in_batch, (image, kernel))), **options)
    assert same(correlate2d(image, kernel, **options), theirs[0, 0])


@given(sliding())
def test_loops_agree_with_scipy(example):
    image, kernel, options = example
    stride, padding = options.values()
    padded = np.pad(image, padding)
    for ours, theirs in ((correlate2d, signal.correlate2d), (convolve2d, signal.convolve2d)):
        expected = theirs(padded, kernel, mode="valid")[::stride, ::stride]
        assert same(ours(image, kernel, **options), expected)


@given(sliding())
def test_convolving_is_correlating_with_the_flipped_kernel(example):
    image, kernel, options = example
    flipped = kernel[::-1, ::-1]
    assert same(convolve2d(image, kernel, **options), correlate2d(image, flipped, **options), 0)


@given(side=st.integers(1, 5), seed=st.integers(0, 99))
def test_full_convolution_commutes(side, seed):
    image, kernel = random_arrays((side, side), (side, side), seed=seed)
    one, other = (convolve2d(*two, padding=side - 1) for two in ((image, kernel), (kernel, image)))
    assert same(one, other)


def test_integers_stay_exact():
    image, kernel = np.full((4, 4), 255, np.uint8), np.full((2, 2), 255, np.uint8)
    for slide in (correlate2d, convolve2d):
        output = slide(image, kernel)
        assert output.dtype == np.int64
        assert (output == 4 * 255**2).all()


def test_loops_keep_the_precision_of_floats():
    image, kernel = np.ones((4, 4), np.float32), np.ones((2, 2), np.float32)
    assert correlate2d(image, kernel).dtype == np.float32


def test_inputs_are_left_alone():
    image, kernel = random_arrays((6, 6), (3, 3))
    before = image.copy(), kernel.copy()
    for slide in (correlate2d, convolve2d):
        slide(image, kernel, padding=1)
    conv2d(in_batch(image), in_batch(kernel), padding=1)
    assert same(image, before[0], 0)
    assert same(kernel, before[1], 0)


# Batches: conv2d ------------------------------------------------------------------------------


@even_same
@pytest.mark.parametrize("direct", [0, 1000], ids=["fourier", "patches"])
@pytest.mark.parametrize("seed", range(90))
def test_conv2d_agrees_with_torch(seed, direct, monkeypatch):
    """In values and shapes, and in which kernels do not fit; both ways, whatever the kernel."""
    monkeypatch.setattr("convtools.convolution.LARGEST_DIRECT", direct)
    rng = np.random.default_rng(seed)

    def number_or_pair(least, most):
        numbers = rng.integers(least, most + 1, size=rng.integers(1, 3)).tolist()
        return numbers[0] if len(numbers) == 1 else tuple(numbers)

    padding = ["valid", "same", number_or_pair(0, 4)][seed % 3]
    groups, n, per_group_in, per_group_out = rng.integers(1, 4, size=4).tolist()
    image, kernel = rng.integers(5, 16, size=2), rng.integers(1, 10, size=2)
    x = rng.standard_normal((n, groups * per_group_in, *image))
    weight = rng.standard_normal((groups * per_group_out, per_group_in, *kernel))
    bias = rng.standard_normal(len(weight)) if rng.integers(2) else None
    options = {
        "padding": padding,
        "stride": 1 if padding == "same" else number_or_pair(1, 3),
        "dilation": number_or_pair(1, 2),
        "groups": groups,
    }
    tensors = [None if values is None else torch.from_numpy(values) for values in (x, weight, bias)]
    try:
        theirs = functional.conv2d(*tensors, **options)
    except RuntimeError:
        with pytest.raises(ValueError, match="`kernel` must fit into the padded image, got"):
            conv2d(x, weight, bias, **options)
    else:
        assert same(conv2d(x, weight, bias, **options), theirs)


@pytest.mark.parametrize(
    ("side", "stride", "way"),
    [
        (7, 1, "_through_patches"),
        (8, 1, "_through_fourier"),
        (11, 1, "_through_fourier"),
        (11, 4, "_through_patches"),  # of few places
    ],
)
def test_kernels_take_the_way_that_suits_their_size_and_stride(side, stride, way, monkeypatch):
    ways = []
    for name in ("_through_patches", "_through_fourier"):
        monkeypatch.setattr(f"convtools.convolution.{name}", lambda x, *_, n=name: ways.append(n))
    conv2d(np.ones((1, 1, 40, 40)), np.ones((1, 1, side, side)), stride=stride)
    assert ways == [way]


@pytest.mark.parametrize("side", [3, 9])
@pytest.mark.parametrize(
    ("images", "weights", "expected"),
    [
        (np.float32, np.float32, np.float32),
        (np.float32, np.float64, np.float64),
        (np.uint8, np.int64, np.float64),
    ],
)
def test_conv2d_keeps_the_precision_of_its_inputs(side, images, weights, expected):
    x, weight = np.full((1, 1, 12, 12), 255, images), np.full((1, 1, side, side), 2, weights)
    output = conv2d(x, weight, [1])
    assert output.dtype == expected
    np.testing.assert_allclose(output, 510 * side**2 + 1, rtol=1e-6)


@pytest.mark.parametrize("side", [5, 8])
def test_conv2d_takes_tensors_with_gradients(side):
    layer = torch.nn.Conv2d(2, 4, side, padding=2)
    x = torch.randn(3, 2, 9, 10, generator=torch.Generator().manual_seed(0))
    ours = conv2d(x, layer.weight, layer.bias, padding=2)
    assert same(ours, layer(x).detach(), 1e-5)


@even_same
@pytest.mark.parametrize("kernel", [(4, 6), (3, 2), (8, 8)])
def test_same_agrees_with_scipy_for_even_kernels(kernel):
    # the extra row or column of zeros comes last
    image, weight = random_arrays((9, 10), kernel)
    expected = signal.correlate2d(image, weight, mode="same")
    assert same(conv2d(in_batch(image), in_batch(weight), padding="same"), in_batch(expected))


def test_same_differs_from_numpy_for_even_kernels():
    row, weight = random_arrays((1, 9), (1, 4))
    ours = conv2d(in_batch(row), in_batch(weight), padding="same")[0, 0, 0]
    assert ours.shape == (9,)
    assert same(ours[:-1], np.correlate(row[0], weight[0], mode="same")[1:])


@given(down=st.integers(-4, 4), right=st.integers(-4, 4), side=st.sampled_from([3, 8]))
def test_a_shifted_image_gives_a_shifted_output(down, right, side):
    x, weight = random_arrays((1, 1, 24, 26), (2, 1, side, side))
    shifted = conv2d(np.roll(x, (down, right), axis=(2, 3)), weight)
    expected = np.roll(conv2d(x, weight), (down, right), axis=(2, 3))
    assert same(shifted[:, :, 4:-4, 4:-4], expected[:, :, 4:-4, 4:-4])


@pytest.mark.parametrize("side", [3, 8])
def test_conv2d_is_linear_in_images_and_weights(side):
    x, y, weight = random_arrays((2, 2, 12, 12), (2, 2, 12, 12), (3, 2, side, side))
    assert same(conv2d(2 * x - y, weight), 2 * conv2d(x, weight) - conv2d(y, weight))
    assert same(conv2d(x, -3 * weight), -3 * conv2d(x, weight))


# What the tutorial's layer computes -----------------------------------------------------------


def test_zero_padding_frames_a_uniform_image():
    # 0 inside; at the border up to 1.359 in channels 0 and 1, .895 and 1.395 in the others
    answers = np.abs(conv2d(np.full((1, 1, 48, 64), 0.5), filters(), padding=3))
    borders = [1.359, 1.359, 0.895, 1.395, 0.895, 1.395]
    np.testing.assert_allclose(answers.max(axis=(0, 2, 3)), borders, atol=5e-4)
    assert answers[:, :, 3:-3, 3:-3].max() < 1e-6


def test_flipping_negates_odd_channels_and_leaves_round_ones():
    # over grating(0), padded by 3, the two differ by up to 3.88
    x, bank = grating(0)[None, None].double(), filters().double()
    correlated, convolved = (conv2d(x, weights, padding=3) for weights in (bank, bank.flip(2, 3)))
    assert same(convolved[:, :2], correlated[:, :2], 1e-6)
    assert same(convolved[:, 2:], -correlated[:, 2:], 1e-6)
    assert np.abs(correlated - convolved).max() == pytest.approx(3.88, abs=5e-3)


# Output size ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # the tutorial's layer: K = 5 given kernels of 7 × 7, K = 8 with padding K // 2
        ({"size": 48, "kernel": 7, "padding": 3}, 48),
        ({"size": 48, "kernel": 7, "padding": 2}, 46),
        ({"size": 64, "kernel": 7, "padding": 2}, 62),
        ({"size": 48, "kernel": 8, "padding": 4}, 49),
        ({"size": 64, "kernel": 8, "padding": 4}, 65),
        # a remainder is dropped, as PyTorch drops it
        ({"size": 6, "kernel": 3, "stride": 2}, 2),
    ],
)
def test_output_size_of_worked_examples(arguments, expected):
    assert output_size(**arguments) == expected


@given(
    size=st.integers(1, 30),
    kernel=st.integers(1, 9),
    stride=st.integers(1, 5),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 4),
)
def test_output_size_is_the_one_torch_gives_or_refuses(size, kernel, **options):
    try:
        output = functional.conv1d(torch.ones(1, 1, size), torch.ones(1, 1, kernel), **options)
    except RuntimeError:
        with pytest.raises(ValueError, match="`kernel` must fit into the padded image"):
            output_size(size, kernel, **options)
    else:
        assert output_size(size, kernel, **options) == output.shape[-1]


# Good and bad input ---------------------------------------------------------------------------

ONES, SQUARE = np.ones((4, 5)), np.ones((3, 3))
X, WEIGHT = np.ones((1, 4, 6, 7)), np.ones((6, 4, 3, 3))
INTEGER = "must be an integer of at least"


def replace(function, arguments):
    """Call `function` with good values for all but the arguments given."""
    good = {
        output_size: {"size": 9, "kernel": 3},
        correlate2d: {"image": ONES, "kernel": SQUARE},
        convolve2d: {"image": ONES, "kernel": SQUARE},
        conv2d: {"x": X, "weight": WEIGHT},
    }
    return lambda: function(**(good[function] | arguments))


def number_rows(function):
    """What holds for each argument that is a number: integers, and not too small."""
    names = {"size": 1, "kernel": 1, "stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    arrays = set() if function is output_size else {"kernel"}
    return [
        (
            replace(function, {name: wrong}),
            raises(error, match=f"`{name}` {INTEGER} {names[name]}, got {wrong!r}"),
        )
        for name in signature(function).parameters
        if name in names.keys() - arrays
        for wrong, error in [
            (names[name] - 1, ValueError),
            (1.5, TypeError),
            (None, TypeError),
            (True, TypeError),
            (np.nan, TypeError),
        ]
    ]


def array_rows(function, name, axes, good):
    """What holds for each argument that is an array."""
    numbers = [
        (np.ones(7), ValueError, f"must have shape {axes}, got (7,)"),
        (np.ones((*good.shape, 1)), ValueError, f"must have shape {axes}, got {(*good.shape, 1)}"),
        (good[:0], ValueError, f"must not be empty, got shape {good[:0].shape}"),
        (good * np.nan, ValueError, "must hold finite numbers, got NaN or infinity"),
        (good + np.inf, ValueError, "must hold finite numbers, got NaN or infinity"),
        (good + 1j, TypeError, "must hold real numbers, got a ndarray"),
        ("pixels", TypeError, "must hold real numbers, got 'pixels'"),
        (None, TypeError, "must hold real numbers, got None"),
        ([[1, 2], [3]], ValueError, "must be an array, got rows of unequal length"),
    ]
    for wrong, error, text in numbers:
        for character in "()[]":
            text = text.replace(character, f"\\{character}")
        yield replace(function, {name: wrong}), raises(error, match=f"`{name}` {text}")


FIT = "`kernel` must fit into the padded image, got a kernel that spans"
INPUTS = [
    *number_rows(output_size),
    *number_rows(correlate2d),
    *number_rows(convolve2d),
    *number_rows(conv2d),
    *array_rows(correlate2d, "image", "(H, W)", ONES),
    *array_rows(correlate2d, "kernel", "(kH, kW)", SQUARE),
    *array_rows(convolve2d, "image", "(H, W)", ONES),
    *array_rows(convolve2d, "kernel", "(kH, kW)", SQUARE),
    *array_rows(conv2d, "x", "(N, C_in, H, W)", X),
    *array_rows(conv2d, "weight", "(C_out, C_in/groups, kH, kW)", WEIGHT),
    (lambda: output_size(np.int64(9), torch.tensor(9)), does_not_raise()),
    (lambda: output_size(9, 10), raises(ValueError, match=f"{FIT} 10 pixels and 9 padded")),
    (
        lambda: output_size(9, 5, dilation=3, padding=1),
        raises(ValueError, match=f"{FIT} 13 pixels and 11 padded"),
    ),
    (lambda: correlate2d([[True]], ((2,),), stride=np.int64(3)), does_not_raise()),
    (
        lambda: correlate2d(ONES, np.ones((5, 5))),
        raises(ValueError, match=f"{FIT} 5 pixels and 4 padded"),
    ),
    (
        lambda: convolve2d(ONES, np.ones((1, 8)), padding=1),
        raises(ValueError, match=f"{FIT} 8 pixels and 7 padded"),
    ),
    (lambda: conv2d(X, WEIGHT, np.ones(6), stride=[1, 2], padding="valid"), does_not_raise()),
    (lambda: conv2d(X, WEIGHT[:4, :1], groups=4, padding="same"), does_not_raise()),
    (
        lambda: conv2d(X, np.ones((6, 4, 7, 7))),
        raises(ValueError, match=f"{FIT} 7 pixels and 6 padded"),
    ),
    (
        lambda: conv2d(X, WEIGHT[:, :3]),
        raises(ValueError, match=r"`weight` must have shape \(C_out, 4, kH, kW\).*, got \(6, 3, "),
    ),
    (
        lambda: conv2d(X, WEIGHT, groups=2),
        raises(ValueError, match=r"`weight` must have shape \(C_out, 2, kH, kW\).*, got \(6, 4, "),
    ),
    (
        lambda: conv2d(X, WEIGHT, groups=3),
        raises(ValueError, match="`groups` must divide the input and output channels, got 3"),
    ),
    (
        lambda: conv2d(X, WEIGHT[:, :1], groups=4),
        raises(ValueError, match="`groups` must divide .* channels, got 4 groups for 4 .* 6 out"),
    ),
    (
        lambda: conv2d(X, WEIGHT, np.ones(5)),
        raises(ValueError, match=r"`bias` must have shape \(6,\), got \(5,\)"),
    ),
    (
        lambda: conv2d(X, WEIGHT, 1.0),
        raises(ValueError, match=r"`bias` must have shape \(C_out,\), got \(\)"),
    ),
    (
        lambda: conv2d(X, WEIGHT, np.full(6, np.nan)),
        raises(ValueError, match="`bias` must hold finite numbers, got NaN"),
    ),
    (
        lambda: conv2d(X, WEIGHT, "none"),
        raises(TypeError, match="`bias` must hold real numbers, got 'none'"),
    ),
    (
        lambda: conv2d(X, WEIGHT, stride=(1, 0)),
        raises(ValueError, match=f"`stride` {INTEGER} 1, got 0"),
    ),
    (
        lambda: conv2d(X, WEIGHT, stride=(1, 2, 3)),
        raises(ValueError, match=r"`stride` must be an integer or a pair .*, got \(1, 2, 3\)"),
    ),
    (
        lambda: conv2d(X, WEIGHT, dilation=()),
        raises(ValueError, match=r"`dilation` must be an integer or a pair .*, got \(\)"),
    ),
    (
        lambda: conv2d(X, WEIGHT, padding=(0, -1)),
        raises(ValueError, match=f"`padding` {INTEGER} 0, got -1"),
    ),
    (
        lambda: conv2d(X, WEIGHT, padding="full"),
        raises(ValueError, match="`padding` must be one of valid, same, got 'full'"),
    ),
    (
        lambda: conv2d(X, WEIGHT, padding="same", stride=2),
        raises(ValueError, match=r"`stride` must be 1 with `padding=\"same\"`, got \(2, 2\)"),
    ),
]


@pytest.mark.parametrize(("call", "expectation"), INPUTS)
def test_input(call, expectation):
    with expectation:
        call()


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": np.ones((6, 4, 9, 3))},
        {"weight": np.ones((6, 3, 3, 3))},
        {"bias": np.ones(5)},
        {"groups": 3},
        {"groups": 0},
        {"stride": 0},
        {"dilation": 0},
        {"padding": -1},
        {"padding": "full"},
        {"padding": "same", "stride": 2},
    ],
)
def test_conv2d_refuses_what_torch_refuses(wrong):
    arguments = {"x": X, "weight": WEIGHT, "bias": np.ones(6)} | wrong
    with pytest.raises(ValueError, match="must"):
        conv2d(**arguments)
    arrays = [torch.from_numpy(arguments.pop(name)) for name in ("x", "weight", "bias")]
    with pytest.raises((RuntimeError, ValueError)):
        functional.conv2d(*arrays, **arguments)


def test_large_numbers_do_not_wrap_around():
    with pytest.raises(ValueError, match=r"`image` must hold numbers below 2\*\*63, got 9223"):
        correlate2d(np.array([[2**63]], np.uint64), [[1]])
    for image, kernel in [([[2**62]], [[4]]), ([[2**62, 2**62]], [[2, 2]]), ([[-(2**63)]], [[-1]])]:
        with pytest.raises(
            ValueError, match=r"sums of products below 2\*\*63, got up to [0-9]{19}"
        ):
            correlate2d(image, kernel)
    assert correlate2d([[2.0**62]], [[4]]) == 2.0**64
    assert correlate2d([[2**61, 2**61]], [[1, 1]]) == 2**62


def test_tensor_of_low_precision_is_taken_and_a_sparse_one_is_refused_by_name():
    x = torch.ones(1, 1, 3, 3)
    assert conv2d(x.bfloat16(), torch.ones(1, 1, 3, 3)).item() == 9
    with pytest.raises(TypeError, match="`weight` must be an array"):
        conv2d(x, torch.ones(1, 1, 3, 3).to_sparse())


def test_bias_counts_for_the_precision():
    ones = np.ones((1, 1, 3, 3), np.float32)
    assert conv2d(ones, ones, np.ones(1)).dtype == np.float64
