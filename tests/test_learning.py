import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch

from convtools import learn_filters, natural_image, whiten

RNG = np.random.default_rng(1)
SOURCES = RNG.laplace(size=(5000, 4))
MIXING = RNG.standard_normal((4, 4))


def photograph_patches(n, size, seed=0):
    image = natural_image((300, 256)).numpy().astype(float)
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size)).reshape(-1, size, size)
    return np.random.default_rng(seed).choice(windows, n, replace=False)


def rows(patches):
    return patches.reshape(len(patches), -1)


# Whitening -------------------------------------------------------------------------------------


def test_whitened_pixels_are_uncorrelated_with_variance_1():
    whitened, _ = whiten(photograph_patches(2000, 6))
    assert whitened.shape == (2000, 6, 6)
    np.testing.assert_allclose(np.cov(rows(whitened).T, bias=True), np.eye(36), atol=1e-6)


def test_whitening_filters_give_the_whitened_patches():
    patches = photograph_patches(500, 5)
    whitened, filters = whiten(patches)
    assert filters.shape == (5, 5, 5, 5)
    by_hand = np.einsum("ijkl,nkl->nij", filters, patches - patches.mean(axis=0))
    np.testing.assert_allclose(whitened, by_hand, atol=1e-8)


def test_whitening_is_the_symmetric_root_of_the_inverse_covariance():
    patches = photograph_patches(2000, 4)
    _, filters = whiten(patches)
    matrix = filters.reshape(16, 16)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-8)
    precision = np.linalg.inv(np.cov(rows(patches).T, bias=True))
    np.testing.assert_allclose(matrix @ matrix, precision, rtol=1e-6, atol=1e-6 * precision.max())


def test_whitening_filter_of_the_photograph_is_centre_surround():
    _, filters = whiten(photograph_patches(20_000, 11))
    center = filters[5, 5]
    assert np.unravel_index(center.argmax(), center.shape) == (5, 5)
    assert max(center[4, 5], center[6, 5], center[5, 4], center[5, 6]) < 0
    surround = center.sum() - center[5, 5]
    assert (
        -1.1 * center[5, 5] < surround < -0.9 * center[5, 5]
    )  # hardly any response to uniform light


def test_fewer_components_leave_as_many_directions():
    whitened, _ = whiten(photograph_patches(1000, 5), 7)
    variances = np.linalg.eigvalsh(np.cov(rows(whitened).T, bias=True))
    np.testing.assert_allclose(variances, [0] * 18 + [1] * 7, atol=1e-8)


def test_components_that_do_not_vary_are_left_out():
    patches = photograph_patches(1000, 4)
    patches -= patches.mean(axis=(1, 2), keepdims=True)  # the mean of all pixels is 0
    whitened, _ = whiten(patches)
    assert np.linalg.matrix_rank(rows(whitened)) == 15
    with pytest.raises(ValueError, match="`n_components` must be at most 15"):
        whiten(patches, 16)


# Independent components ------------------------------------------------------------------------


def test_sources_are_found_up_to_order_sign_and_scale():
    patches = (SOURCES @ MIXING).reshape(-1, 2, 2)
    filters = learn_filters(patches, seed=0)
    found = rows(patches - patches.mean(axis=0)) @ rows(filters).T
    match = np.abs(np.corrcoef(SOURCES.T, found.T)[:4, 4:])
    np.testing.assert_allclose(np.sort(match.max(axis=0)), 1, atol=0.005)
    assert sorted(match.argmax(axis=0)) == [0, 1, 2, 3]


def test_responses_are_uncorrelated_with_variance_1():
    patches = photograph_patches(3000, 6)
    filters = learn_filters(patches, 10, seed=0)
    assert filters.shape == (10, 6, 6)
    responses = rows(patches - patches.mean(axis=0)) @ rows(filters).T
    np.testing.assert_allclose(np.cov(responses.T, bias=True), np.eye(10), atol=1e-6)


def test_responses_are_sparser_than_those_to_principal_components():
    patches = photograph_patches(5000, 8)
    centred = rows(patches - patches.mean(axis=0))
    responses = centred @ rows(learn_filters(patches, 30, seed=0)).T
    principal = centred @ np.linalg.svd(centred, full_matrices=False)[2][:30].T

    def kurtosis(x):
        z = (x - x.mean(axis=0)) / x.std(axis=0)
        return (z**4).mean(axis=0).mean() - 3

    assert kurtosis(responses) > 1.5 * kurtosis(principal)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_seed_gives_the_same_filters_twice(kind):
    patches = (SOURCES @ MIXING).reshape(-1, 2, 2).astype(kind)
    first, second = (learn_filters(patches, seed=3) for _ in range(2))
    assert first.dtype == kind
    np.testing.assert_array_equal(first, second)


def test_filters_do_not_depend_on_the_basis_of_equal_variances():
    """The components of whitened patches are arbitrary, and so are the signs of any component."""
    whitened, _ = whiten(photograph_patches(5000, 8), 20)
    disturbed = whitened * (1 + 1e-12 * RNG.standard_normal(whitened.shape))
    first, second = (learn_filters(patches, 20, seed=0) for patches in (whitened, disturbed))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_generator_moves_on():
    generator = np.random.default_rng(3)
    patches = photograph_patches(2000, 5)
    first, second = (learn_filters(patches, 8, seed=generator) for _ in range(2))
    assert not np.allclose(first, second)


def test_gaussian_noise_has_no_independent_components():
    noise = RNG.standard_normal((2000, 5, 5))
    with pytest.warns(RuntimeWarning, match="still change after 5 iterations"):
        learn_filters(noise, seed=0, max_iter=5)


def test_components_of_the_photograph_are_found_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learn_filters(photograph_patches(5000, 8), 20, seed=0)


# Both ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [whiten, lambda patches: learn_filters(patches, seed=0)])
def test_tensors_give_tensors_with_the_same_numbers(function):
    patches = (SOURCES @ MIXING).reshape(-1, 2, 2).astype(np.float32)
    arrays, tensors = function(patches), function(torch.from_numpy(patches))
    if not isinstance(arrays, tuple):
        arrays, tensors = [arrays], [tensors]
    for array, tensor in zip(arrays, tensors, strict=True):
        assert isinstance(array, np.ndarray)
        assert isinstance(tensor, torch.Tensor)
        assert tensor.dtype == torch.float32
        np.testing.assert_allclose(tensor, array, atol=1e-4)


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_shown_if_asked_for(progress, capsys):
    learn_filters((SOURCES @ MIXING).reshape(-1, 2, 2), seed=0, progress=progress)
    captured = capsys.readouterr()
    assert ("it/s" in captured.err) == progress
    assert captured.out == ""


def test_progress_can_be_silenced_from_outside():
    code = "import convtools; convtools.learn_filters([[[0, 1]], [[1, 3]], [[2, 0]]], seed=0"
    run = [sys.executable, "-c", f"{code}, max_iter=1000, progress=True)"]
    quiet = subprocess.run(
        run, env={**os.environ, "TQDM_DISABLE": "1"}, capture_output=True, text=True, check=True
    )
    assert (quiet.stdout, quiet.stderr) == ("", "")
