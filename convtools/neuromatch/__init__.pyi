from .figures import plot_example_activations, plot_weights, show_stimulus
from .model import ConvolutionalLayer, filters, grating

__all__ = [
    "ConvolutionalLayer",
    "filters",
    "grating",
    "plot_example_activations",
    "plot_weights",
    "show_stimulus",
]
