"""Argument validation accepts good values, and every error has its wording."""

import numpy as np
import pytest
import torch

from convtools import _validate as validate


@pytest.mark.parametrize(
    ("check", "value", "result"),
    [
        (validate.integer, np.int64(3), 3),
        (validate.integer, torch.tensor(3), 3),
        (validate.real, np.float32(0.5), 0.5),
        (validate.real, torch.tensor(2), 2.0),
        (validate.flag, np.True_, True),
        (lambda name, value: validate.pair(name, value, minimum=0), 2, (2, 2)),
        (lambda name, value: validate.pair(name, value, minimum=0), [0, np.int64(1)], (0, 1)),
        (lambda name, value: validate.square(name, value, minimum=0), [2, 2], 2),
        (validate.shape_of, torch.Size([3, 4]), (3, 4)),
        (lambda name, value: validate.choice(name, value, (None, "l2")), None, None),
    ],
)
def test_good_values_are_returned_as_python_types(check, value, result):
    returned = check("x", value)
    assert returned == result
    assert type(returned) is type(result)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: validate.integer("n", 1.5), TypeError, "must be an integer, got 1.5 (float)"),
        (lambda: validate.integer("n", True), TypeError, "must be an integer, got True"),
        (
            lambda: validate.integer("n", 0, minimum=1),
            ValueError,
            "must be an integer of at least 1, got 0",
        ),
        (
            lambda: validate.integer("n", 8, minimum=3, odd=True),
            ValueError,
            "must be an odd integer of at least 3, got 8",
        ),
        (lambda: validate.real("n", "8"), TypeError, "must be a finite number, got '8' (str)"),
        (lambda: validate.real("n", np.nan), ValueError, "must be a finite number, got nan"),
        (lambda: validate.real("n", 10**400), ValueError, "must be a finite number, got inf"),
        (
            lambda: validate.real("n", list(range(99))),
            TypeError,
            "must be a finite number, got a list",
        ),
        (
            lambda: validate.real("n", 0, above=0),
            ValueError,
            "must be a finite number above 0, got 0.0",
        ),
        (
            lambda: validate.real("n", 2, minimum=0, maximum=1),
            ValueError,
            "must be a finite number of at least 0 and of at most 1, got 2.0",
        ),
        (lambda: validate.flag("n", 1), TypeError, "must be True or False, got 1 (int)"),
        (
            lambda: validate.choice("n", "full", ("valid", "same")),
            ValueError,
            "must be one of 'valid', 'same', got 'full' (str)",
        ),
        (lambda: validate.function("n", 3), TypeError, "must be callable, got 3 (int)"),
        (
            lambda: validate.pair("n", (1, 2, 3), minimum=0),
            ValueError,
            "must be an integer or a pair of integers, got (1, 2, 3)",
        ),
        (
            lambda: validate.square("n", [1, 2], minimum=0),
            ValueError,
            "must be the same in both directions, got (1, 2)",
        ),
        (
            lambda: validate.shape_of("n", 48, ndim=2),
            TypeError,
            "must be a shape: 2 positive integers, got 48 (int)",
        ),
        (
            lambda: validate.shape_of("n", ()),
            ValueError,
            "must be a shape: positive integers, got ()",
        ),
        (
            lambda: validate.array("n", np.ones(7), axes="(H, W)"),
            ValueError,
            "must have shape (H, W), got (7,)",
        ),
        (
            lambda: validate.array("n", 1.0, axes="(..., n)"),
            ValueError,
            "must have shape (..., n), got ()",
        ),
        (
            lambda: validate.array("n", np.ones((0, 3))),
            ValueError,
            "must not be empty, got shape (0, 3)",
        ),
        (
            lambda: validate.array("n", torch.tensor([1.0, torch.inf])),
            ValueError,
            "must hold finite numbers, got NaN or infinity",
        ),
        (
            lambda: validate.array("n", np.ones(9) + 1j),
            TypeError,
            "must hold real numbers, got a ndarray",
        ),
        (
            lambda: validate.real("n", torch.tensor(8.0, requires_grad=True)),
            TypeError,
            "must be a finite number without a gradient, got",
        ),
        (
            lambda: validate.choice("n", np.array(["l2", "l1"]), ("l2",)),
            ValueError,
            "must be one of 'l2', got",
        ),
        (
            lambda: validate.array("n", [[1, 2], [3]]),
            ValueError,
            "must be an array, got rows of unequal length",
        ),
        (
            lambda: validate.array("n", torch.eye(2).to_sparse()),
            TypeError,
            "must be a dense array, got a sparse tensor",
        ),
        (
            lambda: validate.array("n", np.array([2**63], np.uint64)),
            ValueError,
            "must hold numbers below 2**63, got",
        ),
        (
            lambda: validate.bank("n", np.ones((2, 3, 5, 5))),
            ValueError,
            "must have shape (K, K), (n, K, K) or (n, 1, K, K), got (2, 3, 5, 5)",
        ),
    ],
)
def test_error_has_argument_condition_and_value(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(f"`n` {message}")


class Unreadable:
    def __array__(self, *args, **options):
        raise RuntimeError("out of order")


def test_error_of_an_object_that_is_not_an_array_is_included():
    with pytest.raises(TypeError, match=r"`n` must be an array, got .*: out of order"):
        validate.array("n", Unreadable())


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ([True, False], np.int64),
        (np.ones(3, np.uint8), np.int64),
        (torch.ones(3, dtype=torch.uint8), torch.int64),
        (np.ones(3, np.float32), np.float32),
        (torch.ones(3, dtype=torch.bfloat16), torch.bfloat16),
    ],
)
def test_integers_become_int64_and_floats_keep_their_precision(value, dtype):
    assert validate.array("n", value).dtype == dtype


def test_tensor_keeps_its_gradient():
    tensor = torch.ones(2, requires_grad=True)
    assert validate.array("n", tensor) is tensor


@pytest.mark.parametrize("shape", [(5, 5), (3, 5, 5), (3, 1, 5, 5)])
@pytest.mark.parametrize("make", [np.ones, torch.ones])
def test_one_or_several_kernels_become_a_bank(shape, make):
    kernels = validate.bank("n", make(shape))
    assert kernels.shape == ((1 if len(shape) == 2 else 3), 1, 5, 5)
    assert type(kernels) is type(make(1))


def test_arrays_become_tensors_together_with_a_tensor():
    _, first, second = validate.alike(np.ones(2), torch.zeros(2))
    assert isinstance(first, torch.Tensor)
    assert torch.equal(first + second, torch.ones(2, dtype=torch.float64))


@pytest.mark.skipif(np.longdouble(1).itemsize <= 8, reason="no longer floats on this machine")
def test_numbers_that_no_tensor_can_represent_are_rejected():
    with pytest.raises(TypeError, match=r"`n` must be an array, got .*: more than 64 bits"):
        validate.array("n", np.ones(2, np.longdouble))
