"""The rebuilt photograph agrees with convtools."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest
from seeing.authoring.explorable import components

COMPUTE = """(state) => {
    const { xp } = document.getElementById("rebuild");
    xp.setState(state);
    const { rebuilt, shares } = xp.getModel();
    return { rebuilt: [...rebuilt.data], share: shares[state.kind], code: xp.getCode() };
}"""
PIXELS = 12 * 12


@pytest.fixture(scope="module")
def numbers():
    """The numbers that the page contains: means, scores, standard deviations, patterns, mixing."""
    sizes = [(64, 1), (64, 64), (64,), (64, PIXELS), (64, 64)]
    parts = np.split(components() / 1024, np.cumsum([np.prod(size) for size in sizes])[:-1])
    return [part.reshape(size) for part, size in zip(parts, sizes, strict=True)]


@pytest.fixture
def figure(page, site):
    page.goto(f"{site}/book/natural-images.html")
    page.locator("#rebuild.xp-alive").wait_for()
    return page


@pytest.mark.parametrize("kind", ["learned", "principal"])
@pytest.mark.parametrize("count", [0, 1, 7, 64])
def test_photograph_is_rebuilt_from_the_largest_responses(count, kind, figure, numbers):
    means, scores, spreads, patterns, mixing = numbers
    mixing = mixing if kind == "learned" else np.eye(64)
    responses, features = scores @ mixing.T, mixing @ (patterns * spreads[:, None])
    ranks = np.argsort(np.argsort(-(responses**2), axis=1, kind="stable"), axis=1)
    kept = np.where(ranks < count, responses, 0)
    patches = (means + kept @ features).reshape(8, 8, 12, 12)
    shown = figure.evaluate(COMPUTE, {"count": count, "kind": kind})
    expected = patches.swapaxes(1, 2).reshape(96, 96)
    np.testing.assert_allclose(np.reshape(shown["rebuilt"], (96, 96)), expected, atol=1e-9)
    assert shown["share"] == pytest.approx((kept**2).sum() / (responses**2).sum())


@pytest.mark.parametrize("kind", ["learned", "principal"])
def test_copied_code_prints_the_share(kind, figure):
    shown = figure.evaluate(COMPUTE, {"count": 5, "kind": kind})
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(shown["code"], {})
    assert printed.getvalue() == f"{100 * shown['share']:.1f}%\n"
