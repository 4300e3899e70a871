from contextlib import nullcontext as does_not_raise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import correlate
from torch.nn.functional import conv2d, relu
from torch.testing import assert_close

from convtools import (
    ComplexCells,
    ConvolutionalLayer,
    SimpleCells,
    filters,
    gabor,
    grating,
    quadrature_pair,
)

PAIR = quadrature_pair(9, wavelength=6, orientation=30)
MODULES = {
    "ConvolutionalLayer": lambda: ConvolutionalLayer(filters=filters()),
    "SimpleCells": lambda: SimpleCells(PAIR),
    "ComplexCells": lambda: ComplexCells(PAIR[None]),
}
every_module = pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)


def noise(*shape, seed=0, grad=False):
    values = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return values.requires_grad_(grad)


def gradients(output, *inputs):
    """Gradients of a loss that weighs every output differently."""
    return torch.autograd.grad((output * noise(*output.shape, seed=9)).sum(), inputs)


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


def test_layer_correlates_as_scipy_does_and_sums_over_input_channels():
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


def test_layer_learns_300_numbers():
    layer = ConvolutionalLayer(filters=filters())
    learned = [p for p in layer.parameters() if p.requires_grad and p.is_leaf]
    assert sum(p.numel() for p in learned) == 300


def test_layer_of_float64_filters_answers_to_float64_images():
    layer = ConvolutionalLayer(filters=filters().double())
    assert layer(grating(0).double()[None, None]).dtype == torch.float64


# Simple and complex cells --------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0, 0.3, -0.3])
def test_simple_cells_are_a_rectified_convolution_in_values_and_gradients(threshold):
    images = noise(2, 1, 12, 10, grad=True)
    ours = SimpleCells(PAIR, threshold=threshold)(images)
    theirs = relu(conv2d(images, PAIR[:, None], padding=4) - threshold)
    assert_close(ours, theirs)
    assert_close(gradients(ours, images), gradients(theirs, images))


def test_simple_cell_answers_to_one_sign_of_contrast_only():
    cell = SimpleCells(torch.ones(1, 1, 1))
    image = torch.tensor([[[[-2.0, 0.0, 3.0]]]])
    assert cell(image).tolist() == [[[[0.0, 0.0, 3.0]]]]
    assert cell(-image).tolist() == [[[[2.0, 0.0, 0.0]]]]


def test_threshold_is_subtracted_before_rectification():
    cell = SimpleCells(torch.ones(1, 1, 1), threshold=1)
    assert cell(torch.tensor([[[[0.5, 1.0, 3.0]]]])).tolist() == [[[[0.0, 0.0, 2.0]]]]


def test_complex_cells_are_the_root_of_the_energy_in_values_and_gradients():
    pairs = torch.stack([PAIR, quadrature_pair(9, wavelength=5, orientation=100)])
    images = noise(2, 1, 12, 10, grad=True)
    ours = ComplexCells(pairs)(images)
    even = conv2d(images, pairs[:, :1], padding=4)
    odd = conv2d(images, pairs[:, 1:], padding=4)
    theirs = torch.sqrt(even**2 + odd**2)
    assert ours.shape == (2, 2, 12, 10)
    assert_close(ours, theirs)
    assert_close(gradients(ours, images), gradients(theirs, images))


def test_complex_cells_have_a_gradient_of_zero_where_they_are_silent():
    images = torch.zeros(1, 1, 12, 10, requires_grad=True)
    (gradient,) = gradients(ComplexCells(PAIR[None])(images), images)
    assert torch.equal(gradient, torch.zeros_like(images))


def test_complex_cell_answers_to_both_signs_of_contrast():
    cell, image = ComplexCells(PAIR[None]), noise(1, 1, 12, 10)
    assert_close(cell(image), cell(-image))


@pytest.mark.parametrize("cells", [SimpleCells(PAIR), ComplexCells(PAIR[None])])
def test_cells_are_not_trained(cells):
    assert list(cells.parameters()) == []


# All modules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (lambda w: ConvolutionalLayer(filters=w).conv.weight, filters()),
        (lambda w: SimpleCells(w).kernels, PAIR),
        (lambda w: ComplexCells(w).pairs, PAIR[None]),
    ],
    ids=MODULES,
)
def test_weights_are_copied(make, weights):
    given_weights = weights.clone()
    held = make(given_weights)
    given_weights.zero_()
    assert torch.equal(held, weights)


