"""Tuning curves and selectivity indices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from convtools import _validate as validate

if TYPE_CHECKING:
    from torch import Tensor

    from convtools._validate import Array, Numbers

__all__ = [
    "circular_variance",
    "modulation_ratio",
    "orientation_selectivity",
    "tuning_curve",
]

RESPONSE_FLOOR = 1e-6  # an F0, or a negative response, below this fraction of the peak is zero


def tuning_curve(
    model: Callable[[Tensor], Numbers],
    values: Numbers,
    make_stimulus: Callable[[float], Numbers],
) -> Array:
    """Return the responses of a model to one stimulus for each value of a parameter.

    Parameters
    ----------
    model : callable
        Takes images, a float32 tensor of shape (n_values, 1, H, W), and returns an array or a
        tensor with one row for each of them. It is called once, without gradients.
    values : array_like or Tensor, shape (n_values,)
        Values of a parameter of the stimulus: orientations, phases, wavelengths, contrasts.
    make_stimulus : callable
        Takes one value, returns an image of shape (H, W): for example `grating`.

    Returns
    -------
    ndarray or Tensor, shape (n_values, ...)
        The responses, of the kind that the model returns.

    Raises
    ------
    TypeError, ValueError
        If `model` or `make_stimulus` cannot be called, `values` is not a 1-D array of finite
        numbers, a stimulus is not 2-D, or there is not one response for each stimulus.

    Examples
    --------
    >>> import convtools
    >>> vertical = convtools.SimpleCells(convtools.gabor(wavelength=17.6, orientation=0, size=15))
    >>> rates = tuning_curve(vertical, [0, 45, 90], convtools.grating)
    >>> rates.shape, rates.mean(dim=(1, 2, 3)).argmax()
    (torch.Size([3, 1, 48, 64]), tensor(0))
    """
    import torch

    validate.function("model", model)
    validate.function("make_stimulus", make_stimulus)
    images = [
        validate.tensor(
            validate.array(f"make_stimulus({value:g})", make_stimulus(value), axes="(H, W)")
        ).to(torch.float32)
        for value in validate.array("values", values, axes="(n_values,)").tolist()
    ]
    shapes = sorted({tuple(image.shape) for image in images})
    if len(shapes) > 1:
        raise ValueError(f"`make_stimulus` must return images of one shape, got {shapes}")
    with torch.no_grad():
        returned = model(torch.stack(images)[:, None])
    if isinstance(returned, tuple):
        raise TypeError(f"`model` must return one array, got a tuple of {len(returned)}")
    responses = validate.array("model(images)", returned)
    if responses.ndim == 0 or len(responses) != len(images):
        raise ValueError(
            f"`model` must return one row for each of {len(images)} stimuli, "
            f"got shape {tuple(responses.shape)}"
        )
    return responses


def modulation_ratio(responses: Numbers) -> Array:
    """Return F1/F0, the modulation of a response by the phase of a grating.

    F0 is the mean response over a cycle and F1 the amplitude of its first harmonic. Above 1 a
    cell is usually called simple, below 1 complex (Skottun et al. 1991).

    Parameters
    ----------
    responses : array_like or Tensor, shape (..., n_phases)
        Responses sampled evenly over one cycle of phase, end point left out; at least 3 of them.
        Take 64 or more: a half-rectified cosine has π/2, but 8 samples give 1.657.

    Returns
    -------
    ndarray or Tensor, shape (...)
        ``2·|c₁|/c₀`` of the Fourier coefficients, of the same type as `responses`; NaN where F0 is
        below a millionth of the largest response.

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
    xp, rates = validate.floats("responses", responses, axes="(..., n_phases)")
    n = rates.shape[-1]
    if n < 3:
        raise ValueError(f"`responses` must hold at least 3 phases on its last axis, got {n}")
    spectrum = xp.fft.rfft(rates) / n
    f0, f1 = xp.real(spectrum[..., 0]), 2 * xp.abs(spectrum[..., 1])
    return _ratio(xp, f1, f0, f0 > RESPONSE_FLOOR * xp.max(xp.abs(rates), axis=-1))


