"""Compare a solution with the right one, and show the verdict."""

from __future__ import annotations

import dis
import html
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor, nn

from convtools._palette import PALETTE

__all__ = [
    "Exercise",
    "MistakeError",
    "called",
    "check_shape",
    "compare",
    "divides",
    "failure",
    "numbers",
]  # fmt: skip

UNSOLVED = "Not solved yet: replace the three dots with your code, then run both cells again."
TOLERANCE = 1e-3  # relative to the largest value of the right answer


class MistakeError(Exception):
    """A hint about a solution that is not right."""


class Verdict(NamedTuple):
    """Whether an exercise is solved, and the message for its author."""

    solved: bool
    message: str

    def __str__(self) -> str:
        return f"{'✓' if self.solved else '→'} {self.message}"

    def _repr_html_(self) -> str:
        color = PALETTE["any"]["right" if self.solved else "wrong"]
        style = f"border-left: 0.3rem solid {color}; padding: 0.3rem 0.8rem"
        return f'<p style="{style}">{html.escape(str(self))}</p>'


@dataclass(frozen=True)
class Exercise:
    """A checker, from a function that raises a `MistakeError`: it shows a `Verdict`."""

    examine: Callable[[Any], None]

    def __call__(self, answer: Any) -> None:
        """Show whether `answer` is right, or a hint."""
        if getattr(_notebook(), "last_execution_succeeded", True):
            _show(self.verdict(answer))
        else:  # its variables are those of an earlier run, or do not exist
            _show(Verdict(False, "The previous cell failed. Fix it and run both again."))

    def verdict(self, answer: Any) -> Verdict:
        """Return whether `answer` is right, or a hint."""
        try:
            _reject_unsolved(answer)
            self.examine(answer)
        except MistakeError as mistake:
            return Verdict(False, str(mistake))
        except Exception as error:
            return Verdict(False, f"Your code raised {type(error).__name__}: {error}")
        return Verdict(True, "Solved.")


def failure(error: Exception, function: Callable[..., Any]) -> str:
    """Return a hint about an error of a function that a reader wrote."""
    raised = f"Your code raised {type(error).__name__}: {error}."
    steps = list(_steps(getattr(function, "__code__", None)))
    for step, following in pairwise(steps):
        if step.argval is ... and following.opname.startswith("STORE"):
            raise MistakeError(UNSOLVED)
    dots = any(_is_open(step.argval) for step in steps if step.opname.startswith("LOAD_CONST"))
    return f"{raised} If three dots are left, replace them with your code." if dots else raised


def called(function: Any, *arguments: Any, case: str = "") -> Any:
    """Return what a reader's function returns, or raise a `MistakeError` with a hint."""
    if not callable(function) or isinstance(function, (nn.Module, Tensor)):
        raise MistakeError("Pass the function itself, without calling it.")
    try:
        return function(*arguments)
    except Exception as error:
        raise MistakeError(f"{failure(error, function)} {case}".strip()) from None


def divides(function: Callable[..., Any]) -> bool:
    """Tell whether a function divides with ``/``."""
    steps = _steps(getattr(function, "__code__", None))
    return any(step.argrepr in ("/", "/=") for step in steps)


def compare(
    answer: Any,
    right: ArrayLike,
    mistakes: Mapping[str, ArrayLike],
    otherwise: str = "",
    case: str = "",
) -> None:
    """Raise a `MistakeError` unless `answer` is `right`.

    `mistakes` maps hints to the wrong answers that they fit; `otherwise` is the hint for others,
    and `case` names the input.
    """
    given, right = numbers(answer), np.asarray(right)
    for hint, mistake in mistakes.items():
        if _equal(given, np.asarray(mistake)) and not _equal(given, right):
            raise MistakeError(hint)
    check_shape(given, right.shape, case)
    if not _equal(given, right):
        what = "The shape is right, the values are not." if right.shape else "Not this number."
        raise MistakeError(" ".join([what, otherwise, case]).strip())


def _equal(given: np.ndarray, other: np.ndarray) -> bool:
    if given.shape != other.shape:
        return False
    tolerance = TOLERANCE * np.abs(other).max() if other.dtype.kind == "f" else 0
    return bool(np.abs(given - other).max() <= tolerance)


def check_shape(given: np.ndarray, shape: tuple[int, ...], case: str = "") -> None:
    if given.shape == shape:
        return
    names = {(): "one number", (2,): "two numbers"}
    must, was = (names.get(each, f"an array of shape {each}") for each in (shape, given.shape))
    raise MistakeError(f"The answer is {must}; yours is {was}. {case}".strip())


def numbers(answer: Any, undefined: str = "There is NaN or infinity in the answer.") -> np.ndarray:
    """Return an answer as an array of finite numbers, or say why it is none."""
    _reject_unsolved(answer)
    if answer is None:
        raise MistakeError("The answer is None: does your function return something?")
    if isinstance(answer, nn.Module):
        raise MistakeError("This is a layer; the answer must hold numbers.")
    if callable(answer) and not isinstance(answer, Tensor):
        raise MistakeError("This is a function: call it, with ( ), and pass what it returns.")
    if isinstance(answer, tuple) and hasattr(answer, "indices"):
        raise MistakeError("torch.max returns values and their indices: take the values, or amax.")
    if isinstance(answer, (tuple, list)):
        answer = [part.detach().tolist() if isinstance(part, Tensor) else part for part in answer]
    if isinstance(answer, Tensor):
        answer = answer.detach().cpu().double().numpy()
    try:
        given = np.asarray(answer)
        if given.dtype.kind not in "biuf":
            raise TypeError
    except (TypeError, ValueError):
        kind = type(answer).__name__
        raise MistakeError(f"The answer must hold numbers; yours is of type {kind}.") from None
    if not np.isfinite(given).all():
        raise MistakeError(undefined)
    return given.astype(float)


def _steps(code: CodeType | None) -> Iterator[dis.Instruction]:
    """Yield the instructions of a function, and of the lambdas and comprehensions in it."""
    if code is not None:
        yield from dis.get_instructions(code)
        for constant in code.co_consts:
            yield from _steps(constant if isinstance(constant, CodeType) else None)


def _is_open(answer: Any) -> bool:
    """Tell whether three dots are left in an answer."""
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        answer = answer.ravel().tolist()
    return answer is ... or (isinstance(answer, (tuple, list)) and any(map(_is_open, answer)))


def _reject_unsolved(answer: Any) -> None:
    if _is_open(answer):
        raise MistakeError(UNSOLVED)


def _notebook() -> Any:
    """Return the shell of the notebook that this runs in, None elsewhere."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell if hasattr(shell, "kernel") else None


def _show(verdict: Verdict) -> None:
    """Display a note in a notebook, print a line elsewhere."""
    if _notebook():
        sys.modules["IPython"].display.display(verdict)
    else:
        print(verdict)
