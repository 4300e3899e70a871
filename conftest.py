"""Settings and fixtures for tests and doctests.

Figures are drawn without a display and closed afterwards; hypothesis examples do not vary. A test
process has one thread, because there are as many processes as processors.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and PyTorch are imported

import matplotlib
import matplotlib.pyplot as plt
import pytest
from hypothesis import settings

matplotlib.use("agg")
settings.register_profile("book", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("book")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")
