"""Functions and classes defined in a chapter compute the same as those of the package."""

import re

import numpy as np
import torch
from torch import nn

import convtools


def defined_in(source, name):
    """Return the function or class `name` that a cell of a chapter defines."""
    pattern = rf"^```\{{code-cell\}}[^\n]*\n((?:class|def) {name}\b.*?)^```"
    code = re.search(pattern, source, re.MULTILINE | re.DOTALL)[1]
    definition = re.split(r"^(?=\w)(?!class|def)", code, flags=re.MULTILINE)[0]
    names = {"np": np, "torch": torch, "nn": nn}
    exec(definition, names)
    return names[name]


def test_loops_of_the_chapter_equal_correlate2d(sources):
    slide = defined_in(sources["book/convolution"], "slide")
    generator = np.random.default_rng(0)
    for K in (1, 3, 5):
        image, kernel = generator.normal(size=(7, 9)), generator.normal(size=(K, K))
        expected = convtools.correlate2d(image, kernel)
        assert slide(image, kernel).shape == expected.shape
        np.testing.assert_allclose(slide(image, kernel), expected, rtol=1e-12)


def test_layer_of_the_chapter_equals_that_of_the_package(sources):
    written = defined_in(sources["book/pytorch-layers"], "ConvolutionalLayer")
    options = {"c_in": 2, "c_out": 3, "K": 5, "filters": torch.randn(3, 2, 5, 5)}
    images = torch.randn(4, 2, 12, 16)
    expected = convtools.ConvolutionalLayer(**options)(images)
    assert written(**options)(images).shape == expected.shape
    torch.testing.assert_close(written(**options)(images), expected)
