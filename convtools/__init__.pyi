from . import (
    arithmetic,
    convolution,
    data,
    encoding,
    exercises,
    fitting,
    kernels,
    layers,
    learning,
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
from .encoding import noise_ceiling, spike_triggered_average, spike_triggered_covariance
from .fitting import GaborFit, fit_gabor
from .kernels import difference_of_gaussians, gabor, quadrature_pair
from .layers import ComplexCells, SimpleCells
from .learning import learn_filters, whiten
from .neuromatch.figures import plot_example_activations, plot_weights, show_stimulus
from .neuromatch.model import ConvolutionalLayer, filters, grating
from .stimuli import natural_image, sine_grating
from .tuning import circular_variance, modulation_ratio, orientation_selectivity, tuning_curve

__version__: str

__all__ = [
    "ComplexCells",
    "ConvolutionalLayer",
    "GaborFit",
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
    "encoding",
    "exercises",
    "fetch_stringer",
    "filters",
    "fit_gabor",
    "fitting",
    "gabor",
    "grating",
    "kernels",
    "layers",
    "learn_filters",
    "learning",
    "load_stringer",
    "modulation_ratio",
    "natural_image",
    "neuromatch",
    "noise_ceiling",
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
    "spike_triggered_average",
    "spike_triggered_covariance",
    "stimuli",
    "tuning",
    "tuning_curve",
    "whiten",
]
