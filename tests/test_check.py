"""Each checker accepts right answers, and says of each usual mistake what it is."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

import convtools
from convtools import check

LAYER = convtools.ConvolutionalLayer(filters=convtools.filters())
GRATINGS = torch.stack([convtools.grating(angle) for angle in (-90, -45, 0, 45, 90)])[:, None]
ACTIVATIONS = LAYER(GRATINGS).detach()
PAIR = convtools.quadrature_pair(21, wavelength=8, orientation=60)
ANGLES = np.arange(0, 180, 5)


def slide(image, kernel, stride):
    return convtools.correlate2d(image, kernel, stride=stride)


def side_by_side(image, kernel, stride):
    """Make an output of the right size from patches that do not keep the stride."""
    height, width = slide(image, kernel, stride).shape
    return slide(image, kernel, 1)[:height, :width]


def bumps(*preferred):
    """Return the tuning curve of a cell with a peak at each of the orientations."""
    turns = np.deg2rad(ANGLES - np.array(preferred)[:, None])
    return np.exp(4 * (np.cos(2 * turns) - 1)).sum(axis=0)


def stacked(*kernels):
    return torch.stack(kernels)


RIGHT = {
    "loops": (check.strided_sum, slide),
    "NumPy without strides": (check.strided_sum, lambda i, k, s: slide(i, k, 1)[::s, ::s].tolist()),
    "a shape": (check.output_shape, (34, 27)),
    "a tensor's shape": (check.output_shape, torch.zeros(34, 27).shape),
    "a number": (check.parameter_count, 1216),
    "a tensor": (check.parameter_count, torch.tensor(1216)),
    "activations": (check.grating_responses, ACTIVATIONS),
    "activations with gradients": (check.grating_responses, LAYER(GRATINGS)),
    "activations in NumPy": (check.grating_responses, ACTIVATIONS.double().numpy()),
    "an index": (check.first_to_see, 6),
    "weights": (check.weights, LAYER.conv.weight.detach()),
    "weights from the state": (check.weights, LAYER.state_dict()["conv.weight"]),
    "weights in NumPy": (check.weights, LAYER.conv.weight.detach().numpy()),
    "a pair": (check.quadrature_pair, PAIR),
    "the odd one first, negative": (check.quadrature_pair, stacked(-PAIR[1], PAIR[0])),
    "a pair of other width": (
        check.quadrature_pair,
        convtools.quadrature_pair(21, 8, 60, sigma=3.0, aspect=0.5, zero_mean=True),
    ),
    "π/2": (check.f1_over_f0, np.pi / 2),
    "a ratio as it is measured": (check.f1_over_f0, np.array(1.572)),
    "a sum": (check.two_orientations, bumps(45, 135)),
    "the larger one": (check.two_orientations, np.maximum(bumps(45), bumps(135))),
}  # fmt: skip

WRONG = [
    (check.strided_sum, slide(np.ones((4, 4)), np.ones((3, 3)), 1), "without calling it"),
    (check.strided_sum, lambda i, k, s: None, "does your function return something"),
    (check.strided_sum, lambda i, k, s: slide(i, k[::-1, ::-1], s), "flipped"),
    (check.strided_sum, lambda i, k, s: slide(i, k, s).T, "Rows and columns are swapped"),
    (check.strided_sum, lambda i, k, s: slide(i, k, s) / k.size, "the mean"),
    (check.strided_sum, lambda i, k, s: slide(np.pad(i, 1), k, s), "with padding"),
    (check.strided_sum, lambda i, k, s: slide(i, k, s)[:-1, :-1], "last row and column"),
    (check.strided_sum, lambda i, k, s: (i[:3, :3] * k).sum(), "at one place"),
    (check.strided_sum, lambda i, k, s: i[:3, :3] * k, "products at one place"),
    (check.strided_sum, lambda i, k, s: slide(i, k, 1), "every place is still visited"),
    (check.strided_sum, side_by_side, "too close"),
    (check.strided_sum, lambda i, k, s: slide(i, k, 1)[:: s, :: s][: 5 // s, : 7 // s], "add 1"),
    (check.strided_sum, lambda i, k: slide(i, k, 1), "stops with TypeError"),
    (check.strided_sum, lambda i, k, s: np.zeros(len(i) / s), "divide by //"),
    (check.strided_sum, lambda i, k, s: slide(i, k, s)[: 4 - s], "a stride of 1"),
    (check.grating_responses, LAYER.forward, "call it"),
    (check.output_shape, (27, 34), "Height comes first"),
    (check.output_shape, (30, 23), "padding is left out"),
    (check.output_shape, (32, 25), "both"),
    (check.output_shape, (33, 26), "add 1"),
    (check.output_shape, (35, 28), "round down"),
    (check.output_shape, (101, 80), "stride is left out"),
    (check.output_shape, 34, "height alone"),
    (check.output_shape, (1, 16, 34, 27), "The answer is two numbers"),
    (check.output_shape, "34 × 27", "must hold numbers"),
    (check.parameter_count, 1200, "biases are left out"),
    (check.parameter_count, 416, "three input channels"),
    (check.parameter_count, 76, "there are sixteen"),
    (check.parameter_count, 1203, "not for each input channel"),
    (check.parameter_count, 1248, "slice of a kernel"),
    (check.parameter_count, 256, "25 weights"),
    (check.parameter_count, 1215, "Not this number"),
    (check.grating_responses, LAYER, "call it with the stimuli"),
    (check.grating_responses, GRATINGS, "These are the stimuli"),
    (check.grating_responses, ACTIVATIONS[:, :, 3:-3, 3:-3], "K // 2") ,
    (check.grating_responses, ACTIVATIONS[:1], "stack all five"),
    (check.grating_responses, ACTIVATIONS[2], "batch axis is missing"),
    (check.grating_responses, ACTIVATIONS.mT, "Height and width are swapped"),
    (check.grating_responses, ACTIVATIONS.swapaxes(0, 1), "stimuli come first"),
    (check.grating_responses, ACTIVATIONS.flip(0), "another order"),
    (check.grating_responses, ACTIVATIONS.relu(), "nothing is rectified"),
    (check.grating_responses, ACTIVATIONS[:, :4], "(5, 4, 48, 64)"),
    (check.grating_responses, convtools.ConvolutionalLayer()(GRATINGS), "weights are random"),
    (check.first_to_see, 7, "counted from 0"),
    (check.first_to_see, 5, "sees 38 pixels"),
    (check.first_to_see, 4, "sees 34 pixels"),
    (check.first_to_see, 0, "sees 7 pixels"),
    (check.first_to_see, 54, "answer with the layer's index"),
    (check.first_to_see, (3, 1, 1), "The answer is one number"),
    (check.weights, LAYER.conv.weight, "detach"),
    (check.weights, LAYER.conv, "an attribute"),
    (check.weights, LAYER.conv.bias, "biases"),
    (check.weights, LAYER.conv.weight[:, 0], "input channels is missing"),
    (check.weights, LAYER.conv.weight[0], "take all six"),
    (check.weights, LAYER.conv.weight[0, 0], "one kernel"),
    (check.weights, LAYER.conv.weight.detach().numpy().T, "output channels come first"),
    (check.weights, convtools.ConvolutionalLayer().conv.weight, "weights of `layer`"),
    (check.quadrature_pair, PAIR[0], "one kernel"),
    (check.quadrature_pair, PAIR[None], "(2, 21, 21)"),
    (check.quadrature_pair, stacked(PAIR[0], PAIR[0]), "0° apart"),
    (check.quadrature_pair, stacked(PAIR[0], -PAIR[0]), "180° apart"),
    (check.quadrature_pair, convtools.quadrature_pair(21, 8, 30), "gratings of 30°"),
    (check.quadrature_pair, convtools.quadrature_pair(21, 8, -60), "gratings of 120°"),
    (check.quadrature_pair, stacked(PAIR[0], convtools.gabor(21, 8, 0)), "same orientation"),
    (check.quadrature_pair, convtools.quadrature_pair(21, 12, 60), "12 pixels apart"),
    (check.quadrature_pair, stacked(PAIR[0], PAIR[1] / 2), "stronger than the other"),
    (check.f1_over_f0, 1.1116, "two rectified filters"),
    (check.f1_over_f0, 0.0, "complex cell"),
    (check.f1_over_f0, 2.0, "Four phases"),
    (check.f1_over_f0, 1.6569, "Eight phases"),
    (check.f1_over_f0, 0.786, "twice the size"),
    (check.f1_over_f0, 0.636, "F0/F1"),
    (check.f1_over_f0, 1.6977, "does not square"),
    (check.f1_over_f0, float("nan"), "must be rectified"),
    (check.f1_over_f0, 1.2, "one whole cycle"),
    (check.f1_over_f0, [1.57, 1.57], "The answer is one number"),
    (check.two_orientations, bumps(45), "hardly answers to 135°"),
    (check.two_orientations, bumps(135), "hardly answers to 45°"),
    (check.two_orientations, bumps(0, 90), "45° and 135° were asked for"),
    (check.two_orientations, bumps(20, 110), "neither"),
    (check.two_orientations, bumps(45) - bumps(135), "never negative"),
    (check.two_orientations, bumps(45) * bumps(135), "every orientation"),
    (check.two_orientations, np.stack([bumps(45), bumps(135)], axis=1), "combine"),
    (check.two_orientations, bumps(45, 135)[:-1], "(36,)"),
    (check.two_orientations, bumps(0, 45, 135), "as well"),
    (check.two_orientations, np.where(ANGLES == 5, np.nan, bumps(45, 135)), "NaN"),
    (check.two_orientations, np.full(36, np.inf), "infinity"),
    (check.parameter_count, "1216", "must hold numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("checker", "answer"), RIGHT.values(), ids=RIGHT)
def test_right_answer_is_accepted(checker, answer):
    assert checker.verdict(answer) == (True, "Solved.")


@pytest.mark.parametrize(("checker", "answer", "hint"), WRONG)
def test_wrong_answer_gets_its_hint(checker, answer, hint):
    solved, message = checker.verdict(answer)
    assert not solved
    assert hint in message


@pytest.mark.parametrize("name", check.__all__)
def test_each_checker_knows_five_mistakes(name):
    hints = {hint for checker, _, hint in WRONG if checker is getattr(check, name)}
    assert len(hints) >= 5


@pytest.mark.parametrize("name", check.__all__)
@pytest.mark.parametrize("stub", [..., (..., 3), [...], lambda *_: ...])
def test_stub_is_said_to_be_unsolved(name, stub):
    if callable(stub) and name != "strided_sum":
        return
    solved, message = getattr(check, name).verdict(stub)
    assert not solved
    assert "three dots" in message


def test_gap_that_is_left_within_a_function_is_said_to_be_unsolved():
    solved, message = check.strided_sum.verdict(lambda *_: np.zeros((..., 3)))
    assert not solved
    assert "three dots" in message


@pytest.mark.parametrize("name", check.__all__)
@pytest.mark.parametrize("answer", [None, "?", object(), {}, [], np.zeros((0, 3)), [[1], [2, 3]]])
def test_whatever_the_answer_is_its_author_gets_words(name, answer):
    solved, message = getattr(check, name).verdict(answer)
    assert not solved
    assert message


def test_answer_that_stops_by_itself_is_said_to_do_so():
    class Broken:
        def __array__(self, *args, **options):
            raise RuntimeError("out of order")

    assert "RuntimeError: out of order" in check.output_shape.verdict(Broken()).message


def test_verdict_is_printed_outside_a_notebook(capsys):
    assert check.parameter_count(1216) is None
    check.parameter_count(1200)
    assert capsys.readouterr().out.splitlines() == [
        "✓ Solved.",
        "→ The biases are left out: one for each output channel.",
    ]


def test_cell_that_stopped_is_to_be_repaired_before_an_old_answer_is_judged(monkeypatch):
    shown = []
    shell = SimpleNamespace(kernel=object(), last_execution_succeeded=False)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", shown.append)
    check.parameter_count(1216)
    assert [verdict.solved for verdict in shown] == [False]
    assert "repair it first" in shown[0].message


def test_verdict_is_a_note_in_a_notebook(monkeypatch):
    shown = []
    shell = SimpleNamespace(kernel=object(), last_execution_succeeded=True)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", shown.append)
    check.first_to_see(6)
    check.first_to_see("<b>")
    right, wrong = (verdict._repr_html_() for verdict in shown)
    assert "✓ Solved." in right
    assert "→" in wrong
    assert "<b>" not in wrong
