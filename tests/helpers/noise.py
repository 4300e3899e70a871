"""Noise images, and the gradients of a layer."""

import torch


def noise(*shape, seed=0, grad=False):
    values = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return values.requires_grad_(grad)


def gradients(output, *inputs):
    """Gradients of a loss that weights every output differently."""
    return torch.autograd.grad((output * noise(*output.shape, seed=9)).sum(), inputs)