@every_module
def test_output_has_the_size_of_the_input_for_each_image_of_a_batch(make):
    images = noise(3, 1, 13, 17)
    with torch.no_grad():
        batch = make()(images)
        each = torch.cat([make()(image[None]) for image in images])
    assert len(batch) == 3
    assert batch.shape[2:] == (13, 17)
    assert_close(batch, each)


@every_module
def test_state_can_be_saved_and_loaded(make, tmp_path):
    trained, fresh, image = make(), make(), noise(1, 1, 12, 10)
    with torch.no_grad():
        for weights in trained.state_dict().values():
            weights += 0.1
        torch.save(trained.state_dict(), tmp_path / "state.pt")
        assert not torch.equal(trained(image), fresh(image))
        fresh.load_state_dict(torch.load(tmp_path / "state.pt"))
        assert torch.equal(trained(image), fresh(image))


@every_module
def test_when_the_input_shifts_the_output_shifts(make):
    image = torch.zeros(1, 1, 40, 40)
    image[..., 16:24, 16:24] = noise(8, 8)  # far enough from the frame of zeros
    with torch.no_grad():
        output, shifted = make()(image), make()(image.roll((5, -3), (2, 3)))
    assert_close(shifted, output.roll((5, -3), (2, 3)))
    assert not torch.allclose(shifted, output)  # equivariant, not invariant


# Numbers of the tutorial's layer -------------------------------------------------------------


def test_zero_padding_makes_the_layer_answer_to_uniform_light_at_the_border_only():
    with torch.no_grad():
        answers = ConvolutionalLayer(filters=filters())(torch.full((1, 1, 48, 64), 0.5))[0].abs()
    border = [1.359, 1.359, 0.895, 1.395, 0.895, 1.395]
    assert answers.amax((1, 2)).tolist() == pytest.approx(border, abs=5e-4)
    assert answers[:, 3:-3, 3:-3].max() < 1e-6


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


# Good and bad input --------------------------------------------------------------------------


def rejects(name, error=ValueError):
    return pytest.raises(error, match=rf"(?s)^`{name}` must .*, got ")


def with_nan(weights):
    return weights.masked_fill(torch.arange(weights.shape[-1]) == 0, torch.nan)


def show(module, images):
    return lambda: module(images)


LAYER = ConvolutionalLayer()
SIMPLE, COMPLEX = SimpleCells(PAIR), ComplexCells(PAIR[None])
BANK, IMAGE = filters(), torch.zeros(1, 1, 9, 9)


