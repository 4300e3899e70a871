"""PyTorch modules: the tutorial's convolutional layer, and layers of simple and complex cells."""

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, relu

from convtools import _validate as validate

__all__ = ["ComplexCells", "ConvolutionalLayer", "SimpleCells"]


class ConvolutionalLayer(nn.Module):
    """One convolutional layer whose output has the height and width of its input.

    Parameters
    ----------
    c_in, c_out : int
        Number of input and of output channels.
    K : int
        Height and width of each kernel in pixels, odd: the padding is ``K // 2``.
    filters : Tensor, shape (c_out, c_in, K, K), optional
        Initial weights, copied. The biases then start at 0; without `filters` both are random.

    Attributes
    ----------
    conv : torch.nn.Conv2d
        The layer that does the work.

    Raises
    ------
    TypeError, ValueError
        If a number is not a positive integer, `K` is even, or `filters` is not a tensor of that
        shape. Called with images that are not ``(N, c_in, H, W)`` in the weights' precision:
        likewise. NaN pixels are let through, and give NaN.

    References
    ----------
    Neuromatch Academy, Computational Neuroscience, W1D5 Tutorial 2 (CC BY 4.0).

    Examples
    --------
    >>> import convtools
    >>> layer = ConvolutionalLayer(c_in=1, c_out=6, K=7, filters=convtools.filters(6, 7))
    >>> images = convtools.grating(45)[None, None]  # (N, C, H, W)
    >>> layer(images).shape
    torch.Size([1, 6, 48, 64])
    """

    def __init__(self, c_in: int = 1, c_out: int = 6, K: int = 7, filters: Tensor | None = None):
        super().__init__()
        c_in = validate.integer("c_in", c_in, minimum=1)
        c_out = validate.integer("c_out", c_out, minimum=1)
        K = validate.kernel_size("K", K)
        self.conv = nn.Conv2d(c_in, c_out, kernel_size=K, stride=1, padding=K // 2)
        if filters is not None:
            _check_weights("filters", filters, (c_out, c_in, K, K))
            self.conv.weight = nn.Parameter(filters.detach().clone())
            self.conv.bias = nn.Parameter(self.conv.weight.new_zeros(c_out))

    def forward(self, s: Tensor) -> Tensor:
        """Convolve images of shape (N, c_in, H, W) into activations of shape (N, c_out, H, W)."""
        _check_images("s", s, self.conv.in_channels, self.conv.weight)
        return self.conv(s)


class SimpleCells(nn.Module):
    """Model simple cells: a linear filter, then half-wave rectification.

    Every position of the image has one cell of each kind, so the output is as large as the input.

    Parameters
    ----------
    kernels : Tensor, shape (n, K, K)
        Receptive fields, K odd; not trained.
    threshold : float
        What is subtracted from the filtered image before negative values are set to 0.

    Raises
    ------
    TypeError, ValueError
        If `kernels` is not a tensor of that shape or `threshold` is not finite. Called with images
        that are not ``(N, 1, H, W)`` in the kernels' precision: likewise.

    References
    ----------
    Hubel, D. H. & Wiesel, T. N. (1962). J. Physiol. 160, 106-154.

    Examples
    --------
    >>> import convtools
    >>> cells = SimpleCells(convtools.quadrature_pair(15, wavelength=8, orientation=0))
    >>> cells(torch.zeros(1, 1, 48, 64)).shape
    torch.Size([1, 2, 48, 64])
    """

    kernels: Tensor

    def __init__(self, kernels: Tensor, *, threshold: float = 0.0):
        super().__init__()
        _check_weights("kernels", kernels, ("n", "K", "K"))
        self.register_buffer("kernels", kernels.detach().clone())
        self.threshold = validate.real("threshold", threshold)

    def forward(self, images: Tensor) -> Tensor:
        """Answer to images of shape (N, 1, H, W) with rates of shape (N, n, H, W)."""
        _check_images("images", images, 1, self.kernels)
        return relu(_filter(images, self.kernels) - self.threshold)


class ComplexCells(nn.Module):
    """Model complex cells: the root of the energy of a quadrature pair, ``sqrt(even² + odd²)``.

    Parameters
    ----------
    pairs : Tensor, shape (n, 2, K, K)
        Even and odd receptive field of each kind of cell, K odd; not trained.

    Raises
    ------
    TypeError, ValueError
        If `pairs` is not a tensor of that shape. Called with images that are not
        ``(N, 1, H, W)`` in the kernels' precision: likewise.

    References
    ----------
    Adelson, E. H. & Bergen, J. R. (1985). J. Opt. Soc. Am. A 2, 284-299.

    Examples
    --------
    >>> import convtools
    >>> pair = convtools.quadrature_pair(15, wavelength=8, orientation=0)
    >>> ComplexCells(pair[None])(torch.zeros(1, 1, 48, 64)).shape
    torch.Size([1, 1, 48, 64])
    """

    pairs: Tensor

    def __init__(self, pairs: Tensor):
        super().__init__()
        _check_weights("pairs", pairs, ("n", 2, "K", "K"))
        self.register_buffer("pairs", pairs.detach().clone())

    def forward(self, images: Tensor) -> Tensor:
        """Answer to images of shape (N, 1, H, W) with rates of shape (N, n, H, W)."""
        _check_images("images", images, 1, self.pairs)
        answers = _filter(images, self.pairs.flatten(0, 1)).unflatten(1, (-1, 2))
        # The norm has a gradient of 0 where it is 0; the square root of a sum has none.
        return torch.linalg.vector_norm(answers, dim=2)


def _filter(images: Tensor, kernels: Tensor) -> Tensor:
    """Correlate images (N, 1, H, W) with kernels (n, K, K) into (N, n, H, W)."""
    return conv2d(images, kernels[:, None], padding=kernels.shape[-1] // 2)


def _check_weights(name: str, weights: Tensor, shape: tuple[int | str, ...]) -> None:
    """Demand a tensor of `shape`, where "n" stands for any size and "K" for one odd size."""
    if not isinstance(weights, Tensor):
        raise TypeError(f"`{name}` must be a tensor, got a {type(weights).__name__}")

    def fits(size: int, expected: int | str) -> bool:
        if expected == "K":
            return size == weights.shape[-1] and size % 2 == 1
        return expected in ("n", size)

    if weights.ndim != len(shape) or not all(map(fits, weights.shape, shape)):
        must = f"({', '.join(map(str, shape))})" + (" with odd K" if "K" in shape else "")
        raise ValueError(f"`{name}` must have shape {must}, got {tuple(weights.shape)}")
    validate.array(name, weights)
    if not weights.is_floating_point():
        raise TypeError(f"`{name}` must hold floating-point numbers, got {weights.dtype}")


def _check_images(name: str, images: Tensor, channels: int, weights: Tensor) -> None:
    if not isinstance(images, Tensor):
        raise TypeError(f"`{name}` must be a tensor, got a {type(images).__name__}")
    if images.dtype != weights.dtype:
        raise TypeError(f"`{name}` must have the weights' {weights.dtype}, got {images.dtype}")
    if images.ndim != 4 or images.shape[1] != channels or 0 in images.shape[2:]:
        raise ValueError(
            f"`{name}` must have shape (N, {channels}, H, W), got {tuple(images.shape)}"
        )
