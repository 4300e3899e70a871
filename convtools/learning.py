"""Filters learned from patches of images: whitening and independent components."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from convtools import _validate as validate

if TYPE_CHECKING:
    from convtools._validate import Array, Numbers

__all__ = ["learn_filters", "whiten"]

SMALLEST = 1e-12  # variance of a principal component, relative to that of the first
CONVERGED = 1e-4  # change of a filter's direction in one iteration, as 1 − cosine


def whiten(patches: Numbers, n_components: int | None = None) -> tuple[Array, Array]:
    """Return whitened patches, whose pixels are uncorrelated and have variance 1, and the filters.

    Of all linear transforms that whiten, this one (ZCA) changes the patches least: a whitened
    patch still looks like an image, with its edges enhanced.

    Parameters
    ----------
    patches : array_like or Tensor, shape (n_patches, H, W)
        Patches of images, more than there are pixels in each; the mean patch is subtracted.
    n_components : int, optional
        Number of principal components to keep, those with the largest variance. Leaving out
        the last ones, which are mostly noise, smooths the filters; the whitened pixels are then
        correlated, but their `n_components` principal components all have variance 1. None keeps
        all components that vary.

    Returns
    -------
    whitened : ndarray or Tensor, shape (n_patches, H, W)
        The whitened patches, of the same type as `patches`.
    filters : ndarray or Tensor, shape (H, W, H, W)
        ``filters[i, j]`` is the filter that gives the pixel in row i and column j of a whitened
        patch. The pixel is the product of this filter and a patch, from which the mean patch has
        been subtracted, summed over all pixels.

    Raises
    ------
    TypeError, ValueError
        If `patches` is not such an array of finite numbers, or all patches are the same, or
        `n_components` is not a positive integer or is larger than the number of components that
        vary.

    References
    ----------
    Atick, J. J. & Redlich, A. N. (1992). Neural Computation 4, 196-210.
    Bell, A. J. & Sejnowski, T. J. (1997). Vision Research 37, 3327-3338.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).standard_normal((1000, 4))
    >>> correlated = pixels + pixels.mean(axis=1, keepdims=True)
    >>> whitened, filters = whiten(correlated.reshape(1000, 2, 2))
    >>> np.allclose(np.cov(whitened.reshape(1000, 4).T, bias=True), np.eye(4))
    True
    >>> filters[0, 0].round(1).tolist()  # the pixel itself minus its neighbours
    [[0.9, -0.1], [-0.1, -0.1]]
    """
    xp, rows, shape, kind = _rows(patches)
    variances, components = _principal_components(xp, rows, "n_components", n_components)
    filters = components.T / xp.sqrt(variances) @ components
    whitened = xp.reshape(rows @ filters, (-1, *shape))
    return xp.astype(whitened, kind), xp.astype(xp.reshape(filters, shape + shape), kind)


def learn_filters(
    patches: Numbers,
    n_filters: int | None = None,
    *,
    seed: int | np.random.Generator,
    max_iter: int = 300,
    progress: bool = False,
) -> Array:
    """Return filters whose responses to the patches are as independent as possible.

    The filters are the independent components of the patches, found by FastICA with symmetric
    decorrelation and tanh as the nonlinearity. Their responses are uncorrelated, have variance 1
    and are, for patches of photographs, sparse. Their order and signs are arbitrary.

    Parameters
    ----------
    patches : array_like or Tensor, shape (n_patches, H, W)
        Patches of images, whitened or not; the mean patch is subtracted.
    n_filters : int, optional
        Number of filters. They are combinations of the same number of principal components of the
        patches, those with the largest variance. None uses all components that vary.
    seed : int or numpy.random.Generator
        For the initial guess. The same seed gives the same filters. A generator advances with
        each call.
    max_iter : int
        Largest number of iterations; if they are not enough, there is a warning.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray or Tensor, shape (n_filters, H, W)
        The filters, of the same type as `patches`. The response of a filter is its product with a
        patch, from which the mean patch has been subtracted, summed over all pixels.

    Raises
    ------
    TypeError, ValueError
        If `patches` is not such an array of finite numbers, or all patches are the same,
        `n_filters` is not a positive integer or is larger than the number of components that
        vary, or `seed`, `max_iter` or `progress` is not as described.

    Warns
    -----
    RuntimeWarning
        If the filters still change after `max_iter` iterations, as they do for Gaussian noise,
        which has no independent components of its own.

    References
    ----------
    Hyvärinen, A. (1999). IEEE Transactions on Neural Networks 10, 626-634.
    Bell, A. J. & Sejnowski, T. J. (1997). Vision Research 37, 3327-3338.
    van Hateren, J. H. & van der Schaaf, A. (1998). Proc. R. Soc. B 265, 359-366.

    Examples
    --------
    Two sparse sources, mixed in two pixels, are recovered:

    >>> causes = np.random.default_rng(0).laplace(size=(2000, 2))
    >>> pixels = causes @ [[2, 1], [1, 1]]
    >>> filters = learn_filters(pixels.reshape(-1, 1, 2), seed=0).reshape(2, 2)
    >>> np.abs(np.corrcoef(causes.T, filters @ pixels.T)[:2, 2:]).round(1).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    xp, rows, shape, kind = _rows(patches)
    rng = validate.generator("seed", seed)
    max_iter = validate.integer("max_iter", max_iter, minimum=1)
    progress = validate.flag("progress", progress)
    variances, components = _principal_components(xp, rows, "n_filters", n_filters)
    whitening = components / xp.sqrt(variances)[:, None]
    # Drawn in pixel space, the initial guess does not depend on the signs of the components, nor on
    # the basis of components of equal variance, which differ between machines.
    guess = xp.asarray(rng.standard_normal(components.shape)) @ components.T
    unmixing = _fast_ica(xp, rows @ whitening.T, guess, max_iter, progress)
    return xp.astype(xp.reshape(unmixing @ whitening, (-1, *shape)), kind)


