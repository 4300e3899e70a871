"""Print the time of `convtools.conv2d` relative to PyTorch and SciPy, measured in one run."""

import os

for library in ("OPENBLAS", "MKL", "OMP"):  # one thread each, for a fair comparison
    os.environ[f"{library}_NUM_THREADS"] = "1"

from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
from scipy.signal import correlate2d  # noqa: E402

import convtools  # noqa: E402

ROUNDS = 21


def main() -> None:
    torch.set_num_threads(1)
    gratings = torch.stack([convtools.grating(angle) for angle in (-90, -45, 0, 45, 90)])
    photograph = convtools.natural_image(512)[None]
    compare("tutorial's layer, 5×1×48×64, 6 kernels 7×7", gratings, convtools.filters()[:, 0], 3)
    compare(
        "photograph, 512×512, a kernel 31×31", photograph, convtools.gabor(12, 30, size=31)[None], 0
    )


def compare(title: str, images: torch.Tensor, kernels: torch.Tensor, padding: int) -> None:
    """Time the three in turn, in float64, on `images` (N, H, W) and `kernels` (n, K, K)."""
    x, weight = images[:, None].double(), kernels[:, None].double()
    x_array, weight_array = x.numpy(), weight.numpy()
    padded = np.pad(images.double().numpy(), [(0, 0), (padding, padding), (padding, padding)])
    contestants = {
        "convtools": lambda: convtools.conv2d(x_array, weight_array, padding=padding),
        "torch": lambda: torch.nn.functional.conv2d(x, weight, padding=padding).numpy(),
        "scipy": lambda: np.array(
            [[correlate2d(image, k, mode="valid") for k in weight_array[:, 0]] for image in padded]
        ),
    }
    outputs = [run() for run in contestants.values()]
    for other in outputs[1:]:
        np.testing.assert_allclose(outputs[0], other, atol=1e-9)
    times = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            start = perf_counter()
            run()
            times[name].append(perf_counter() - start)
    ours, torchs, scipys = (median(times[name]) for name in contestants)
    ratios = f"{ours / torchs:.3g} × torch, {ours / scipys:.3g} × scipy"
    print(f"{title}: {ours * 1e3:.2f} ms = {ratios}")


if __name__ == "__main__":
    main()
