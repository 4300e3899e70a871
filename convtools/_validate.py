"""Checks of what a user passes: each names the argument, what it must be and what it was."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

__all__ = [
    "array", "choice", "flag", "integer", "kernel_size", "pair", "real", "shape_of",
    "sums_of_products",
]  # fmt: skip


def integer(name: str, value: Any, *, minimum: int | None = None, odd: bool = False) -> int:
    """Return `value` as an int of at least `minimum`, odd if asked for."""
    must = "an odd integer" if odd else "an integer"
    must += "" if minimum is None else f" of at least {minimum}"
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be {must}, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"`{name}` must be {must}, got {_describe(value)}") from None
    if (minimum is not None and number < minimum) or (odd and number % 2 == 0):
        raise ValueError(f"`{name}` must be {must}, got {number}")
    return number


def kernel_size(name: str, value: Any, *, minimum: int = 1) -> int:
    """Return the side of a square kernel: odd, so that it has a pixel at its centre."""
    return integer(name, value, minimum=minimum, odd=True)


def real(
    name: str,
    value: Any,
    *,
    above: float = -np.inf,
    minimum: float = -np.inf,
    maximum: float = np.inf,
) -> float:
    """Return `value` as a finite float, greater than `above` and from `minimum` to `maximum`."""
    bounds = {"above": above, "of at least": minimum, "of at most": maximum}
    limits = [f"{words} {bound:g}" for words, bound in bounds.items() if np.isfinite(bound)]
    must = " ".join(["a finite number", " and ".join(limits)]).strip()
    if isinstance(value, (bool, np.bool_, str, bytes)):
        raise TypeError(f"`{name}` must be {must}, got {_describe(value)}")
    try:
        number = float(value)
    except OverflowError:  # an integer with hundreds of digits
        number = np.inf
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"`{name}` must be {must}, got {_describe(value)}") from None
    if not (np.isfinite(number) and above < number and minimum <= number <= maximum):
        raise ValueError(f"`{name}` must be {must}, got {number}")
    return number


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is a bool."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be True or False, got {_describe(value)}")
    return bool(value)


def choice(name: str, value: Any, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`."""
    if value not in options:
        raise ValueError(f"`{name}` must be one of {', '.join(options)}, got {value!r}")
    return value


def pair(name: str, value: Any, *, minimum: int) -> tuple[int, int]:
    """Return `(vertical, horizontal)` from an int, which serves both, or from two ints."""
    if not isinstance(value, (tuple, list)):
        number = integer(name, value, minimum=minimum)
        return number, number
    if len(value) != 2:
        raise ValueError(f"`{name}` must be an integer or a pair of integers, got {value}")
    return integer(name, value[0], minimum=minimum), integer(name, value[1], minimum=minimum)


def shape_of(name: str, value: Any, *, ndim: int | None = None) -> tuple[int, ...]:
    """Return a shape: a tuple of positive ints, `ndim` of them if that is given."""
    must = "a shape: " + ("positive integers" if ndim is None else f"{ndim} positive integers")
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"`{name}` must be {must}, got {_describe(value)}")
    sizes = tuple(integer(name, size, minimum=1) for size in value)
    if not sizes or (ndim is not None and len(sizes) != ndim):
        raise ValueError(f"`{name}` must be {must}, got {sizes}")
    return sizes


def array(name: str, value: Any, *, axes: str | None = None) -> np.ndarray:
    """Return `value` as a NumPy array of finite numbers that is not empty.

    Integers and booleans become int64, so that a sum of products of uint8 pixels cannot wrap
    around; floats keep their precision. `axes`, for example ``"(H, W)"``, says how many
    dimensions there must be and what to call them; ``"(..., n)"`` asks for at least one.
    """
    try:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu()
            value = (value.float() if value.dtype is torch.bfloat16 else value).numpy()
        numbers = np.asarray(value)
    except ValueError:
        raise ValueError(f"`{name}` must be an array, got rows of unequal length") from None
    except TypeError as error:  # a sparse tensor, for example
        raise TypeError(f"`{name}` must be an array, got {_describe(value)}: {error}") from None
    if numbers.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold real numbers, got {_describe(value)}")
    if numbers.dtype.kind == "u" and numbers.size and numbers.max() > np.iinfo(np.int64).max:
        raise ValueError(f"`{name}` must hold numbers below 2**63, got {numbers.max()}")
    if numbers.dtype.kind != "f":
        numbers = numbers.astype(np.int64)
    if axes is not None and not _has_axes(numbers, axes):
        raise ValueError(f"`{name}` must have shape {axes}, got {numbers.shape}")
    if numbers.size == 0:
        raise ValueError(f"`{name}` must not be empty, got shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"`{name}` must hold finite numbers, got NaN or infinity")
    return numbers


def sums_of_products(image: np.ndarray, kernel: np.ndarray) -> None:
    """Refuse an image and a kernel of integers whose sums of products could exceed int64."""
    if not image.dtype.kind == kernel.dtype.kind == "i":
        return
    largest = max(abs(int(image.min())), int(image.max()))
    total = largest * sum(abs(int(weight)) for weight in kernel.ravel())
    if total > np.iinfo(np.int64).max:
        raise ValueError(
            f"`image` and `kernel` must have sums of products below 2**63, got up to {total}: "
            "use floating-point numbers"
        )


def _has_axes(numbers: np.ndarray, axes: str) -> bool:
    names = [axis for axis in axes.strip("()").replace(" ", "").split(",") if axis]
    if names[:1] == ["..."]:
        return numbers.ndim >= len(names) - 1
    return numbers.ndim == len(names)


def _describe(value: Any) -> str:
    """Say what a value of the wrong kind is without printing all of it."""
    text = repr(value)
    kind = type(value).__name__
    return f"{text} ({kind})" if len(text) <= 40 else f"a {kind}"
