"""How an answer to an exercise is judged, and how the verdict is shown."""

import functools
import html
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

__all__ = ["MistakeError", "Verdict", "check_shape", "compare", "exercise", "numbers"]

UNSOLVED = "Not solved yet: put your code in place of the three dots, then run both cells again."
TOLERANCE = 1e-3  # relative to the largest value of the right answer


class MistakeError(Exception):
    """What to look at in an answer that is not right."""


class Verdict(NamedTuple):
    """Whether an exercise is solved, and what there is to say."""

    solved: bool
    message: str

    def __str__(self) -> str:
        return f"{'✓' if self.solved else '→'} {self.message}"

    def _repr_html_(self) -> str:
        color = "#1a7f37" if self.solved else "#9a6700"
        style = f"border-left: 0.3rem solid {color}; padding: 0.3rem 0.8rem"
        return f'<p style="{style}">{html.escape(str(self))}</p>'


def exercise(examine: Callable[[Any], None]) -> Callable[[Any], None]:
    """Turn a function that raises a `MistakeError` into a checker that shows a `Verdict`."""

    def verdict(answer: Any) -> Verdict:
        try:
            _reject_unsolved(answer)
            examine(answer)
        except MistakeError as mistake:
            return Verdict(False, str(mistake))
        except Exception as error:
            if "ellipsis" in str(error):  # a gap that is still open, used as a number
                return Verdict(False, UNSOLVED)
            return Verdict(False, f"Your answer stops with {type(error).__name__}: {error}")
        return Verdict(True, "Solved.")

    @functools.wraps(examine)
    def check(answer: Any) -> None:
        if getattr(_notebook(), "last_execution_succeeded", True):
            _show(verdict(answer))
        else:  # what it was to assign is still there from an earlier run, or from nowhere
            _show(Verdict(False, "The cell that ran before this one stopped: repair it first."))

    check.verdict = verdict
    return check


def compare(
    answer: Any,
    right: ArrayLike,
    mistakes: Mapping[str, ArrayLike],
    otherwise: str = "",
    about: str = "",
) -> None:
    """Raise a `MistakeError` unless `answer` is `right`.

    `mistakes` are hints and the wrong answers that they fit; `otherwise` is the hint for others,
    and `about` says what was computed.
    """
    given, right = numbers(answer), np.asarray(right)
    for hint, mistake in mistakes.items():
        if _equal(given, np.asarray(mistake)) and not _equal(given, right):
            raise MistakeError(hint)
    check_shape(given, right.shape, about)
    if not _equal(given, right):
        what = "The shape is right, the values are not." if right.shape else "Not this number."
        raise MistakeError(" ".join([what, otherwise, about]).strip())


def _equal(given: np.ndarray, other: np.ndarray) -> bool:
    if given.shape != other.shape:
        return False
    tolerance = TOLERANCE * np.abs(other).max() if other.dtype.kind == "f" else 0
    return bool(np.abs(given - other).max() <= tolerance)


def check_shape(given: np.ndarray, shape: tuple[int, ...], about: str = "") -> None:
    if given.shape == shape:
        return
    names = {(): "one number", (2,): "two numbers"}
    must, was = (names.get(each, f"an array of shape {each}") for each in (shape, given.shape))
    raise MistakeError(f"The answer is {must}; yours is {was}. {about}".strip())


def numbers(answer: Any, undefined: str = "There is NaN or infinity in the answer.") -> np.ndarray:
    """Return an answer as an array of finite numbers, or say why it is none."""
    _reject_unsolved(answer)
    if answer is None:
        raise MistakeError("The answer is None: does your function return something?")
    if callable(answer) and not isinstance(answer, Tensor):
        raise MistakeError("This is a function: call it, with ( ), and pass what it returns.")
    if isinstance(answer, Tensor):
        answer = answer.detach().cpu().numpy()
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


def _reject_unsolved(answer: Any) -> None:
    parts = answer if isinstance(answer, (tuple, list)) else [answer]
    if any(part is ... for part in parts):
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
