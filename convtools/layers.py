"""Layers of simple and complex cells, as PyTorch modules."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, relu

from convtools import _validate as validate
from convtools.kernels import normalized

__all__ = ["ComplexCells", "SimpleCells", "check_images", "weights_of"]


class SimpleCells(nn.Module):
    """Model simple cells: a linear filter, then half-wave rectification.

    Every position of the image has one cell of each kind, so the output has the same height and
    width as the input.

    Parameters
    ----------
    kernels : Tensor or ndarray, shape (K, K), (n, K, K) or (n, 1, K, K)
        Receptive fields, K odd; copied, not trained. Arrays become float32, PyTorch's default.
    threshold : float
        What is subtracted from the filtered image before negative values are set to 0.
    norm : {None, "l2", "l1", "max"}
        Bring all kernels to one scale, as in `gabor`. None takes them as they are.

    Attributes
    ----------
    kernels : Tensor, shape (n, 1, K, K)
        The weights, a buffer.

    Raises
    ------
    TypeError, ValueError
        If `kernels` is not such an array of floating-point numbers, `threshold` is not finite or
        `norm` is not one of the four. Called with images that are not a tensor ``(N, 1, H, W)``
        in the kernels' precision: likewise.

    References
    ----------
    Hubel, D. H. & Wiesel, T. N. (1962). J. Physiol. 160, 106-154.

    Examples
    --------
    >>> import convtools
    >>> cells = SimpleCells(convtools.gabor(wavelength=8, orientation=0))
    >>> cells(torch.zeros(1, 1, 48, 64)).shape
    torch.Size([1, 1, 48, 64])
    >>> SimpleCells(convtools.filters(), norm="l2").kernels.flatten(1).norm(dim=1)
    tensor([1.0000, 1.0000, 1.0000, 1.0000, 1.0000, 1.0000])
    """

    kernels: Tensor

    def __init__(
        self, kernels: Tensor | np.ndarray, *, threshold: float = 0.0, norm: str | None = None
    ):
        super().__init__()
        kernels = weights_of("kernels", validate.bank("kernels", kernels))
        self.register_buffer("kernels", normalized(kernels, norm))
        self.threshold = validate.real("threshold", threshold)

    def extra_repr(self) -> str:
        n, _, K, _ = self.kernels.shape
        return f"{n}, kernel_size={K}, threshold={self.threshold:g}"

    def forward(self, images: Tensor) -> Tensor:
        """Return responses (N, n, H, W) to images (N, 1, H, W)."""
        check_images("images", images, self.kernels)
        return relu(_filter(images, self.kernels) - self.threshold)


class ComplexCells(nn.Module):
    """Model complex cells: the root of the energy of a quadrature pair, ``sqrt(even² + odd²)``.

    Parameters
    ----------
    pairs : Tensor or ndarray, shape (2, K, K) or (n, 2, K, K)
        Even and odd receptive field of each kind of cell, K odd; copied, not trained. Arrays
        become float32, PyTorch's default.

    Attributes
    ----------
    pairs : Tensor, shape (n, 2, K, K)
        The weights, a buffer.

    Raises
    ------
    TypeError, ValueError
        If `pairs` is not such an array of floating-point numbers. Called with images that are not
        a tensor ``(N, 1, H, W)`` in the kernels' precision: likewise.

    References
    ----------
    Adelson, E. H. & Bergen, J. R. (1985). J. Opt. Soc. Am. A 2, 284-299.

    Examples
    --------
    >>> import convtools
    >>> cells = ComplexCells(convtools.quadrature_pair(wavelength=8, orientation=0))
    >>> cells(torch.zeros(1, 1, 48, 64)).shape
    torch.Size([1, 1, 48, 64])
    """

    pairs: Tensor

    def __init__(self, pairs: Tensor | np.ndarray):
        super().__init__()
        weights = validate.array("pairs", pairs)
        weights = weights[None] if weights.ndim == 3 else weights
        if weights.ndim != 4 or weights.shape[1] != 2:
            shape = tuple(weights.shape)
            raise ValueError(f"`pairs` must have shape (2, K, K) or (n, 2, K, K), got {shape}")
        self.register_buffer("pairs", weights_of("pairs", weights))

    def forward(self, images: Tensor) -> Tensor:
        """Return responses (N, n, H, W) to images (N, 1, H, W)."""
        kernels = self.pairs.flatten(0, 1)[:, None]
        check_images("images", images, kernels)
        responses = _filter(images, kernels).unflatten(1, (-1, 2))
        # The norm has a gradient of 0 where it is 0; the square root of a sum has none.
        return torch.linalg.vector_norm(responses, dim=2)


def weights_of(name: str, kernels: Tensor | np.ndarray) -> Tensor:
    """Return a copy of kernels of shape (..., K, K), with odd K, as a tensor without gradients.

    NumPy's arrays, of float64 by default, become tensors of PyTorch's default precision.
    """
    if isinstance(kernels, Tensor):
        weights = kernels.detach().clone()
    else:
        weights = validate.tensor(kernels).to(torch.get_default_dtype())
    height, width = weights.shape[-2:]
    if height != width or height % 2 == 0:
        raise ValueError(f"`{name}` must have square kernels of odd size, got {height} × {width}")
    if not weights.is_floating_point():
        raise TypeError(f"`{name}` must hold floating-point numbers, got {weights.dtype}")
    return weights


def check_images(name: str, images: Tensor, weights: Tensor) -> None:
    """Refuse what is not a batch of images that kernels (n, C, K, K) can be applied to."""
    if not isinstance(images, Tensor):
        raise TypeError(f"`{name}` must be a tensor, got a {type(images).__name__}")
    if images.dtype != weights.dtype:
        raise TypeError(f"`{name}` must have the weights' {weights.dtype}, got {images.dtype}")
    channels = weights.shape[1]
    if images.ndim != 4 or images.shape[1] != channels or 0 in images.shape[2:]:
        raise ValueError(
            f"`{name}` must have shape (N, {channels}, H, W), got {tuple(images.shape)}"
        )


def _filter(images: Tensor, kernels: Tensor) -> Tensor:
    return conv2d(images, kernels, padding=kernels.shape[-1] // 2)
