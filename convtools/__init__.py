"""2D convolution, convolutional layers and model cells of the visual system."""

from convtools import check
from convtools.architecture import (
    ReceptiveField,
    conv_parameters,
    dense_parameters,
    receptive_field,
)
from convtools.convolution import conv2d, convolve2d, correlate2d, output_size
from convtools.data import fetch_stringer, load_stringer, simulate_population
from convtools.kernels import difference_of_gaussians, filters, gabor, quadrature_pair
from convtools.layers import ComplexCells, ConvolutionalLayer, SimpleCells
from convtools.plotting import plot_example_activations, plot_weights, show_stimulus
from convtools.stimuli import grating, natural_image, sine_grating
from convtools.tuning import (
    circular_variance,
    modulation_ratio,
    orientation_selectivity,
    orientation_tuning,
    phase_tuning,
)

__all__ = [
    "ComplexCells",
    "ConvolutionalLayer",
    "ReceptiveField",
    "SimpleCells",
    "check",
    "circular_variance",
    "conv2d",
    "conv_parameters",
    "convolve2d",
    "correlate2d",
    "dense_parameters",
    "difference_of_gaussians",
    "fetch_stringer",
    "filters",
    "gabor",
    "grating",
    "load_stringer",
    "modulation_ratio",
    "natural_image",
    "orientation_selectivity",
    "orientation_tuning",
    "output_size",
    "phase_tuning",
    "plot_example_activations",
    "plot_weights",
    "quadrature_pair",
    "receptive_field",
    "show_stimulus",
    "simulate_population",
    "sine_grating",
]
