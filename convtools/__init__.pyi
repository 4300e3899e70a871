from . import (
    arithmetic,
    convolution,
    data,
    exercises,
    kernels,
    layers,
    neuromatch,
    plotting,
    stimuli,
    tuning,
)
from .arithmetic import (
    ReceptiveField,
    conv_parameters,
    dense_parameters,
    output_size,
    receptive_field,
)
from .convolution import conv2d, convolve2d, correlate2d
from .data import fetch_stringer, load_stringer, simulate_population
from .kernels import difference_of_gaussians, gabor, quadrature_pair
from .layers import ComplexCells, SimpleCells
from .neuromatch.figures import plot_example_activations, plot_weights, show_stimulus
from .neuromatch.model import ConvolutionalLayer, filters, grating
from .stimuli import natural_image, sine_grating
from .tuning import circular_variance, modulation_ratio, orientation_selectivity, tuning_curve

__version__: str

__all__ = [
    "ComplexCells",
    "ConvolutionalLayer",
    "ReceptiveField",
    "SimpleCells",
    "arithmetic",
    "circular_variance",
    "conv2d",
    "conv_parameters",
    "convolution",
    "convolve2d",
    "correlate2d",
    "data",
    "dense_parameters",
    "difference_of_gaussians",
    "exercises",
    "fetch_stringer",
    "filters",
    "gabor",
    "grating",
    "kernels",
    "layers",
    "load_stringer",
    "modulation_ratio",
    "natural_image",
    "neuromatch",
    "orientation_selectivity",
    "output_size",
    "plot_example_activations",
    "plot_weights",
    "plotting",
    "quadrature_pair",
    "receptive_field",
    "show_stimulus",
    "simulate_population",
    "sine_grating",
    "stimuli",
    "tuning",
    "tuning_curve",
]