def circular_variance(
    responses: Numbers,
    orientations: Numbers,
    *,
    negative: str = "raise",
) -> Array:
    """Return the circular variance of orientation tuning: 0 for one orientation only, 1 for none.

    Parameters
    ----------
    responses : array_like or Tensor, shape (..., n_orientations)
        Rates, 0 or more. Rounding errors below 0, up to a millionth of a curve's largest, count
        as 0.
    orientations : array_like or Tensor, shape (n_orientations,)
        Degrees, evenly spaced over 180° or over 360°, end point left out; at least 2 over 180°.
        Measured ones may be off by a quarter of a step. Over 360°, the responses at θ and
        θ + 180°, which are one orientation, are averaged first.
    negative : {"raise", "clip", "shift"}
        What to do with responses below 0, as z-scores have: raise an error, set them to 0
        ("clip"), or subtract each curve's minimum, once folded ("shift"). The measure depends on
        it: both make a z-scored curve look more selective than its rates were.

    Returns
    -------
    ndarray or Tensor, shape (...)
        ``1 − |ΣR·exp(2iθ)| / ΣR``, of the same type as `responses`; NaN where all rates are 0.

    Raises
    ------
    TypeError, ValueError
        If an array is not numeric and finite, the lengths differ, a rate is negative (with
        "raise"), `negative` is not one of the three, or the orientations do not cover 180° or
        360° evenly.

    References
    ----------
    Ringach, D. L., Shapley, R. M. & Hawken, M. J. (2002). J. Neurosci. 22, 5639-5651.

    Examples
    --------
    >>> orientations = np.arange(0, 180, 15)
    >>> round(float(circular_variance(1 + np.cos(2 * np.deg2rad(orientations)), orientations)), 3)
    0.5

    A z-scored curve over 360°:

    >>> directions = np.arange(0, 360, 15)
    >>> z = np.cos(2 * np.deg2rad(directions))
    >>> round(float(circular_variance(z, directions, negative="shift")), 3)
    0.5
    """
    xp, rates, angles = _tuning(responses, orientations, negative)
    doubled = 2 * xp.asarray(np.deg2rad(angles), dtype=rates.dtype)
    total = xp.sum(rates, axis=-1)
    parts = [xp.sum(rates * part, axis=-1) for part in (xp.cos(doubled), xp.sin(doubled))]
    # The norm has a gradient of 0 where it is 0; hypot has none. By rounding, it may exceed the
    # total where one orientation has all of the response.
    resultant = xp.minimum(xp.linalg.vector_norm(xp.stack(parts), axis=0), total)
    return _ratio(xp, total - resultant, total, total > 0)


def orientation_selectivity(
    responses: Numbers,
    orientations: Numbers,
    *,
    negative: str = "raise",
) -> Array:
    """Return the orientation selectivity index (OSI), preferred against orthogonal.

    Parameters
    ----------
    responses, orientations, negative
        As in `circular_variance`; over 180°, an even number of orientations, so that each has
        its orthogonal one.

    Returns
    -------
    ndarray or Tensor, shape (...)
        ``(R_pref − R_orth) / (R_pref + R_orth)``, from 0 to 1, of the same type as `responses`; NaN
        where both are 0. Of several equally preferred orientations the one with the smallest
        orthogonal response counts.

    Raises
    ------
    TypeError, ValueError
        As `circular_variance` does, and if the number of orientations is odd.

    Examples
    --------
    >>> orientation_selectivity([3.0, 2.0, 1.0, 2.0], [0, 45, 90, 135]).item()
    0.5
    """
    xp, rates, angles = _tuning(responses, orientations, negative)
    n = len(angles)
    if n % 2:
        raise ValueError(
            "`orientations` must be even in number over 180°, so that each has its orthogonal "
            f"one, got {n}"
        )
    most = xp.max(rates, axis=-1, keepdims=True)
    orthogonal = xp.roll(rates, n // 2, axis=-1)
    least = xp.min(xp.where(rates == most, orthogonal, most), axis=-1)
    most = most[..., 0]
    return _ratio(xp, most - least, most + least, most > 0)


def _tuning(
    responses: Numbers, orientations: Numbers, negative: str
) -> tuple[Any, Any, np.ndarray]:
    """Return rates of 0 or more over 180°, in the order of their orientations."""
    xp, rates = validate.floats("responses", responses, axes="(..., n_orientations)")
    angles = validate.array("orientations", orientations, axes="(n_orientations,)")
    angles = np.asarray(angles.tolist(), dtype=float)
    validate.choice("negative", negative, ("raise", "clip", "shift"))
    n = len(angles)
    if rates.shape[-1] != n:
        raise ValueError(
            f"`responses` must have one value on its last axis for each of {n} orientations, "
            f"got shape {tuple(rates.shape)}"
        )
    span = next((span for span in (180, 360) if _covers(angles, span)), None)
    if span is None or (span == 360 and n % 2):
        raise ValueError(
            "`orientations` must be evenly spaced over 180° or 360° without the end point, "
            f"got {angles.tolist()}"
        )
    order = np.argsort(angles % span)
    rates, angles = rates[..., order.tolist()], angles[order] % span
    if negative != "shift":
        rates = _not_negative(xp, rates, clip=negative == "clip")
    if span == 360:
        halves = angles.reshape(2, -1)
        rates, angles = (rates[..., : n // 2] + rates[..., n // 2 :]) / 2, halves.mean(axis=0) - 90
    if negative == "shift":
        rates = rates - xp.min(rates, axis=-1, keepdims=True)
    return xp, rates, angles


def _covers(angles: np.ndarray, span: int) -> bool:
    """Tell whether angles are spaced evenly over a span, but for a quarter of a step."""
    step = span / len(angles)
    offsets = np.sort(angles % span) - step * np.arange(len(angles))
    return bool(step <= 90 and np.ptp(offsets) <= step / 2)


def _not_negative(xp: Any, rates: Any, *, clip: bool) -> Any:
    floor = -RESPONSE_FLOOR * xp.max(xp.abs(rates), axis=-1, keepdims=True)
    if not clip and bool(xp.any(rates < floor)):
        raise ValueError(
            f'`responses` must not be negative, got {float(xp.min(rates)):g}; negative="clip" '
            'sets negative ones to 0, negative="shift" subtracts the minimum'
        )
    return xp.clip(rates, min=0)


def _ratio(xp: Any, over: Any, under: Any, defined: Any) -> Any:
    """Return a quotient, NaN where it is not defined."""
    quotient = over / xp.where(defined, under, xp.ones_like(under))
    return xp.where(defined, quotient, xp.full_like(under, xp.nan))