@pytest.mark.parametrize(
    ("call", "expectation"),
    [
        (lambda: ConvolutionalLayer(3, 4, 5), does_not_raise()),
        (lambda: ConvolutionalLayer(np.int64(1), 6, 7, BANK), does_not_raise()),
        (lambda: ConvolutionalLayer(1, 2, 1, torch.ones(2, 1, 1, 1)), does_not_raise()),
        (lambda: ConvolutionalLayer(c_in=0), rejects("c_in")),
        (lambda: ConvolutionalLayer(c_in=1.0), rejects("c_in", TypeError)),
        (lambda: ConvolutionalLayer(c_in=True), rejects("c_in", TypeError)),
        (lambda: ConvolutionalLayer(c_out=-6), rejects("c_out")),
        (lambda: ConvolutionalLayer(c_out="6"), rejects("c_out", TypeError)),
        (lambda: ConvolutionalLayer(K=8), rejects("K")),
        (lambda: ConvolutionalLayer(K=-7), rejects("K")),
        (lambda: ConvolutionalLayer(K=7.0), rejects("K", TypeError)),
        (lambda: ConvolutionalLayer(K=(7, 7)), rejects("K", TypeError)),
        (lambda: ConvolutionalLayer(filters=BANK.numpy()), rejects("filters", TypeError)),
        (lambda: ConvolutionalLayer(filters=BANK.long()), rejects("filters", TypeError)),
        (lambda: ConvolutionalLayer(filters=BANK + 0j), rejects("filters", TypeError)),
        (lambda: ConvolutionalLayer(filters=BANK[:, 0]), rejects("filters")),
        (lambda: ConvolutionalLayer(filters=with_nan(BANK)), rejects("filters")),
        (lambda: ConvolutionalLayer(K=5, filters=BANK), rejects("filters")),
        (lambda: ConvolutionalLayer(c_out=4, filters=BANK), rejects("filters")),
        (lambda: ConvolutionalLayer(c_in=3, filters=BANK), rejects("filters")),
        (show(LAYER, IMAGE), does_not_raise()),
        (show(LAYER, IMAGE[:0]), does_not_raise()),
        (show(LAYER, IMAGE.numpy()), rejects("s", TypeError)),
        (show(LAYER, IMAGE.long()), rejects("s", TypeError)),
        (show(LAYER, IMAGE.double()), rejects("s", TypeError)),
        (show(LAYER, IMAGE[0]), rejects("s")),
        (show(LAYER, torch.zeros(1, 3, 9, 9)), rejects("s")),
        (lambda: SimpleCells(torch.ones(1, 1, 1)), does_not_raise()),
        (lambda: SimpleCells(PAIR, threshold=np.float32(-0.1)), does_not_raise()),
        (lambda: SimpleCells(PAIR.numpy()), rejects("kernels", TypeError)),
        (lambda: SimpleCells(PAIR.long()), rejects("kernels", TypeError)),
        (lambda: SimpleCells(PAIR[0]), rejects("kernels")),
        (lambda: SimpleCells(PAIR[None]), rejects("kernels")),
        (lambda: SimpleCells(PAIR[:, :7]), rejects("kernels")),
        (lambda: SimpleCells(PAIR[:, :8, :8]), rejects("kernels")),
        (lambda: SimpleCells(PAIR[:0]), rejects("kernels")),
        (lambda: SimpleCells(with_nan(PAIR)), rejects("kernels")),
        (lambda: SimpleCells(PAIR, threshold=np.nan), rejects("threshold")),
        (lambda: SimpleCells(PAIR, threshold=np.inf), rejects("threshold")),
        (lambda: SimpleCells(PAIR, threshold="0"), rejects("threshold", TypeError)),
        (lambda: SimpleCells(PAIR, threshold=torch.ones(2)), rejects("threshold", TypeError)),
        (show(SIMPLE, IMAGE), does_not_raise()),
        (show(SIMPLE, IMAGE.numpy()), rejects("images", TypeError)),
        (show(SIMPLE, IMAGE.double()), rejects("images", TypeError)),
        (show(SIMPLE, IMAGE[0, 0]), rejects("images")),
        (show(SIMPLE, torch.zeros(1, 2, 9, 9)), rejects("images")),
        (lambda: ComplexCells(torch.ones(3, 2, 1, 1)), does_not_raise()),
        (lambda: ComplexCells(PAIR[None].numpy()), rejects("pairs", TypeError)),
        (lambda: ComplexCells(PAIR[None].long()), rejects("pairs", TypeError)),
        (lambda: ComplexCells(PAIR), rejects("pairs")),
        (lambda: ComplexCells(gabor(9, 6, 0)[None, None]), rejects("pairs")),
        (lambda: ComplexCells(PAIR[None, ..., :7]), rejects("pairs")),
        (lambda: ComplexCells(PAIR[None, :, :8, :8]), rejects("pairs")),
        (lambda: ComplexCells(PAIR[None][:0]), rejects("pairs")),
        (lambda: ComplexCells(with_nan(PAIR[None])), rejects("pairs")),
        (show(COMPLEX, IMAGE), does_not_raise()),
        (show(COMPLEX, IMAGE.numpy()), rejects("images", TypeError)),
        (show(COMPLEX, IMAGE.long()), rejects("images", TypeError)),
        (show(COMPLEX, IMAGE[0]), rejects("images")),
        (show(COMPLEX, torch.zeros(1, 2, 9, 9)), rejects("images")),
    ],
)  # fmt: skip
def test_input_is_accepted_or_rejected_by_name(call, expectation):
    with expectation:
        call()


def test_fixed_kernels_do_not_take_gradients_along():
    kernels = torch.ones(1, 3, 3, requires_grad=True)
    assert not SimpleCells(kernels)(torch.ones(1, 1, 5, 5)).requires_grad
    assert not ComplexCells(torch.stack([kernels, kernels], dim=1))(
        torch.ones(1, 1, 5, 5)
    ).requires_grad


def test_images_without_pixels_are_refused_by_name():
    with pytest.raises(ValueError, match=r"`images` must have shape .*, got \(1, 1, 0, 5\)"):
        SimpleCells(torch.ones(1, 3, 3))(torch.ones(1, 1, 0, 5))
