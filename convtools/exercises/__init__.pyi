from . import (
    complex_cells,
    convolution,
    deep_learning,
    learning,
    natural_images,
    neurons,
    pytorch_layers,
    think,
    weights,
    why_cnns,
)

__all__ = [
    "complex_cells",
    "convolution",
    "deep_learning",
    "learning",
    "natural_images",
    "neurons",
    "pytorch_layers",
    "think",
    "weights",
    "why_cnns",
]
