"""What a model answers to a family of stimuli, and the numbers that sum it up."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from convtools import _validate as validate

__all__ = [
    "circular_variance",
    "modulation_ratio",
    "orientation_selectivity",
    "orientation_tuning",
    "phase_tuning",
]

Respond = Callable[[Tensor], ArrayLike]
MakeStimulus = Callable[[float], ArrayLike]

# A mean rate below this part of the largest answer is no rate to divide by.
RESPONSE_FLOOR = 1e-6


def orientation_tuning(
    respond: Respond, orientations: Sequence[float], make_stimulus: MakeStimulus
) -> np.ndarray:
    """Show a model one stimulus for each orientation and collect what it answers.

    Parameters
    ----------
    respond : callable
        The model: takes images, a float32 tensor of shape (n_stimuli, 1, H, W), and returns an
        array or tensor with one row for each of them. It is called once, without gradients.
    orientations : sequence of float, shape (n_stimuli,)
        Orientations in degrees.
    make_stimulus : callable
        Takes one orientation, returns an image of shape (H, W): for example `grating`.

    Returns
    -------
    ndarray, shape (n_stimuli, ...)
        The responses, one row a stimulus.

    Raises
    ------
    TypeError, ValueError
        If `respond` or `make_stimulus` cannot be called, `orientations` is not a 1-D array of
        finite numbers, a stimulus is not 2-D, or there is not one response for each stimulus.

    Examples
    --------
    >>> import convtools
    >>> vertical = convtools.SimpleCells(convtools.gabor(15, 17.6, 0)[None])
    >>> rates = orientation_tuning(vertical, [0, 45, 90], convtools.grating)
    >>> rates.shape, rates.mean(axis=(1, 2, 3)).argmax().item()
    ((3, 1, 48, 64), 0)
    """
    return _responses(respond, "orientations", orientations, make_stimulus)


def phase_tuning(
    respond: Respond, phases: Sequence[float], make_stimulus: MakeStimulus
) -> np.ndarray:
    """Show a model one stimulus for each phase and collect what it answers.

    Parameters
    ----------
    respond : callable
        As in `orientation_tuning`.
    phases : sequence of float, shape (n_stimuli,)
        Phases in radians.
    make_stimulus : callable
        Takes one phase, returns an image of shape (H, W).

    Returns
    -------
    ndarray, shape (n_stimuli, ...)
        The responses, one row a stimulus.

    Raises
    ------
    TypeError, ValueError
        As `orientation_tuning` does.

    Examples
    --------
    >>> import convtools
    >>> simple = convtools.SimpleCells(convtools.gabor(21, 8, 0, zero_mean=True)[None])
    >>> phases = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    >>> drift = lambda phase: convtools.sine_grating((21, 21), 8, 0, phase=phase)
    >>> rates = phase_tuning(simple, phases, drift)
    >>> round(float(modulation_ratio(rates[:, 0, 10, 10])), 2)
    1.57
    """
    return _responses(respond, "phases", phases, make_stimulus)


def modulation_ratio(responses: ArrayLike) -> np.ndarray:
    """Compute F1/F0: how strongly a response follows the phase of a grating.

    F0 is the mean response over a cycle and F1 the amplitude of its part that goes up and down
    once. Above 1 a cell is usually called simple, below 1 complex (Skottun et al. 1991).

    Parameters
    ----------
    responses : array_like, shape (..., n_phases)
        Responses sampled evenly over one cycle of phase, end point left out; at least 3 of them.
        Take 64 or more: a half-rectified cosine has π/2, but 8 samples give 1.657.

    Returns
    -------
    ndarray, shape (...)
        ``2·|c₁|/c₀`` of the Fourier coefficients; NaN where F0 is below the response floor, a
        millionth of the largest answer.

    Raises
    ------
    TypeError, ValueError
        If `responses` is not an array of finite numbers or has fewer than 3 phases.

    References
    ----------
    Skottun, B. C. et al. (1991). Vision Research 31, 1079-1086.

    Examples
    --------
    >>> phases = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    >>> round(float(modulation_ratio(np.cos(phases).clip(min=0))), 3)
    1.572
    """
    responses = validate.array("responses", responses, axes="(..., n_phases)")
    if responses.shape[-1] < 3:
        raise ValueError(
            f"`responses` must hold at least 3 phases on its last axis, got {responses.shape[-1]}"
        )
    spectrum = np.fft.rfft(responses) / responses.shape[-1]
    f0, f1 = spectrum[..., 0].real, 2 * np.abs(spectrum[..., 1])
    enough = f0 > RESPONSE_FLOOR * np.abs(responses).max(axis=-1)
    return np.divide(f1, f0, out=np.full(f0.shape, np.nan), where=enough)


def circular_variance(responses: ArrayLike, orientations: Sequence[float]) -> np.ndarray:
    """Compute the circular variance of orientation tuning: 0 for one orientation only, 1 for none.

    Parameters
    ----------
    responses : array_like, shape (..., n_orientations)
        Rates, 0 or more.
    orientations : sequence of float, shape (n_orientations,)
        Degrees, evenly spaced over 180°, end point left out; at least 2.

    Returns
    -------
    ndarray, shape (...)
        ``1 − |ΣR·exp(2iθ)| / ΣR``; NaN where all rates are 0.

    Raises
    ------
    TypeError, ValueError
        If an array is not numeric and finite, the lengths differ, a rate is negative, or the
        orientations do not cover 180° evenly.

    References
    ----------
    Ringach, D. L., Shapley, R. M. & Hawken, M. J. (2002). J. Neurosci. 22, 5639-5651.

    Examples
    --------
    >>> orientations = np.arange(0, 180, 15)
    >>> round(float(circular_variance(1 + np.cos(2 * np.deg2rad(orientations)), orientations)), 3)
    0.5
    """
    responses, orientations = _check_tuning(responses, orientations)
    total = responses.sum(axis=-1)
    resultant = np.abs(responses @ np.exp(2j * np.deg2rad(orientations)))
    ratio = np.divide(resultant, total, out=np.full(total.shape, np.nan), where=total > 0)
    return np.asarray(1 - ratio)


def orientation_selectivity(responses: ArrayLike, orientations: Sequence[float]) -> np.ndarray:
    """Compute how much more a cell answers to its preferred than to the orthogonal orientation.

    Parameters
    ----------
    responses : array_like, shape (..., n_orientations)
        Rates, 0 or more.
    orientations : sequence of float, shape (n_orientations,)
        Degrees, evenly spaced over 180°, end point left out; an even number of them, so that
        each has its orthogonal one.

    Returns
    -------
    ndarray, shape (...)
        ``(R_pref − R_orth) / (R_pref + R_orth)``, from 0 to 1; NaN where both are 0.

    Raises
    ------
    TypeError, ValueError
        As `circular_variance` does, and if the number of orientations is odd.

    Examples
    --------
    >>> orientation_selectivity([3.0, 2.0, 1.0, 2.0], [0, 45, 90, 135]).item()
    0.5
    """
    responses, orientations = _check_tuning(responses, orientations)
    if len(orientations) % 2:
        raise ValueError(
            "`orientations` must be even in number, so that each has its orthogonal one, "
            f"got {len(orientations)}"
        )
    ordered = responses[..., np.argsort(orientations % 180)]
    preferred = ordered.argmax(axis=-1, keepdims=True)
    orthogonal = (preferred + len(orientations) // 2) % len(orientations)
    most = np.take_along_axis(ordered, preferred, axis=-1)[..., 0]
    least = np.take_along_axis(ordered, orthogonal, axis=-1)[..., 0]
    return np.divide(most - least, most + least, out=np.full(most.shape, np.nan), where=most > 0)


def _responses(
    respond: Respond, name: str, values: Sequence[float], make_stimulus: MakeStimulus
) -> np.ndarray:
    for role, function in (("respond", respond), ("make_stimulus", make_stimulus)):
        if not callable(function):
            raise TypeError(f"`{role}` must be callable, got a {type(function).__name__}")
    values = validate.array(name, values, axes="(n_stimuli,)")
    images = [
        validate.array(f"make_stimulus({value:g})", make_stimulus(value), axes="(H, W)")
        for value in values.tolist()
    ]
    shapes = sorted({image.shape for image in images})
    if len(shapes) > 1:
        raise ValueError(f"`make_stimulus` must return images of one shape, got {shapes}")
    with torch.no_grad():
        responses = respond(torch.from_numpy(np.stack(images)[:, None].astype(np.float32)))
    responses = validate.array("respond(images)", responses)
    if responses.ndim == 0 or len(responses) != len(images):
        raise ValueError(
            f"`respond` must return one row for each of {len(images)} stimuli, "
            f"got shape {responses.shape}"
        )
    return responses


def _check_tuning(
    responses: ArrayLike, orientations: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    responses = validate.array("responses", responses, axes="(..., n_orientations)").astype(float)
    orientations = validate.array("orientations", orientations, axes="(n_orientations,)")
    n = len(orientations)
    if responses.shape[-1] != n:
        raise ValueError(
            f"`responses` must have one value on its last axis for each of {n} orientations, "
            f"got shape {responses.shape}"
        )
    if (responses < 0).any():
        raise ValueError(f"`responses` must not be negative, got {responses.min():g}")
    gaps = np.diff(np.sort(orientations % 180))
    if n < 2 or not np.allclose(gaps, 180 / n):
        raise ValueError(
            "`orientations` must be evenly spaced over 180° without the end point, "
            f"got {orientations.tolist()}"
        )
    return responses, orientations
