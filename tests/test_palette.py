"""All colours of figures, pages and icon are defined in one file."""

import re
import subprocess
from itertools import chain
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from convtools._palette import PALETTE
from convtools.plotting import book_style
from convtools.plotting._shared import SIGNED

ROOT = Path(__file__).parents[1]
LITERAL = re.compile(
    r"(?<![\w&/#])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgb|hsl|hwb|lab|lch|oklch)a?\(",
    re.IGNORECASE,
)
ALLOWED = {
    "convtools/plotting/palette.json",
    "book/_static/icon.svg",  # style sheets do not apply to images
}


def colours(of):
    """Return all colours of the palette, or of a part of it."""
    if isinstance(of, str):
        return {of}
    parts = of.values() if isinstance(of, dict) else of
    return set(chain.from_iterable(map(colours, parts)))


def test_colours_are_written_in_full():
    assert [colour for colour in colours(PALETTE) if not re.fullmatch("#[0-9a-f]{6}", colour)] == []


def test_no_other_file_defines_a_colour():
    patterns = ["*.py", "*.css", "*.js", "*.json", "*.svg", "*.html", "*.mplstyle", "*.yml"]
    names = subprocess.check_output(["git", "ls-files", *patterns], cwd=ROOT, text=True).split()
    names = [name for name in names if name not in ALLOWED and not name.startswith("tests/")]
    found = {
        name: LITERAL.findall((ROOT / name).read_text(encoding="utf-8"))
        for name in names
        if (ROOT / name).exists()
    }
    assert {name: literals for name, literals in found.items() if literals} == {}


def test_icon_has_the_colours_of_the_palette():
    icon = (ROOT / "book/_static/icon.svg").read_text(encoding="utf-8")
    assert set(LITERAL.findall(icon)) <= colours(PALETTE)


def test_book_style_has_the_colours_of_the_palette():
    with plt.rc_context():
        book_style()
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"] == PALETTE["cycle"]
        assert to_rgb(plt.rcParams["figure.facecolor"]) == to_rgb(PALETTE["light"]["paper"])


def test_style_works_without_its_colours():
    with plt.style.context("convtools.book"):
        assert plt.rcParams["image.cmap"] == "gray"


def test_signed_colour_map_is_the_red_and_blue_one_of_matplotlib():
    levels = np.linspace(0, 1, 101)
    np.testing.assert_allclose(SIGNED(levels), colormaps["RdBu_r"](levels), atol=2 / 255)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signed_colour_map_has_zero_in_its_middle(theme):
    assert len(PALETTE[theme]["signed"]) % 2 == 1


def test_dark_theme_defines_all_colours_of_the_light_one():
    assert PALETTE["light"].keys() <= PALETTE["dark"].keys()
