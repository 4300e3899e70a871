"""Layers of simple and complex cells agree with their formulas in values and gradients."""

import pytest
import torch
from torch.nn.functional import conv2d, relu
from torch.testing import assert_close

from convtools import (
    ComplexCells,
    SimpleCells,
    difference_of_gaussians,
    filters,
    gabor,
    quadrature_pair,
)
from helpers.noise import gradients, noise

PAIR = quadrature_pair(wavelength=6, orientation=30, size=9)
MODULES = {
    "SimpleCells": lambda: SimpleCells(PAIR),
    "ComplexCells": lambda: ComplexCells(PAIR),
}
every_module = pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)


# Simple and complex cells --------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0, 0.3, -0.3])
def test_simple_cells_are_a_rectified_convolution_in_values_and_gradients(threshold):
    images = noise(2, 1, 12, 10, grad=True)
    ours = SimpleCells(PAIR, threshold=threshold)(images)
    theirs = relu(conv2d(images, PAIR[:, None], padding=4) - threshold)
    assert_close(ours, theirs)
    assert_close(gradients(ours, images), gradients(theirs, images))


def test_simple_cell_responds_to_only_one_sign_of_contrast():
    cell = SimpleCells(torch.ones(1, 1, 1))
    image = torch.tensor([[[[-2.0, 0.0, 3.0]]]])
    assert cell(image).tolist() == [[[[0.0, 0.0, 3.0]]]]
    assert cell(-image).tolist() == [[[[2.0, 0.0, 0.0]]]]


def test_threshold_is_subtracted_before_rectification():
    cell = SimpleCells(torch.ones(1, 1, 1), threshold=1)
    assert cell(torch.tensor([[[[0.5, 1.0, 3.0]]]])).tolist() == [[[[0.0, 0.0, 2.0]]]]


def test_complex_cells_are_the_root_of_the_energy_in_values_and_gradients():
    pairs = torch.stack([PAIR, quadrature_pair(wavelength=5, orientation=100, size=9)])
    images = noise(2, 1, 12, 10, grad=True)
    ours = ComplexCells(pairs)(images)
    even = conv2d(images, pairs[:, :1], padding=4)
    odd = conv2d(images, pairs[:, 1:], padding=4)
    theirs = torch.sqrt(even**2 + odd**2)
    assert ours.shape == (2, 2, 12, 10)
    assert_close(ours, theirs)
    assert_close(gradients(ours, images), gradients(theirs, images))


def test_complex_cells_have_a_gradient_of_zero_where_their_response_is_zero():
    images = torch.zeros(1, 1, 12, 10, requires_grad=True)
    (gradient,) = gradients(ComplexCells(PAIR)(images), images)
    assert torch.equal(gradient, torch.zeros_like(images))


def test_complex_cell_responds_to_both_signs_of_contrast():
    cell, image = ComplexCells(PAIR), noise(1, 1, 12, 10)
    assert_close(cell(image), cell(-image))


@pytest.mark.parametrize("cells", [SimpleCells(PAIR), ComplexCells(PAIR)])
def test_cells_have_no_trainable_parameters(cells):
    assert list(cells.parameters()) == []


# All modules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (lambda w: SimpleCells(w).kernels[:, 0], PAIR),
        (lambda w: ComplexCells(w).pairs[0], PAIR),
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
def test_shift_of_the_input_shifts_the_output(make):
    image = torch.zeros(1, 1, 40, 40)
    image[..., 16:24, 16:24] = noise(8, 8)  # far enough from the zero padding
    with torch.no_grad():
        output, shifted = make()(image), make()(image.roll((5, -3), (2, 3)))
    assert_close(shifted, output.roll((5, -3), (2, 3)))
    assert not torch.allclose(shifted, output)  # equivariant, not invariant


def test_fixed_kernels_have_no_gradient():
    kernels = torch.ones(1, 3, 3, requires_grad=True)
    assert not SimpleCells(kernels)(torch.ones(1, 1, 5, 5)).requires_grad
    pair = torch.cat([kernels, kernels])
    assert not ComplexCells(pair)(torch.ones(1, 1, 5, 5)).requires_grad


# Banks of kernels ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kernels",
    [
        PAIR[:1], PAIR, PAIR[:, None], PAIR.numpy(), PAIR.double(),
        gabor(6, 30), filters(), difference_of_gaussians(1.0, 1.6),
    ],
    ids=["n = 1", "n", "n, 1", "array", "float64", "a Gabor", "the tutorial's", "a difference"],
)  # fmt: skip
def test_simple_cells_accept_one_kernel_or_a_bank(kernels):
    cells = SimpleCells(kernels)
    expected = torch.as_tensor(kernels).reshape(-1, 1, *kernels.shape[-2:])
    assert torch.equal(cells.kernels, expected)
    images = torch.zeros(1, 1, 12, 10, dtype=expected.dtype)
    assert cells(images).shape == (1, len(expected), 12, 10)


def test_complex_cells_accept_one_pair_or_several():
    one, several = ComplexCells(PAIR), ComplexCells(torch.stack([PAIR, -PAIR]).numpy())
    images = noise(1, 1, 12, 10)
    assert one(images).shape == (1, 1, 12, 10)
    assert_close(several(images), one(images).expand(1, 2, 12, 10))


def test_argument_normalizes_mixed_kernels():
    spot, bar = difference_of_gaussians(1.0, 1.6, size=15), gabor(5, 0, size=15)
    assert bar.norm() > 20 * spot.norm()
    cells = SimpleCells(torch.stack([spot, bar]), norm="l2")
    assert_close(cells.kernels.flatten(1).norm(dim=1), torch.ones(2))
    assert_close(cells.kernels[0, 0], spot / spot.norm())


def test_arrays_become_float32_in_any_memory_layout():
    kernel = gabor(6, 30).numpy().astype(">f8")
    cells = SimpleCells(kernel[::-1, ::-1])
    assert_close(cells.kernels[0, 0], gabor(6, 30).flip(0, 1))
    assert cells(torch.zeros(1, 1, 12, 10)).dtype == torch.float32


def test_list_of_tensors_of_one_shape_is_a_bank_and_others_raise():
    kernels = [gabor(6, 0, size=9), torch.nn.Parameter(gabor(6, 90, size=9))]
    assert_close(SimpleCells(kernels).kernels[:, 0], torch.stack(kernels).detach())
    with pytest.raises(ValueError, match=r"`kernels` must hold tensors of one shape, got .*\(9, 9"):
        SimpleCells([gabor(6, 0, size=9), gabor(6, 90)])


def test_repr_of_cells_has_their_settings():
    assert repr(SimpleCells(PAIR, threshold=0.5)) == "SimpleCells(2, kernel_size=9, threshold=0.5)"