def _fast_ica(xp: Any, white: Any, guess: Any, max_iter: int, progress: bool) -> Array:
    """Return the rotation of white data, shape (n_samples, n), to independent components."""
    unmixing = _decorrelated(xp, guess)
    steps = range(max_iter)
    for _ in tqdm(steps, leave=False) if progress else steps:
        last, outputs = unmixing, xp.tanh(white @ unmixing.T)
        slopes = xp.mean(1 - outputs**2, axis=0)
        unmixing = _decorrelated(xp, outputs.T @ white / len(white) - slopes[:, None] * last)
        cosines = xp.abs(xp.sum(unmixing * last, axis=1))
        if bool(xp.max(xp.abs(cosines - 1)) < CONVERGED):
            return unmixing
    warnings.warn(
        f"the filters still change after {max_iter} iterations: there may be too few patches, or "
        "no independent components, as in Gaussian noise",
        RuntimeWarning,
        stacklevel=3,
    )
    return unmixing


def _decorrelated(xp: Any, matrix: Any) -> Array:
    """Return the orthogonal matrix that is closest to `matrix`."""
    left, _, right = xp.linalg.svd(matrix, full_matrices=False)
    return left @ right


def _principal_components(xp: Any, rows: Any, name: str, n: int | None) -> tuple[Array, Array]:
    """Return the variances of the first `n` principal components, and the components as rows."""
    variances, vectors = xp.linalg.eigh(rows.T @ rows / len(rows))  # the largest come last
    largest = variances[-1]
    varying = int(xp.sum(variances > SMALLEST * largest)) if largest > 0 else 0
    if varying == 0:
        raise ValueError("`patches` must differ from each other, got equal ones")
    n = varying if n is None else validate.integer(name, n, minimum=1)
    if n > varying:
        raise ValueError(
            f"`{name}` must be at most {varying}, the number of components in which the patches "
            f"vary, got {n}"
        )
    return xp.flip(variances[-n:]), xp.flip(vectors[:, -n:], axis=1).T


def _rows(patches: Numbers) -> tuple[Any, Any, tuple[int, int], Any]:
    """Return patches as rows of float64 with a mean of 0, their shape and their own precision."""
    xp, numbers = validate.floats("patches", patches, axes="(n_patches, H, W)")
    rows = xp.reshape(xp.astype(numbers, xp.float64), (len(numbers), -1))
    return xp, rows - xp.mean(rows, axis=0), tuple(numbers.shape[1:]), numbers.dtype
