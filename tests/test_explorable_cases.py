"""convtools gives the results of the shared cases, which the explorables are also tested with.

The first two convolutions are figures 1.1 and 1.2 of Dumoulin & Visin (arXiv:1603.07285).
"""

import json
from pathlib import Path

import numpy as np
import pytest

import convtools

CASES = json.loads(Path(__file__).with_name("explorable_cases.json").read_text(encoding="utf-8"))


def conv2d(images, weight, bias, **options):
    return convtools.conv2d([images], weight, bias, **options)[0]


CALLS = {"conv2d": conv2d}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["function"])
def test_convtools_computes_the_shared_cases(case):
    call = CALLS.get(case["function"], getattr(convtools, case["function"]))
    expected = np.array(case["result"], float)  # null is NaN
    result = np.asarray(call(**case["arguments"]), float)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)
