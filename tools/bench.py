"""Print the time of `convtools.conv2d` as a ratio to PyTorch and SciPy, side by side in one run."""

from statistics import median
from time import perf_counter

import torch
from scipy.signal import correlate2d

import convtools


def main() -> None:
    torch.set_num_threads(1)
    tutorial = torch.stack([convtools.grating(angle) for angle in (-90, -45, 0, 45, 90)])
    compare("tutorial's layer, 5×1×48×64 with 6 kernels 7×7", tutorial, convtools.filters()[:, 0])
    photograph = convtools.natural_image(512)[None]
    compare(
        "photograph, 512×512 with a kernel 31×31", photograph, convtools.gabor(31, 12, 30)[None]
    )


def compare(title: str, images: torch.Tensor, kernels: torch.Tensor) -> None:
    """Time the three on `images` (N, H, W) and `kernels` (n, K, K), by turns, in float64."""
    x, weight = images[:, None].double(), kernels[:, None].double()
    x_array, weight_array = x.numpy(), weight.numpy()
    contestants = {
        "convtools": lambda: convtools.conv2d(x_array, weight_array),
        "torch": lambda: torch.nn.functional.conv2d(x, weight),
        "scipy": lambda: [
            correlate2d(image[0], kernel[0], mode="valid")
            for image in x_array
            for kernel in weight_array
        ],
    }
    times = {name: [] for name in contestants}
    for _ in range(15):
        for name, run in contestants.items():
            start = perf_counter()
            run()
            times[name].append(perf_counter() - start)
    ours, torchs, scipys = (median(times[name]) for name in ("convtools", "torch", "scipy"))
    print(
        f"{title}: {ours * 1e3:.2f} ms = {ours / torchs:.3g} × torch, {ours / scipys:.3g} × scipy"
    )


if __name__ == "__main__":
    main()
