"""Spike-triggered statistics and the noise ceiling of recorded responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convtools import _validate as validate

if TYPE_CHECKING:
    from convtools._validate import Array, Numbers

__all__ = ["noise_ceiling", "spike_triggered_average", "spike_triggered_covariance"]


def spike_triggered_average(stimuli: Numbers, responses: Numbers) -> Array:
    """Return the mean of the stimuli, each weighted by the response it evoked.

    For Gaussian white noise and a linear-nonlinear model it is, on average, proportional to the
    model's filter, unless the nonlinearity responds equally to a stimulus and its negative.

    Parameters
    ----------
    stimuli : array_like or Tensor, shape (n_stimuli, ...)
        Stimuli of any shape, for example patches of white noise.
    responses : array_like or Tensor, shape (n_stimuli,)
        Spike counts or rates, 0 or more.

    Returns
    -------
    ndarray or Tensor, shape (...)
        The average, in the units of the stimuli; a tensor if one of the arguments is.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such an array of finite numbers, the lengths differ, a response is
        negative, or all are 0.

    References
    ----------
    Chichilnisky, E. J. (2001). Network: Computation in Neural Systems 12, 199-213.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal((50_000, 2))
    >>> average = spike_triggered_average(noise, (noise @ [1, -2]).clip(min=0))
    >>> (average / average[0]).round(1).tolist()  # the filter, up to a factor
    [1.0, -2.0]
    """
    _, rows, weights, shape = _triggered(stimuli, responses)
    return (weights @ rows).reshape(shape)


def spike_triggered_covariance(stimuli: Numbers, responses: Numbers) -> Array:
    """Return the spike-triggered covariance minus the covariance of all stimuli.

    It is the covariance of the stimuli, each weighted by the response it evoked, about their
    spike-triggered average, minus the covariance of all stimuli. Along an eigenvector with a
    positive eigenvalue, the stimuli that drive the neuron vary more than others; along one with
    a negative eigenvalue, they vary less.

    Parameters
    ----------
    stimuli, responses
        As in `spike_triggered_average`.

    Returns
    -------
    ndarray or Tensor, shape (n_pixels, n_pixels)
        Symmetric, in the squared units of the stimuli, whose pixels are in row-major order. A
        tensor if one of the arguments is.

    Raises
    ------
    TypeError, ValueError
        As `spike_triggered_average` does.

    References
    ----------
    Schwartz, O., Pillow, J. W., Rust, N. C. & Simoncelli, E. P. (2006). Journal of Vision 6,
    484-507.

    Examples
    --------
    For the energy of two pixels the average is zero, but the covariance is not:

    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal((50_000, 3))
    >>> energy = noise[:, 0] ** 2 + noise[:, 1] ** 2
    >>> np.linalg.eigvalsh(spike_triggered_covariance(noise, energy)).round(1).tolist()
    [0.0, 1.0, 1.0]
    """
    xp, rows, weights, _ = _triggered(stimuli, responses)
    triggered = rows - weights @ rows
    rows = rows - xp.mean(rows, axis=0)
    return triggered.T @ (weights[:, None] * triggered) - rows.T @ rows / len(rows)


def noise_ceiling(responses: Numbers, n_averaged: int | None = None) -> Array:
    """Return the correlation with noisy responses that a perfect model has on average.

    A perfect model predicts the part of the variance that the repeats of a stimulus share (the
    signal power, estimated from all repeats). The rest is noise.

    Parameters
    ----------
    responses : array_like or Tensor, shape (n_repeats, n_stimuli, ...)
        Responses of one or many neurons to the same stimuli, at least 2 repeats of at least 2
        stimuli.
    n_averaged : int, optional
        Number of repeats that are averaged before they are compared with the model; 1 if the
        model is compared with single repeats. None averages all.

    Returns
    -------
    ndarray or Tensor, shape (...)
        ``sqrt(S / (S + N / n_averaged))`` with the signal power S and the noise power N of one
        repeat, of the same type as `responses`. It is 1 without noise, and NaN where S is 0 or
        negative, that is, where the repeats have nothing in common.

    Raises
    ------
    TypeError, ValueError
        If `responses` is not such an array of finite numbers, or `n_averaged` is not a positive
        integer.

    References
    ----------
    Sahani, M. & Linden, J. F. (2003). Advances in Neural Information Processing Systems 15,
    125-132.
    Schoppe, O., Harper, N. S., Willmore, B. D. B., King, A. J. & Schnupp, J. W. H. (2016).
    Frontiers in Computational Neuroscience 10, 10.

    Examples
    --------
    A signal of variance 1 and noise of variance 1, for single repeats and for the average of 4:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> repeats = rng.standard_normal(10_000) + rng.standard_normal((4, 10_000))
    >>> [f"{noise_ceiling(repeats, n):.1f}" for n in (1, 4)]  # √(1/2) and √(4/5)
    ['0.7', '0.9']
    """
    xp, rates = validate.floats("responses", responses)
    if rates.ndim < 2 or min(rates.shape[:2]) < 2:
        raise ValueError(
            "`responses` must have shape (n_repeats, n_stimuli, ...) with at least 2 of both, "
            f"got {tuple(rates.shape)}"
        )
    n = len(rates)
    n_averaged = n if n_averaged is None else validate.integer("n_averaged", n_averaged, minimum=1)
    single = xp.mean(xp.var(rates, axis=1, correction=1), axis=0)
    averaged = xp.var(xp.mean(rates, axis=0), axis=0, correction=1)
    signal = (n * averaged - single) / (n - 1)
    total = signal + (single - signal) / n_averaged
    shared = signal > 0
    ratio = signal / xp.where(shared, total, xp.ones_like(total))
    return xp.sqrt(xp.where(shared, ratio, xp.full_like(ratio, xp.nan)))


def _triggered(stimuli: Numbers, responses: Numbers) -> tuple[Any, Array, Array, tuple[int, ...]]:
    """Return stimuli as rows, responses as weights with a sum of 1, and the shape of a stimulus."""
    _, images = validate.floats("stimuli", stimuli, axes="(n_stimuli, ...)")
    _, rates = validate.floats("responses", responses, axes="(n_stimuli,)")
    if len(rates) != len(images):
        raise ValueError(
            f"`responses` must have one value for each of {len(images)} stimuli, got {len(rates)}"
        )
    xp, images, rates = validate.alike(images, rates)
    rates = xp.astype(rates, images.dtype)
    if bool(xp.any(rates < 0)) or not bool(xp.any(rates > 0)):
        raise ValueError(
            "`responses` must be rates or spike counts, 0 or more and not all 0, got values from "
            f"{float(xp.min(rates)):g} to {float(xp.max(rates)):g}"
        )
    return xp, images.reshape(len(images), -1), rates / xp.sum(rates), tuple(images.shape[1:])
