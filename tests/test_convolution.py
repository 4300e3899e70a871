"""The sliding sum agrees with worked examples, SciPy and PyTorch."""

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
)

# PyTorch warns that "same" copies the image if the kernel size is even.
even_same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

# Dumoulin & Visin, A guide to convolution arithmetic (arXiv:1603.07285), Figure 1.1
GUIDE_IMAGE = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
GUIDE_KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]


def same(ours, theirs, tolerance=1e-9):
    """Return whether arrays agree in values, and in shape because `allclose` broadcasts."""
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
def test_sum_agrees_with_the_guide_to_convolution_arithmetic(options, expected):
    # the kernel is not symmetric, so a flipped one gives other numbers
    assert correlate2d(GUIDE_IMAGE, GUIDE_KERNEL, **options).tolist() == expected
    flipped = [row[::-1] for row in GUIDE_KERNEL[::-1]]
    assert convolve2d(GUIDE_IMAGE, flipped, **options).tolist() == expected
    batch = conv2d(in_batch(GUIDE_IMAGE), in_batch(GUIDE_KERNEL), **options)
    assert same(batch, in_batch(expected))
    assert not same(correlate2d(GUIDE_IMAGE, flipped, **options), expected)


def test_correlating_an_impulse_flips_the_kernel_and_convolving_does_not():
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


def test_inputs_are_not_changed():
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
@pytest.mark.parametrize("seed", range(45))
def test_conv2d_agrees_with_torch(seed, direct, monkeypatch):
    """In values, shapes and kernels that do not fit, with both methods for any kernel."""
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
        with pytest.raises(ValueError, match="`weight` must fit into the padded image, got"):
            conv2d(x, weight, bias, **options)
    else:
        assert same(conv2d(x, weight, bias, **options), theirs)


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


KINDS = {
    "arrays": (np.asarray, np.asarray, np.ndarray),
    "tensors": (torch.tensor, torch.tensor, torch.Tensor),
    "an array and a tensor": (np.asarray, torch.tensor, torch.Tensor),
    "a tensor and a list": (torch.tensor, np.ndarray.tolist, torch.Tensor),
}


@pytest.mark.parametrize(("first", "second", "kind"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("slide", [correlate2d, convolve2d, conv2d])
def test_output_has_the_type_of_the_inputs(slide, first, second, kind):
    image, kernel = random_arrays((9, 8), (3, 3))
    expected = slide(*((in_batch(image), kernel) if slide is conv2d else (image, kernel)))
    given_image = first(in_batch(image) if slide is conv2d else image)
    output = slide(given_image, second(kernel), padding=0)
    assert type(output) is kind
    assert same(output, expected)


@pytest.mark.parametrize("slide", [correlate2d, convolve2d, conv2d])
def test_tensors_keep_their_gradients(slide):
    image, kernel = (torch.from_numpy(a).requires_grad_() for a in random_arrays((9, 8), (3, 2)))
    flipped = kernel.flip(0, 1) if slide is convolve2d else kernel
    ours = slide(*((image[None, None], kernel) if slide is conv2d else (image, kernel)), padding=1)
    theirs = functional.conv2d(image[None, None], flipped[None, None], padding=1)
    weighting = torch.from_numpy(random_arrays(ours.shape[-2:])[0])
    gradients = [
        torch.autograd.grad((output * weighting).sum(), (image, kernel))
        for output in (ours, theirs)
    ]
    for our, their in zip(*gradients, strict=True):
        torch.testing.assert_close(our, their)


@pytest.mark.parametrize("shape", [(3, 3), (6, 3, 3), (6, 1, 3, 3)])
def test_conv2d_accepts_one_kernel_or_a_bank(shape):
    images, weight = random_arrays((2, 1, 7, 8), shape)
    assert same(conv2d(images, weight), conv2d(images, weight.reshape(-1, 1, 3, 3)))


def test_fourier_method_is_exact_near_a_distant_bright_pixel():
    image = np.zeros((1, 1, 40, 40), np.float32)
    image[..., 5, 5], image[..., 35, 35] = 1, 1e8
    output = conv2d(image, np.ones((9, 9), np.float32))  # 9 × 9 weights go through the FFT
    assert np.abs(output[0, 0, :6, :6] - 1).max() < 1e-6
    assert np.abs(output[0, 0, 12:20, 12:20]).max() < 1e-6


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


# Rejected arguments ---------------------------------------------------------------------------

X, WEIGHT = np.ones((1, 4, 6, 7)), np.ones((6, 4, 3, 3))


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
def test_conv2d_rejects_what_torch_rejects(wrong):
    arguments = {"images": X, "weight": WEIGHT, "bias": np.ones(6)} | wrong
    with pytest.raises(ValueError, match="must"):
        conv2d(**arguments)
    arrays = [torch.from_numpy(arguments.pop(name)) for name in ("images", "weight", "bias")]
    with pytest.raises((RuntimeError, ValueError)):
        functional.conv2d(*arrays, **arguments)


def test_sums_of_integers_that_could_overflow_are_rejected():
    for image, kernel in [([[2**62]], [[4]]), ([[2**62, 2**62]], [[2, 2]]), ([[-(2**63)]], [[-1]])]:
        for make in (np.array, torch.tensor):
            with pytest.raises(
                ValueError, match=r"sums of products below 2\*\*63, got up to \d{19}"
            ):
                correlate2d(make(image), make(kernel))
    assert correlate2d([[2.0**62]], [[4]]) == 2.0**64
    assert correlate2d([[2**61, 2**61]], [[1, 1]]) == 2**62


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_conv2d_of_integers_does_not_overflow(make):
    images, weight = make([[[[2**62, 2**62]]]]), make([[[[2, 2]]]])
    assert conv2d(images, weight).item() == 2.0**64


def test_error_has_the_size_of_a_dilated_kernel():
    with pytest.raises(ValueError, match=r"`weight` must fit .* 7 pixels and 6 padded"):
        conv2d(X, WEIGHT, dilation=3)


def test_error_lists_the_padding_options_and_the_channels_of_a_group():
    with pytest.raises(
        ValueError, match=r"`stride` must be 1 with `padding=\"same\"`, got \(2, 2\)"
    ):
        conv2d(X, WEIGHT, padding="same", stride=2)
    with pytest.raises(ValueError, match=r"`weight` must have shape \(C_out, 2, kH, kW\)"):
        conv2d(X, WEIGHT, groups=2)
