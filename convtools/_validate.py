"""Argument validation: every error names the argument, what was expected and what was received."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import array_namespace, is_torch_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    Array = Any  # an ndarray or a Tensor, the kind that came in
    Numbers = ArrayLike | Tensor  # what can be read as an array

__all__ = [
    "alike", "array", "as_bank", "bank", "choice", "flag", "floats", "function", "generator",
    "integer", "pair", "real", "shape_of", "square", "tensor",
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
    if getattr(value, "requires_grad", False):
        raise TypeError(f"`{name}` must be {must} without a gradient, got {_describe(value)}")
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


def choice(name: str, value: Any, options: Sequence[str | None]) -> Any:
    """Return `value` if it is one of `options`."""
    if not (value is None or isinstance(value, str)) or value not in options:
        names = ", ".join(map(repr, options))
        raise ValueError(f"`{name}` must be one of {names}, got {_describe(value)}")
    return value


def function(name: str, value: Any) -> Callable[..., Any]:
    """Return `value` if it can be called."""
    if not callable(value):
        raise TypeError(f"`{name}` must be callable, got {_describe(value)}")
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """Return a generator of random numbers, a new one if `value` is a seed."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(integer(name, value, minimum=0))


def pair(name: str, value: Any, *, minimum: int) -> tuple[int, int]:
    """Return `(vertical, horizontal)` from an int, which serves both, or from two ints."""
    if not isinstance(value, (tuple, list)):
        number = integer(name, value, minimum=minimum)
        return number, number
    if len(value) != 2:
        raise ValueError(f"`{name}` must be an integer or a pair of integers, got {value}")
    return integer(name, value[0], minimum=minimum), integer(name, value[1], minimum=minimum)


def square(name: str, value: Any, *, minimum: int) -> int:
    """Return one int from an int or from a pair of equal ones."""
    vertical, horizontal = pair(name, value, minimum=minimum)
    if vertical != horizontal:
        raise ValueError(f"`{name}` must be the same in both directions, got {tuple(value)}")
    return vertical


def shape_of(name: str, value: Any, *, ndim: int | None = None) -> tuple[int, ...]:
    """Return a shape: a tuple of positive ints, `ndim` of them if that is given."""
    must = "a shape: " + ("positive integers" if ndim is None else f"{ndim} positive integers")
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"`{name}` must be {must}, got {_describe(value)}")
    sizes = tuple(integer(name, size, minimum=1) for size in value)
    if not sizes or (ndim is not None and len(sizes) != ndim):
        raise ValueError(f"`{name}` must be {must}, got {sizes}")
    return sizes


def array(name: str, value: Any, *, axes: str | None = None) -> Any:
    """Return `value` as an array of finite numbers that is not empty.

    A tensor stays a tensor, with its gradient and on its device, and tensors of one shape in a
    list become one; everything else becomes a NumPy array. Integers and booleans become int64, so
    that a sum of products of uint8 pixels cannot wrap around; floats keep their precision. `axes`,
    for example ``"(H, W)"``, names the dimensions that there must be; ``"(..., n)"`` and
    ``"(n, ...)"`` ask for at least one.
    """
    if isinstance(value, (list, tuple)) and value and all(map(is_torch_array, value)):
        value = _stacked(name, value)
    numbers = value if is_torch_array(value) else _numpy(name, value)
    xp = array_namespace(numbers)
    if is_torch_array(numbers) and numbers.layout is not xp.strided:
        raise TypeError(f"`{name}` must be a dense array, got a sparse tensor")
    if not xp.isdtype(numbers.dtype, ("bool", "integral", "real floating")):
        raise TypeError(f"`{name}` must hold real numbers, got {_describe(value)}")
    if not xp.isdtype(numbers.dtype, "real floating"):
        unsigned = xp.isdtype(numbers.dtype, "unsigned integer")
        numbers = xp.astype(numbers, xp.int64)
        if unsigned and bool(xp.any(numbers < 0)):
            raise ValueError(f"`{name}` must hold numbers below 2**63, got {_describe(value)}")
    if axes is not None and not _has_axes(numbers.ndim, axes):
        raise ValueError(f"`{name}` must have shape {axes}, got {tuple(numbers.shape)}")
    if 0 in numbers.shape:
        raise ValueError(f"`{name}` must not be empty, got shape {tuple(numbers.shape)}")
    if not bool(xp.all(xp.isfinite(numbers))):
        raise ValueError(f"`{name}` must hold finite numbers, got NaN or infinity")
    return numbers


def floats(name: str, value: Any, *, axes: str | None = None) -> tuple[Any, Any]:
    """Return the namespace of an array, and the array as floats of at least 32 bits."""
    numbers = array(name, value, axes=axes)
    xp = array_namespace(numbers)
    if xp.isdtype(numbers.dtype, "integral"):
        return xp, xp.astype(numbers, xp.float64)
    # sums of half-precision numbers overflow
    half = xp.finfo(numbers.dtype).bits < 32
    return xp, xp.astype(numbers, xp.float32) if half else numbers


def bank(name: str, value: Any) -> Any:
    """Return one kernel, or some, as an array of shape (n, 1, kH, kW)."""
    kernels = as_bank(array(name, value))
    if kernels.ndim != 4 or kernels.shape[1] != 1:
        shape = tuple(kernels.shape)
        raise ValueError(f"`{name}` must have shape (K, K), (n, K, K) or (n, 1, K, K), got {shape}")
    return kernels


def as_bank(kernels: Array) -> Array:
    """Return kernels (kH, kW) or (n, kH, kW) as (n, 1, kH, kW), and others as they are."""
    one_channel = kernels.ndim in (2, 3)
    return kernels.reshape(-1, 1, *kernels.shape[-2:]) if one_channel else kernels


def alike(*arrays: Array) -> tuple[Any, ...]:
    """Return the arrays as one kind, tensors if one of them is a tensor, after their namespace."""
    tensors = [array for array in arrays if is_torch_array(array)]
    if tensors:
        arrays = tuple(tensor(array).to(tensors[0].device) for array in arrays)
    return array_namespace(*arrays), *arrays


def tensor(array: Array) -> Tensor:
    """Return an array as a tensor: a copy, since NumPy's may be flipped or read-only."""
    import torch

    return array if is_torch_array(array) else torch.from_numpy(np.array(array, order="C"))


def _stacked(name: str, tensors: Sequence[Tensor]) -> Tensor:
    shapes = sorted({tuple(tensor.shape) for tensor in tensors})
    if len(shapes) > 1:
        raise ValueError(f"`{name}` must hold tensors of one shape, got {shapes}")
    import torch

    return torch.stack(list(tensors))


def _numpy(name: str, value: Any) -> np.ndarray:
    try:
        numbers = np.asarray(value)
        if numbers.dtype.kind == "f" and numbers.dtype.itemsize > 8:
            raise TypeError("more than 64 bits a number")
        return numbers.astype(numbers.dtype.newbyteorder("="), copy=False)
    except ValueError:
        raise ValueError(f"`{name}` must be an array, got rows of unequal length") from None
    except (TypeError, RuntimeError) as error:
        raise TypeError(f"`{name}` must be an array, got {_describe(value)}: {error}") from None


def _has_axes(ndim: int, axes: str) -> bool:
    names = [axis for axis in axes.strip("()").replace(" ", "").split(",") if axis]
    return ndim >= len(names) - 1 if "..." in names else ndim == len(names)


def _describe(value: Any) -> str:
    """Return a short description of a value of the wrong kind."""
    text = repr(value)
    kind = type(value).__name__
    return f"{text} ({kind})" if len(text) <= 40 else f"a {kind}"
