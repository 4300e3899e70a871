"""The exercise of the chapter on deep learning."""

from convtools.arithmetic import conv_parameters
from convtools.exercises._verdict import Exercise, compare

__all__ = ["IN_CHANNELS", "KERNEL_SIZE", "OUT_CHANNELS", "parameter_count"]

IN_CHANNELS, OUT_CHANNELS, KERNEL_SIZE = 3, 16, 5


@Exercise
def parameter_count(answer: int) -> None:
    """Check the number of parameters of the layer."""
    right = conv_parameters(IN_CHANNELS, OUT_CHANNELS, KERNEL_SIZE)
    weights = right - OUT_CHANNELS
    mistakes = {
        "The biases are missing: one for each output channel.": weights,
        "A kernel has a slice for each input channel.": conv_parameters(
            1, OUT_CHANNELS, KERNEL_SIZE
        ),
        "This is one output channel; there are more.": right // OUT_CHANNELS,
        "There is one bias for each output channel, not for each input channel.": weights
        + IN_CHANNELS,
        "There is one bias for each output channel, not for each slice of a kernel.": weights
        + IN_CHANNELS * OUT_CHANNELS,
        f"A kernel of {KERNEL_SIZE} × {KERNEL_SIZE} has {KERNEL_SIZE**2} weights, not "
        f"{KERNEL_SIZE}.": conv_parameters(IN_CHANNELS, OUT_CHANNELS, (KERNEL_SIZE, 1)),
    }
    compare(answer, right, mistakes)
