"""What the chapter says of filters learned from a photograph is what its cells have printed."""

import pytest

from helpers.pages import output_of


@pytest.fixture(scope="module")
def text(pages):
    return output_of(pages["book/natural-images"])


def test_neighbouring_pixels_are_correlated(printed):
    assert printed("(?:1|8|64) pixels: #").tolist() == pytest.approx([0.96, 0.62, 0.17], abs=0.01)


def test_power_falls_with_the_frequency(printed):
    assert printed("to the power of #") == pytest.approx(-2.9, abs=0.05)


def test_whitening_filters_are_centre_surround(printed):
    rows = printed(r"components: \[ *# +# +# *.? +# +# *\], sum #")
    [[_, left, center, right, _, total], [_, wide, *_]] = rows
    assert center == 1
    assert left < 0 > right
    assert wide > 0  # without the finest detail the centre is wider
    assert total == 0


def test_gabors_fit_filters_of_the_photograph_but_not_of_the_control(printed, text):
    [[r2, share], [control, none]] = printed("(?:photograph|control): median R² #, #% above 0.8")
    assert r2 >= 0.85
    assert 88 <= share <= 98
    assert control <= 0.3
    assert none == 0
    assert "the filters still change after 150 iterations" in text


def test_learned_filters_have_the_heaviest_tails(printed):
    rotation, principal, pixels, learned, control = printed(": median #, at equal contrast #")
    assert learned[0] > 2 * pixels[0]
    assert min(pixels[0], principal[0]) > rotation[0] > 7
    assert learned[1] > 3
    assert max(rotation[1], principal[1], pixels[1]) < 1
    assert abs(control[0]) < 0.1


def test_learned_filters_are_as_wide_as_those_of_neurons_but_longer(printed):
    neurons, learned, chain = printed(": n_x #, n_y #,")
    assert neurons.tolist() == [0.37, 0.44]
    assert learned[0] == pytest.approx(neurons[0], abs=0.05)
    assert learned[1] > 1.8 * neurons[1]
    assert chain[0] > 2 * neurons[0]
    assert printed("both below 0.3 in #%").tolist() == [24, 0]


def test_learned_filters_need_the_fewest_components(printed):
    learned, principal, rotated = printed(": #% with 4, half with #")
    assert learned[0] > principal[0] > rotated[0]
    assert [learned[1], principal[1]] == [4, 7]
    in_grey = printed("#% with 16, in grey values")
    assert in_grey[0] < in_grey[1]
