"""The checkers of the exercises accept right solutions, and have a hint for common mistakes."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.linalg import block_diag

import convtools
from convtools.exercises import (
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
from convtools.exercises._verdict import Exercise

LAYER = convtools.ConvolutionalLayer(filters=convtools.filters())
RANDOM = convtools.ConvolutionalLayer()
GRATINGS = torch.stack([convtools.grating(angle) for angle in pytorch_layers.ORIENTATIONS])[:, None]
ACTIVATIONS = LAYER(GRATINGS).detach()
PARTNER = convtools.quadrature_pair(9, 35, sigma=4.5, size=31)[1]
ANGLES = np.arange(0, 180, 5)


def slide(image, kernel, stride):
    return convtools.correlate2d(image, kernel, stride=stride)


def side_by_side(image, kernel, stride):
    """Return an output of the right size from patches with the wrong stride."""
    height, width = slide(image, kernel, stride).shape
    return slide(image, kernel, 1)[:height, :width]


def without_the_last(image, kernel, stride):
    """Return an output with a stride without its last row and column."""
    output = slide(image, kernel, stride)
    return output if stride == 1 else output[:-1, :-1]


def bumps(*preferred):
    """Return the tuning curve of a cell with a peak at each of the orientations."""
    turns = np.deg2rad(ANGLES - np.array(preferred)[:, None])
    return np.exp(4 * (np.cos(2 * turns) - 1)).sum(axis=0)


def stacked(*kernels):
    return torch.stack(kernels)


def odd_filter(wavelength, orientation, sigma=None):
    sigma = sigma or wavelength / 2
    return convtools.gabor(wavelength, orientation, phase=-np.pi / 2, sigma=sigma, size=31)


def cell_of(combine, padding=None):
    """Return a class of cells that combine the outputs of a pair of filters."""

    class Cell(torch.nn.Module):
        def __init__(self, pair):
            super().__init__()
            size = pair.shape[-1]
            zeros = size // 2 if padding is None else padding
            self.conv = torch.nn.Conv2d(1, 2, size, padding=zeros, bias=False)
            self.conv.weight.data = pair[:, None]

        def forward(self, images):
            return combine(self.conv(images))

    return Cell


def root_energy(both):
    return both.square().sum(dim=1, keepdim=True).sqrt()


def influence(network, size, *unit):
    image = torch.zeros(1, 1, size, size, requires_grad=True)
    network(image)[(0, 0, *unit)].sum().backward()
    return image.grad[0, 0]


def field_of(*unit):
    """Return a function that measures the receptive field of a unit, of the middle without one."""

    def field(network, size):
        middle = network(torch.zeros(1, 1, size, size)).shape[-1] // 2
        positive = influence(network, size, *(unit or (middle, middle))) > 0
        return positive.any(dim=1).sum(), positive.any(dim=0).sum()

    return field


MEASURED, FIELD = field_of(), why_cnns.measured_receptive_field


def fraction(n_averaged=None, power=1, average=True):
    """Return a function for the fraction of the noise ceiling, with options for mistakes."""

    def normalized(prediction, repeats):
        used = [repeats.mean(axis=0)] if average else repeats
        r = np.mean([np.corrcoef(prediction, each)[0, 1] for each in used])
        return r / convtools.noise_ceiling(repeats, n_averaged) ** power

    return normalized


def neighbours(*steps, combine=np.mean, **options):
    return lambda responses, i: combine(responses[[(i + k) % 60 for k in steps]], **options)


NEXT = (-1, 1, 29, 31)


def wave(wavelength, orientation, phase=0.0):
    return convtools.sine_grating((48, 64), wavelength, orientation, phase=phase)


WAVES = wave(8, 90, phase=np.pi)


def odd_gabor(wavelength=10, orientation=45, phase=-np.pi / 2, sigma=7.18, **options):
    return convtools.gabor(wavelength, orientation, phase=phase, sigma=sigma, **options)


def permuted(*axes):
    return lambda photographs: torch.tensor(photographs).permute(*axes)


def variance(responses, orientations, factor=2, total=np.sum, convert=np.deg2rad):
    """Return 1 − CV, with options for mistakes."""
    arrows = responses * np.exp(1j * factor * convert(orientations))
    return 1 - np.abs(arrows.sum()) / total(responses)


def recovered(rates, patches):
    return (rates[:, None, None] * patches).sum(0) / rates.sum() - patches.mean(0)


def entropy(*, of=None, total=torch.mean, sign=-1, log=torch.log):
    """Return a function that computes a cross-entropy, well or with a mistake."""

    def loss(logits, labels):
        p = 1 / (1 + torch.exp(-logits))
        given = of(p, labels) if of else labels * p + (1 - labels) * (1 - p)
        return sign * total(log(given))

    return loss


def learner(*, offset=True, known=True, flip=False, sign=1, steps=300, squared=True):
    """Return a function that learns a kernel, and an offset, well or with a mistake."""

    def learn(image, target):
        kernel = torch.zeros(1, 1, 3, 3, requires_grad=True)
        constant = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.Adam([kernel, constant] if known else [kernel], lr=0.05)
        for _ in range(steps):
            weight = kernel.flip(2, 3) if flip else kernel
            error = torch.nn.functional.conv2d(image, weight) + sign * constant - target
            loss = (error**2 if squared else error).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found = kernel.detach()[0, 0]
        return (found, constant.item()) if offset else found

    return learn


def channels(image, weight, bias):
    return convtools.conv2d(image[None], weight, bias)[0]


def pooled(feature_map, size, reduce=np.max, step=None):
    """Reduce windows of a feature map, `step` pixels apart."""
    windows = np.lib.stride_tricks.sliding_window_view(feature_map, (size, size))
    return reduce(windows[:: step or size, :: step or size], axis=(2, 3))


def shifts(layer, image, stride, *, first=1, moved=True, also=True):
    """Return the shifts to which a layer is equivariant, well or with a mistake."""
    before, found = layer(image), []
    for shift in range(first, first + 8):
        after = layer(image.roll(shift, dims=3) if moved else image)
        expected = before.roll(shift // stride, dims=3) if also else before
        if torch.allclose(after, expected, atol=1e-5):
            found.append(shift)
    return found


def kurtosis(responses, axis=0, power=4, subtract=3, spread=np.std, reduce=np.mean):
    """Return the excess kurtosis, with options for mistakes."""
    z = responses - responses.mean(axis=axis, keepdims=True)
    z /= spread(responses, axis=axis, keepdims=True)
    return reduce(z**power, axis=axis) - subtract


def rotation(n, rng):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def octaves(n_x, half=0.18739, log=np.log2):
    return log((n_x + half) / (n_x - half))


ROTATED_PREWITT = np.array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]])
CORNERS = np.diag([-1, 0, 1])

RIGHT = {
    "loops": (convolution.strided_sum, slide),
    "NumPy without strides": (
        convolution.strided_sum,
        lambda i, k, s: slide(i, k, 1)[::s, ::s].tolist(),
    ),
    "a shape": (convolution.output_shape, (34, 27)),
    "a tensor's shape": (convolution.output_shape, torch.zeros(34, 27).shape),
    "dark in the middle": (pytorch_layers.own_grating, WAVES),
    "a grating of −90°, its phase negative": (
        pytorch_layers.own_grating,
        wave(8, -90, phase=-np.pi).numpy(),
    ),
    "an odd Gabor": (pytorch_layers.own_gabor, odd_gabor()),
    "its negative, scaled": (pytorch_layers.own_gabor, -3 * odd_gabor().numpy()),
    "permuted": (pytorch_layers.to_batch, lambda p: torch.as_tensor(p).permute(0, 3, 1, 2)),
    "moved": (pytorch_layers.to_batch, lambda p: torch.tensor(p).movedim(-1, 1)),
    "a rotated Prewitt kernel": (convolution.oblique_edge, ROTATED_PREWITT),
    "a rotated Sobel kernel": (convolution.oblique_edge, [[-2, -1, 0], [-1, 0, 1], [0, 1, 2]]),
    "a small kernel": (convolution.oblique_edge, torch.tensor(ROTATED_PREWITT) / 1000),
    "a learned offset": (convolution.learn_with_offset, learner()),
    "a number": (deep_learning.parameter_count, 8960),
    "a tensor": (deep_learning.parameter_count, torch.tensor(8960)),
    "several channels": (deep_learning.several_channels, channels),
    "several channels in PyTorch": (
        deep_learning.several_channels,
        lambda i, w, b: torch.nn.functional.conv2d(*map(torch.tensor, (i[None], w, b)))[0],
    ),
    "max pooling": (deep_learning.max_pool, pooled),
    "max pooling in PyTorch": (
        deep_learning.max_pool,
        lambda f, q: torch.nn.functional.max_pool2d(torch.tensor(f)[None], q)[0],
    ),
    "shifts": (deep_learning.surviving_shifts, shifts),
    "activations": (pytorch_layers.grating_responses, ACTIVATIONS),
    "activations with gradients": (pytorch_layers.grating_responses, LAYER(GRATINGS)),
    "activations in NumPy": (pytorch_layers.grating_responses, ACTIVATIONS.double().numpy()),
    "cross-entropy": (learning.cross_entropy, entropy()),
    "cross-entropy of PyTorch": (
        learning.cross_entropy,
        torch.nn.functional.binary_cross_entropy_with_logits,
    ),
    "memorized, and chance": (learning.shuffled_labels, (1.0, 0.45)),
    "memorized, and chance, as an array": (learning.shuffled_labels, np.array([1.0, 0.62])),
    "random kernels": (learning.random_kernels, 64),
    "two factors": (think.savings, lambda h, w, k: (h * w / k**2, h * w)),
    "circular variance": (think.circular_variance, variance),
    "circular variance of convtools": (
        think.circular_variance,
        lambda r, a: convtools.circular_variance(torch.tensor(r), a),
    ),
    "a grating": (think.preferred_grating, (110, 14)),
    "a grating of −70°": (think.preferred_grating, np.array([-70.0, 13.5])),
    "an index": (why_cnns.first_to_see, 6),
    "a fraction of the ceiling": (neurons.normalized_correlation, fraction()),
    "a mean of neighbours": (neurons.interpolate, neighbours(*NEXT, axis=0)),
    "a mean in a tensor": (
        neurons.interpolate,
        lambda responses, i: torch.tensor(neighbours(*NEXT, axis=0)(responses, i)),
    ),
    "chance": (neurons.chance, 45.0),
    "chance as it is measured": (neurons.chance, np.float64(44.2)),
    "a measured receptive field": (FIELD, MEASURED),
    "a measured receptive field as numbers": (
        FIELD,
        lambda network, size: [int(side) for side in MEASURED(network, size)],
    ),
    "picked with integers": (weights.kernel_between, lambda c, o, i: c.weight[o, i].detach()),
    "picked one after the other": (
        weights.kernel_between,
        lambda c, o, i: c.weight.detach().numpy()[o][i],
    ),
    "signs": (weights.best_stimulus, lambda k: k.sign() / 2),
    "chosen": (weights.best_stimulus, lambda k: np.where(k > 0, 0.5, -0.5)),
    "triggered minus average": (weights.recover, recovered),
    "covariance": (weights.recover, lambda r, p: (r[:, None, None] * (p - p.mean(0))).mean(0)),
    "mean while active": (weights.recover, lambda r, p: p[r > 0].mean(0) - p.mean(0)),
    "a cell": (complex_cells.complex_cell, cell_of(root_energy)),
    "a cell with torch.hypot": (
        complex_cells.complex_cell,
        cell_of(lambda both: torch.hypot(both[:, :1], both[:, 1:])),
    ),
    "a window": (complex_cells.pooling_window, 15),
    "three filters": (complex_cells.number_of_filters, torch.tensor(3)),
    "the odd filter": (complex_cells.odd_partner, PARTNER),
    "the odd filter, negative": (complex_cells.odd_partner, -PARTNER.double().numpy()),
    "π/2": (complex_cells.f1_over_f0, np.pi / 2),
    "a ratio as it is measured": (complex_cells.f1_over_f0, np.array(1.572)),
    "a sum": (complex_cells.two_orientations, bumps(45, 135)),
    "the larger one": (complex_cells.two_orientations, np.maximum(bumps(45), bumps(135))),
    "excess kurtosis": (natural_images.excess_kurtosis, kurtosis),
    "excess kurtosis of SciPy": (natural_images.excess_kurtosis, stats.kurtosis),
    "excess kurtosis in PyTorch": (
        natural_images.excess_kurtosis,
        lambda r: kurtosis(torch.tensor(r).numpy()).tolist(),
    ),
    "a rotation": (natural_images.random_rotation, rotation),
    "a rotation of SciPy": (
        natural_images.random_rotation,
        lambda n, rng: stats.special_ortho_group(n, seed=rng).rvs(),
    ),
    "a rotation as a tensor": (
        natural_images.random_rotation,
        lambda n, rng: torch.linalg.svd(torch.tensor(rng.standard_normal((n, n))))[0],
    ),
    "octaves": (natural_images.octaves, octaves),
    "octaves from a list": (natural_images.octaves, lambda n: [octaves(x) for x in n]),
}  # fmt: skip

WRONG = [
    (convolution.strided_sum, slide(np.ones((4, 4)), np.ones((3, 3)), 1), "without calling it"),
    (convolution.strided_sum, lambda i, k, s: None, "does your function return something"),
    (convolution.strided_sum, lambda i, k, s: slide(i, k[::-1, ::-1], s), "flipped"),
    (convolution.strided_sum, lambda i, k, s: slide(i, k, s).T, "Rows and columns are swapped"),
    (convolution.strided_sum, lambda i, k, s: slide(i, k, s) / k.size, "the mean"),
    (convolution.strided_sum, lambda i, k, s: slide(np.pad(i, 1), k, s), "with padding"),
    (convolution.strided_sum, lambda i, k, s: slide(i, k, s)[:-1, :-1], "last row and column"),
    (convolution.strided_sum, lambda i, k, s: (i[:3, :3] * k).sum(), "at one position"),
    (convolution.strided_sum, lambda i, k, s: i[:3, :3] * k, "products at one position"),
    (convolution.strided_sum, lambda i, k, s: slide(i, k, 1), "every position is still visited"),
    (convolution.strided_sum, side_by_side, "too close"),
    (convolution.strided_sum, without_the_last, "add 1"),
    (convolution.strided_sum, lambda i, k: slide(i, k, 1), "raised TypeError"),
    (convolution.strided_sum, lambda i, k, s: np.zeros(len(i) / s), "divide with //"),
    (convolution.strided_sum, lambda i, k, s: slide(i, k, s)[: 4 - s], "a stride of 1"),
    (pytorch_layers.grating_responses, LAYER.forward, "call it"),
    (convolution.output_shape, (27, 34), "Height comes first"),
    (convolution.output_shape, (30, 23), "padding is missing"),
    (convolution.output_shape, (32, 25), "both"),
    (convolution.output_shape, (33, 26), "add 1"),
    (convolution.output_shape, (35, 28), "round down"),
    (convolution.output_shape, (101, 80), "stride is missing"),
    (convolution.output_shape, 34, "height alone"),
    (convolution.output_shape, (1, 16, 34, 27), "The answer is two numbers"),
    (convolution.output_shape, "34 × 27", "must hold numbers"),
    (pytorch_layers.own_grating, wave(8, 0, phase=np.pi), "vertical"),
    (pytorch_layers.own_grating, -WAVES, "A bright bar"),
    (pytorch_layers.own_grating, wave(8, 90, phase=180), "radians"),
    (pytorch_layers.own_grating, wave(8, 90, phase=np.pi / 2), "border"),
    (pytorch_layers.own_grating, wave(6, 90, phase=np.pi), "one cycle"),
    (pytorch_layers.own_grating, wave(64 / 6, 90, phase=np.pi), "width"),
    (pytorch_layers.own_grating, WAVES.T, "Height and width"),
    (pytorch_layers.own_grating, WAVES / 2, "contrast"),
    (pytorch_layers.own_grating, WAVES.sign() / 2, "square waves"),
    (pytorch_layers.own_grating, wave(9, 90), "one by one"),
    (pytorch_layers.own_gabor, 7.18, "one number"),
    (pytorch_layers.own_gabor, odd_gabor()[None], "one square kernel"),
    (pytorch_layers.own_gabor, torch.zeros(7, 7), "All weights are 0"),
    (pytorch_layers.own_gabor, odd_gabor(phase=0), "even"),
    (pytorch_layers.own_gabor, odd_gabor(phase=np.pi / 4), "neither"),
    (pytorch_layers.own_gabor, odd_gabor(orientation=-45), "of 135°"),
    (pytorch_layers.own_gabor, odd_gabor(wavelength=15), "wavelength of about 14"),
    (pytorch_layers.own_gabor, odd_gabor(sigma=None), "too wide"),
    (pytorch_layers.own_gabor, odd_gabor(sigma=14.4), "too narrow"),
    (pytorch_layers.to_batch, torch.zeros(2, 3, 4, 5), "without calling it"),
    (pytorch_layers.to_batch, lambda p: torch.tensor(p).reshape(2, 3, 4, 5), "reshape"),
    (pytorch_layers.to_batch, torch.tensor, "still the last"),
    (pytorch_layers.to_batch, permuted(0, 3, 2, 1), "Height and width"),
    (pytorch_layers.to_batch, permuted(3, 0, 1, 2), "that of the images"),
    (pytorch_layers.to_batch, lambda p: permuted(0, 3, 1, 2)(p)[0], "one image"),
    (pytorch_layers.to_batch, lambda p: permuted(0, 3, 1, 2)(p).mean(1, keepdim=True), "grey"),
    (pytorch_layers.to_batch, lambda p: permuted(0, 3, 1, 2)(p).flip(1), "another order"),
    (pytorch_layers.to_batch, lambda p: np.moveaxis(p, 3, 1), "takes a tensor"),
    (pytorch_layers.to_batch, lambda p: torch.tensor(p).transpose(1, 4), "raised IndexError"),
    (convolution.oblique_edge, np.zeros((3, 3)), "All weights are 0"),
    (convolution.oblique_edge, ROTATED_PREWITT + 1, "must sum to 0"),
    (convolution.oblique_edge, ROTATED_PREWITT[:, ::-1], "mirror it"),
    (convolution.oblique_edge, [[-1, 0, 1]] * 3, "to a vertical edge"),
    (convolution.oblique_edge, [[-1] * 3, [0] * 3, [1] * 3], "to a horizontal edge"),
    (convolution.oblique_edge, CORNERS, "more weights on either side"),
    (convolution.oblique_edge, [[-2, -1, 0], [-2, 0, 1], [1, 1, 2]], "also responds to the edge"),
    (convolution.oblique_edge, -ROTATED_PREWITT, "negative"),
    (convolution.oblique_edge, ROTATED_PREWITT[None, None], "(3, 3)"),
    (convolution.learn_with_offset, (np.zeros((3, 3)), 0.7), "without calling it"),
    (convolution.learn_with_offset, learner(offset=False), "Return two things"),
    (convolution.learn_with_offset, learner(known=False), "offset is still 0"),
    (convolution.learn_with_offset, learner(flip=True), "flipped"),
    (convolution.learn_with_offset, learner(sign=-1), "wrong sign"),
    (convolution.learn_with_offset, learner(steps=20), "stopped falling"),
    (convolution.learn_with_offset, learner(squared=False), "mean squared"),
    (convolution.learn_with_offset, lambda i, t: (torch.zeros(3, 3), 0.7), "kernel is still 0"),
    (convolution.learn_with_offset, lambda i, t: (t[0, 0], 0.7), "(3, 3)"),
    (convolution.learn_with_offset, lambda i, t: (torch.ones(3, 3), t), "one number"),
    (convolution.learn_with_offset, lambda i: i, "raised TypeError"),
    (deep_learning.parameter_count, 8768, "biases are missing"),
    (deep_learning.parameter_count, 8896, "the first has some too"),
    (deep_learning.parameter_count, 8832, "the second has some too"),
    (deep_learning.parameter_count, 73_856, "ordinary convolution"),
    (deep_learning.parameter_count, 45_248, "one slice only"),
    (deep_learning.parameter_count, 640, "first layer alone"),
    (deep_learning.parameter_count, 8320, "second layer alone"),
    (deep_learning.parameter_count, 8576, "9 weights"),
    (deep_learning.parameter_count, 8959, "Not this number"),
    (deep_learning.several_channels, np.zeros((4, 5, 7)), "without calling it"),
    (deep_learning.several_channels, lambda i, w, b: channels(i, w, 0 * b), "biases are missing"),
    (deep_learning.several_channels, lambda i, w, b: channels(i, w, len(i) * b), "once is enough"),
    (deep_learning.several_channels, lambda i, w, b: channels(i[-1:], w[:, -1:], b), "do not rep"),
    (deep_learning.several_channels, lambda i, w, b: channels(i / len(i), w, b), "averaged"),
    (deep_learning.several_channels, lambda i, w, b: channels(i, w[..., ::-1, ::-1], b), "flipped"),
    (deep_learning.several_channels, lambda i, w, b: channels(i.sum(0)[None], w[:, :1], b), "own"),
    (deep_learning.several_channels, lambda i, w, b: channels(i, w, b).sum(0), "own output"),
    (deep_learning.several_channels, lambda i, w, b: channels(i, w, b)[None], "(4, 5, 7)"),
    (deep_learning.several_channels, lambda i, w, b: i @ w, "raised ValueError"),
    (deep_learning.max_pool, np.zeros((3, 5)), "without calling it"),
    (deep_learning.max_pool, lambda f, q: pooled(f, q, np.mean), "the mean"),
    (deep_learning.max_pool, lambda f, q: pooled(f, q, np.min), "smallest"),
    (deep_learning.max_pool, lambda f, q: pooled(f, q, step=1), "begins `size` pixels further"),
    (deep_learning.max_pool, lambda f, q: pooled(f, q, step=1)[:3, :5], "begins at row"),
    (deep_learning.max_pool, lambda f, q: pooled(f, 1, step=q)[:3, :5], "one pixel"),
    (deep_learning.max_pool, lambda f, q: np.maximum(pooled(f, q), 0), "may be negative"),
    (deep_learning.max_pool, lambda f, q: pooled(np.abs(f), q), "absolute"),
    (deep_learning.max_pool, lambda f, q: pooled(f, q).T, "swapped"),
    (deep_learning.max_pool, lambda f, q: pooled(np.pad(f, ((0, 1), (0, 0)), "edge"), q), "full"),
    (deep_learning.max_pool, lambda f, q: pooled(f, 2), "windows of 3 × 3"),
    (deep_learning.surviving_shifts, [2, 4, 6, 8], "without calling it"),
    (deep_learning.surviving_shifts, lambda f, i, s: shifts(f, i, s, first=0), "not the shifts"),
    (deep_learning.surviving_shifts, lambda f, i, s: [s - 1], "not the shifts"),
    (deep_learning.surviving_shifts, lambda f, i, s: [n - 1 for n in shifts(f, i, s)], "from 1"),
    (deep_learning.surviving_shifts, lambda f, i, s: list(range(1, 9)), "shifted at all"),
    (deep_learning.surviving_shifts, lambda f, i, s: shifts(f, i, s, also=False), "shift the"),
    (deep_learning.surviving_shifts, lambda f, i, s: list(range(s, 9, s)), "compare the outputs"),
    (deep_learning.surviving_shifts, lambda f, i, s: None, "a list of whole numbers"),
    (deep_learning.surviving_shifts, lambda f, i: shifts(f, i, 2), "raised TypeError"),
    (pytorch_layers.grating_responses, LAYER, "call it with the stimuli"),
    (pytorch_layers.grating_responses, GRATINGS, "These are the stimuli"),
    (pytorch_layers.grating_responses, ACTIVATIONS[:, :, 3:-3, 3:-3], "K // 2") ,
    (pytorch_layers.grating_responses, ACTIVATIONS[:1], "stack all five"),
    (pytorch_layers.grating_responses, ACTIVATIONS[2], "batch axis is missing"),
    (pytorch_layers.grating_responses, ACTIVATIONS.mT, "Height and width are swapped"),
    (pytorch_layers.grating_responses, ACTIVATIONS.swapaxes(0, 1), "stimuli come first"),
    (pytorch_layers.grating_responses, ACTIVATIONS.flip(0), "another order"),
    (pytorch_layers.grating_responses, ACTIVATIONS.relu(), "nothing is rectified"),
    (pytorch_layers.grating_responses, ACTIVATIONS[:, :4], "(5, 4, 48, 64)"),
    (pytorch_layers.grating_responses, RANDOM(GRATINGS), "weights are random"),
    (think.savings, (24, 600), "without calling it"),
    (think.savings, lambda h, w, k: (h * w, h * w / k**2), "swapped"),
    (think.savings, lambda h, w, k: (h * w) ** 2 / k**2, "product"),
    (think.savings, lambda h, w, k: (k**2 / (h * w), 1 / (h * w)), "fractions"),
    (think.savings, lambda h, w, k: (h * w / k, h * w), "not K"),
    (think.savings, lambda h, w, k: (k**2, h * w), "Locality"),
    (think.savings, lambda h, w, k: (h * w / k**2, k**2), "Sharing"),
    (think.savings, lambda h, w, k: (h * w / k**2, (h * w / k) ** 2), "not of both together"),
    (think.savings, lambda h, w, k: (h * w / k**2, w), "one row"),
    (think.savings, lambda h, w, k: (h * w / k**2, (h - k + 1) * (w - k + 1)), "padding"),
    (think.savings, lambda h, w: (h, w), "raised TypeError"),
    (think.circular_variance, 0.5, "without calling it"),
    (think.circular_variance, lambda r, a: 1 - variance(r, a), "subtract it"),
    (think.circular_variance, lambda r, a: variance(r, a, factor=1), "not doubled"),
    (think.circular_variance, lambda r, a: variance(r, a, convert=np.asarray), "radians"),
    (think.circular_variance, lambda r, a: variance(r, a, total=len), "not by their number"),
    (think.circular_variance, lambda r, a: variance(r, a, total=lambda r: 1), "sum of the resp"),
    (think.circular_variance, convtools.orientation_selectivity, "selectivity index"),
    (think.circular_variance, lambda r, a: variance(r, a) + 0j, "complex number"),
    (think.circular_variance, lambda r, a: variance(r, a, factor=4), "Not this number"),
    (think.circular_variance, lambda r: 0, "raised TypeError"),
    (think.preferred_grating, 110, "two numbers"),
    (think.preferred_grating, (14, 110), "comes first"),
    (think.preferred_grating, (20, 14), "responds least"),
    (think.preferred_grating, (70, 14), "mirror image"),
    (think.preferred_grating, (22, 14), "responds least"),
    (think.preferred_grating, (150, 14), "orientation is wrong"),
    (think.preferred_grating, (110, 10), "index of the wavelength"),
    (think.preferred_grating, (110, 0.07), "inverse"),
    (think.preferred_grating, (110, 20), "wavelength is not"),
    (neurons.normalized_correlation, fraction(power=0), "divide it by the ceiling"),
    (neurons.normalized_correlation, fraction(1), "has less noise"),
    (neurons.normalized_correlation, fraction(average=False), "Average the repeats first"),
    (neurons.normalized_correlation, fraction(1, average=False), "for single repeats"),
    (neurons.normalized_correlation, fraction(power=-1), "do not multiply"),
    (neurons.normalized_correlation, fraction(power=2), "not by its square"),
    (neurons.normalized_correlation, lambda p, r: fraction()(p, r) ** 2, "square of the fraction"),
    (neurons.normalized_correlation, lambda p, r: convtools.noise_ceiling(r), "is the ceiling"),
    (neurons.normalized_correlation, lambda p, r: fraction()(p, r[:1]), "raised ValueError"),
    (
        neurons.normalized_correlation,
        lambda p, r: np.corrcoef(p, r[0])[0, 1] / convtools.noise_ceiling(r),
        "average all of them",
    ),
    (neurons.normalized_correlation, lambda p, r: np.corrcoef(p, r.mean(axis=0)), "off its diag"),
    (neurons.interpolate, neighbours(-1, 1, axis=0), "two more bins"),
    (neurons.interpolate, neighbours(-1, 0, 1, axis=0), "Bin i is held out"),
    (neurons.interpolate, neighbours(-1, 0, 1, 29, 30, 31, axis=0), "its copy"),
    (neurons.interpolate, neighbours(30, axis=0), "held out with it"),
    (neurons.interpolate, neighbours(0, axis=0), "bin i itself"),
    (neurons.interpolate, neighbours(1, 31, axis=0), "on both sides"),
    (neurons.interpolate, neighbours(-1, 29, axis=0), "on both sides, too"),
    (neurons.interpolate, neighbours(*NEXT, combine=np.sum, axis=0), "take the mean"),
    (neurons.interpolate, neighbours(*NEXT), "each neuron keeps its own"),
    (neurons.interpolate, neighbours(*NEXT, axis=1), "an array of shape (3,)"),
    (neurons.interpolate, lambda responses, i: responses[i + 1], "modulo 60"),
    (neurons.chance, 1.0, "less than chance"),
    (neurons.chance, -0.4, "cancel"),
    (neurons.chance, 90.0, "repeat after 180°"),
    (neurons.chance, 180.0, "repeat after 180°"),
    (neurons.chance, 0.785, "in radians"),
    (neurons.chance, 4500.0, "take the mean"),
    (neurons.chance, 51.0, "average over 100"),
    (neurons.chance, [45.0, 44.0], "The answer is one number"),
    (why_cnns.first_to_see, 7, "counted from 0"),
    (why_cnns.first_to_see, 5, "layer 5 has 38 pixels"),
    (why_cnns.first_to_see, 4, "layer 4 has 34 pixels"),
    (why_cnns.first_to_see, 0, "layer 0 has 7 pixels"),
    (why_cnns.first_to_see, 54, "answer with the layer's index"),
    (why_cnns.first_to_see, (3, 1, 1), "The answer is one number"),
    (FIELD, 7, "without calling it"),
    (FIELD, lambda n, size: MEASURED(n, size)[::-1], "Height comes first"),
    (FIELD, field_of(0, 0), "in a corner"),
    (FIELD, field_of(slice(None)), "all units together"),
    (FIELD, lambda n, size: (size, size), "the size of the image"),
    (FIELD, lambda n, size: np.prod(MEASURED(n, size)), "number of pixels"),
    (FIELD, lambda n, size: MEASURED(n, size)[0], "one of the two numbers"),
    (
        FIELD,
        lambda n, size: 2 * [influence(n, size, 3, 3).sum().round()],
        "sums the influences",
    ),
    (FIELD, lambda n, _: convtools.receptive_field(n), "raised ValueError"),
    (FIELD, lambda n, size: None, "does your function return something"),
    (weights.kernel_between, LAYER.conv.weight[0, 0], "without calling it"),
    (weights.kernel_between, lambda c, o, i: c.weight[i, o], "swapped"),
    (weights.kernel_between, lambda c, o, i: c.weight[o], "all input channels"),
    (weights.kernel_between, lambda c, o, i: c.weight[:, i], "all output channels"),
    (weights.kernel_between, lambda c, o, i: c.weight, "all weights"),
    (weights.kernel_between, lambda c, o, i: c.weight[o].sum(0), "summed"),
    (weights.kernel_between, lambda c, o, i: c.weight[o, i].flip(0, 1), "flipped"),
    (weights.kernel_between, lambda c, o, i: c.weight[o, i].T, "Height and width"),
    (weights.kernel_between, lambda c, o, i: c.bias, "biases"),
    (weights.kernel_between, lambda c, o, i: c.weight[o, i][None, None], "length 1"),
    (weights.kernel_between, lambda c, o, i: c.weight[o, i], "detach"),
    (weights.kernel_between, lambda c, o, i: c.weight[9], "raised IndexError"),
    (weights.best_stimulus, torch.ones(5, 5), "without calling it"),
    (weights.best_stimulus, lambda k: k, "brighter than 0.5"),
    (weights.best_stimulus, lambda k: -k.sign() / 2, "most negative"),
    (weights.best_stimulus, lambda k: 0.5 * k / k.abs().max(), "shape of the kernel"),
    (weights.best_stimulus, lambda k: k.clip(-0.5, 0.5), "at their limit"),
    (weights.best_stimulus, lambda k: 0.5 * (k > 0), "better than mid-grey"),
    (weights.best_stimulus, lambda k: torch.full_like(k, 0.5), "Uniform light"),
    (weights.best_stimulus, lambda k: 0.1 * k.sign(), "Another patch"),
    (weights.best_stimulus, lambda k: (k * k).sum(), "(5, 5)"),
    (weights.recover, torch.ones(5, 6), "without calling it"),
    (weights.recover, lambda r, p: -recovered(r, p), "negative"),
    (weights.recover, lambda r, p: p.mean(0), "whether or not"),
    (weights.recover, lambda r, p: (r[:, None, None] * p).mean(0), "subtract"),
    (weights.recover, lambda r, p: recovered(r, p).flip(0, 1), "flipped"),
    (weights.recover, lambda r, p: p[0] - p.mean(0), "weigh each patch"),
    (weights.recover, lambda r, p: 0 * p[0], "weights are 0"),
    (weights.recover, lambda r, p: r[:, None, None] * p, "(5, 6)"),
    (weights.recover, lambda r, p: r * p, "raised RuntimeError"),
    (complex_cells.complex_cell, cell_of(root_energy)(torch.ones(2, 3, 3)), "pass the class"),
    (complex_cells.complex_cell, lambda pair: None, "Pass the class itself"),
    (complex_cells.complex_cell, cell_of(lambda both: root_energy(both) ** 2), "take its root"),
    (complex_cells.complex_cell, cell_of(root_energy, padding=0), "add padding"),
    (complex_cells.complex_cell, cell_of(lambda both: both), "outputs of the two filters"),
    (complex_cells.complex_cell, cell_of(lambda both: both**2), "add the squares"),
    (complex_cells.complex_cell, cell_of(lambda both: root_energy(both)[:, 0]), "keepdim=True"),
    (complex_cells.complex_cell, cell_of(lambda both: root_energy(both.relu())), "without rect"),
    (complex_cells.complex_cell, cell_of(lambda both: both.abs().sum(1, True)), "absolute values"),
    (complex_cells.complex_cell, cell_of(lambda both: both.sum(1, True).abs()), "then add them"),
    (complex_cells.complex_cell, cell_of(lambda both: both[:, :1].abs()), "even filter alone"),
    (complex_cells.complex_cell, cell_of(lambda both: root_energy(both) + 1), "uniform grey"),
    (complex_cells.complex_cell, cell_of(lambda both: 2 * root_energy(both)), "with no bias"),
    (complex_cells.complex_cell, cell_of(lambda both: both.view(7)), "raised RuntimeError"),
    (complex_cells.odd_partner, stacked(PARTNER, PARTNER), "the odd one alone"),
    (complex_cells.odd_partner, PARTNER[1:-1, 1:-1], "(31, 31)"),
    (complex_cells.odd_partner, complex_cells.EVEN, "It is not odd"),
    (complex_cells.odd_partner, torch.zeros(31, 31), "All weights are 0"),
    (complex_cells.odd_partner, odd_filter(9, 145), "an orientation of 145°"),
    (complex_cells.odd_partner, odd_filter(9, 55), "an orientation of 55°"),
    (complex_cells.odd_partner, odd_filter(12, 35), "a wavelength of 12 pixels"),
    (complex_cells.odd_partner, odd_filter(9, 35, sigma=9), "Is σ half of the wavelength?"),
    (complex_cells.odd_partner, PARTNER / PARTNER.norm(), "the same gain"),
    (complex_cells.pooling_window, 17, "a smaller window is, too"),
    (complex_cells.pooling_window, 13, "falls to 71%"),
    (complex_cells.pooling_window, 11, "falls to 38%"),
    (complex_cells.pooling_window, 9, "falls to 0%"),
    (complex_cells.pooling_window, 16, "16 is even"),
    (complex_cells.pooling_window, (15, 15), "The answer is one number"),
    (complex_cells.number_of_filters, 0, "it does depend on patches"),
    (complex_cells.number_of_filters, 1, "one filter at most"),
    (complex_cells.number_of_filters, 2, "not the energy model"),
    (complex_cells.number_of_filters, 4, "larger than by chance"),
    (complex_cells.number_of_filters, 225, "one for each pixel"),
    (complex_cells.number_of_filters, 5, "for a gap"),
    (complex_cells.f1_over_f0, 1.1116, "two rectified filters"),
    (complex_cells.f1_over_f0, 0.0, "complex cell"),
    (complex_cells.f1_over_f0, 2.0, "4 phases"),
    (complex_cells.f1_over_f0, 1.6569, "8 phases"),
    (complex_cells.f1_over_f0, 0.786, "twice the size"),
    (complex_cells.f1_over_f0, 0.636, "F0/F1"),
    (complex_cells.f1_over_f0, 1.6977, "does not square"),
    (complex_cells.f1_over_f0, float("nan"), "must be rectified"),
    (complex_cells.f1_over_f0, 1.2, "one whole cycle"),
    (complex_cells.f1_over_f0, [1.57, 1.57], "The answer is one number"),
    (complex_cells.two_orientations, bumps(45), "hardly responds to 135°"),
    (complex_cells.two_orientations, bumps(135), "hardly responds to 45°"),
    (complex_cells.two_orientations, bumps(0, 90), "45° and 135° were asked for"),
    (complex_cells.two_orientations, bumps(20, 110), "neither"),
    (complex_cells.two_orientations, bumps(45) - bumps(135), "never negative"),
    (complex_cells.two_orientations, bumps(45) * bumps(135), "every orientation"),
    (complex_cells.two_orientations, np.stack([bumps(45), bumps(135)], axis=1), "combine"),
    (complex_cells.two_orientations, bumps(45, 135)[:-1], "(36,)"),
    (complex_cells.two_orientations, bumps(0, 45, 135), "as well"),
    (complex_cells.two_orientations, np.where(ANGLES == 5, np.nan, bumps(45, 135)), "NaN"),
    (complex_cells.two_orientations, np.full(36, np.inf), "infinity"),
    (natural_images.excess_kurtosis, lambda r: kurtosis(r, subtract=0), "subtract 3"),
    (natural_images.excess_kurtosis, lambda r: stats.kurtosis(r, axis=None), "together"),
    (natural_images.excess_kurtosis, lambda r: kurtosis(r, axis=1), "of each row"),
    (natural_images.excess_kurtosis, lambda r: ((r / r.std(0)) ** 4).mean(0) - 3, "the mean resp"),
    (natural_images.excess_kurtosis, lambda r: kurtosis(r, spread=np.var), "root of the variance"),
    (
        natural_images.excess_kurtosis,
        lambda r: ((r - r.mean(0)) ** 4).mean(0) / r.std(0) - 3,
        "before you take the fourth power",
    ),
    (
        natural_images.excess_kurtosis,
        lambda r: (((r - r.mean(0)) / r.std()) ** 4).mean(0) - 3,
        "its own filter",
    ),
    (natural_images.excess_kurtosis, lambda r: kurtosis(r, power=2), "1 for every filter"),
    (natural_images.excess_kurtosis, lambda r: kurtosis(r, power=3, subtract=0), "skewness"),
    (natural_images.excess_kurtosis, lambda r: kurtosis(r, reduce=np.sum), "not the sum"),
    (natural_images.random_rotation, lambda n, rng: rng.standard_normal((n, n)), "not orthogonal"),
    (natural_images.random_rotation, lambda n, rng: 2 * rotation(n, rng), "is 2.00, not 1"),
    (natural_images.random_rotation, lambda n, rng: np.eye(n), "as they are"),
    (
        natural_images.random_rotation,
        lambda n, rng: np.roll(np.eye(n), 1, axis=0),
        "the order or the signs",
    ),
    (
        natural_images.random_rotation,
        lambda n, rng: rotation(n, np.random.default_rng(0)),
        "same for every generator",
    ),
    (
        natural_images.random_rotation,
        lambda n, rng: block_diag(rotation(2, rng), np.eye(n - 2)),
        "only some of the responses",
    ),
    (natural_images.random_rotation, lambda n, rng: rotation(n + 1, rng), "(6, 6)"),
    (natural_images.octaves, lambda n: octaves(n, log=np.log), "natural logarithm"),
    (natural_images.octaves, lambda n: octaves(n, log=lambda x: x), "ratio of the two limits"),
    (natural_images.octaves, lambda n: np.log2(1 + 0.18739 / n), "upper half only"),
    (natural_images.octaves, lambda n: -octaves(n), "upside down"),
    (natural_images.octaves, lambda n: 0.18739 / n, "not yet in octaves"),
    (natural_images.octaves, lambda n: 2 * 0.18739 / n, "octaves measure a ratio"),
    (natural_images.octaves, lambda n: octaves(n, half=0.159155), "the standard deviation"),
    (natural_images.octaves, lambda n: octaves(n, half=0.1), "what is Δf/f?"),
    (deep_learning.parameter_count, "8960", "must hold numbers"),
    (learning.cross_entropy, entropy(total=torch.sum), "take the mean"),
    (learning.cross_entropy, entropy(total=lambda x: x), "one number for each image"),
    (learning.cross_entropy, entropy(sign=1), "The sign is wrong"),
    (learning.cross_entropy, entropy(log=torch.log2), "Use the natural logarithm."),
    (learning.cross_entropy, entropy(log=torch.log10), "torch.log."),
    (learning.cross_entropy, entropy(log=lambda x: -x), "take minus its logarithm"),
    (learning.cross_entropy, lambda z, t: -entropy(log=lambda x: x)(z, t).neg().log(), "then the"),
    (learning.cross_entropy, lambda z, t: entropy()(-z, t), "swapped"),
    (learning.cross_entropy, entropy(of=lambda p, t: p), "the probability 1 − p"),
    (learning.cross_entropy, entropy(of=lambda p, t: p**t), "second term"),
    (learning.cross_entropy, entropy(of=lambda p, t: (1 - p) ** (1 - t)), "first term"),
    (learning.cross_entropy, lambda z, t: (z.sigmoid() - t).square().mean(), "squared error"),
    (learning.cross_entropy, lambda z, t: z.square().mean(), "Is p computed from the logits"),
    (learning.cross_entropy, 0.69, "Pass the function itself"),
    (learning.shuffled_labels, (100, 45), "not a percentage"),
    (learning.shuffled_labels, (-0.1, 0.5), "cannot be negative"),
    (learning.shuffled_labels, (0.44, 0.98), "knows the real labels"),
    (learning.shuffled_labels, (1.0, 1.0), "The two are the same"),
    (learning.shuffled_labels, (0.5, 0.48), "near chance"),
    (learning.shuffled_labels, (0.85, 0.5), "in each step"),
    (learning.shuffled_labels, (1.0, 0.98), "were the labels shuffled"),
    (learning.shuffled_labels, (1.0, 0.02), "worse than chance"),
    (learning.shuffled_labels, 1.0, "two numbers"),
    (learning.random_kernels, 0.967, "This is an accuracy"),
    (learning.random_kernels, 3, "the index of the number"),
    (learning.random_kernels, 65, "counts the bias"),
    (learning.random_kernels, 50, "one of 8, 16, 32, 64 and 128"),
    (learning.random_kernels, 32, "below 95%"),
    (learning.random_kernels, 128, "so is a smaller number"),
    (learning.random_kernels, [8, 16], "one number"),
]  # fmt: skip


@pytest.mark.parametrize(("checker", "answer"), RIGHT.values(), ids=RIGHT)
def test_right_answer_is_accepted(checker, answer):
    assert checker.verdict(answer) == (True, "Solved.")


@pytest.mark.parametrize(("checker", "answer", "hint"), WRONG)
def test_wrong_answer_gets_its_hint(checker, answer, hint):
    solved, message = checker.verdict(answer)
    assert not solved
    assert hint in message


CHECKERS = {
    name: value
    for module in (
        complex_cells,
        convolution,
        deep_learning,
        natural_images,
        learning,
        pytorch_layers,
        think,
        weights,
        why_cnns,
    )
    for name, value in vars(module).items()
    if isinstance(value, Exercise)
}
every_checker = pytest.mark.parametrize("checker", CHECKERS.values(), ids=CHECKERS)


@every_checker
def test_each_checker_has_hints_for_five_mistakes(checker):
    hints = {hint for other, _, hint in WRONG if other is checker}
    assert len(hints) >= 5


@every_checker
@pytest.mark.parametrize("stub", [..., (..., 3), [...]])
def test_stub_is_unsolved(checker, stub):
    solved, message = checker.verdict(stub)
    assert not solved
    assert "three dots" in message


def stub_of_the_chapter(image, kernel, stride):
    height = ...
    output = np.zeros((height, 3))
    return output


@pytest.mark.parametrize(
    "stub",
    [
        stub_of_the_chapter,
        lambda *_: np.zeros((..., 3)),
        lambda *_: [[... * 2 for _ in range(3)]],
        lambda *_: [[..., 1]],
        lambda *_: np.array([[..., 1]]),
    ],
)
def test_function_with_an_open_gap_is_unsolved(stub):
    solved, message = convolution.strided_sum.verdict(stub)
    assert not solved
    assert "three dots" in message


def test_error_next_to_a_slice_with_three_dots_is_reported():
    verdict = convolution.strided_sum.verdict(lambda i, k, s: i[..., None] + missing)  # noqa: F821
    assert "NameError: name 'missing' is not defined" in verdict.message


@pytest.mark.parametrize(
    "wrong",
    [
        lambda i, k, s: np.pad(slide(i, k, s), ((0, (8 - 3) % s > 0), (0, 0))),  # rounded up
        lambda i, k, s: slide(i, k, 1 + (s > 1)),
    ],
)
def test_sum_that_is_right_only_for_some_strides_is_wrong(wrong):
    assert not convolution.strided_sum.verdict(wrong).solved


def test_function_that_slices_with_three_dots_is_judged_by_its_result():
    def solution(image, kernel, stride):
        return np.asarray(slide(image, kernel, 1))[..., ::stride, ::stride]

    assert convolution.strided_sum.verdict(solution).solved


@every_checker
@pytest.mark.parametrize("answer", [None, "?", object(), {}, [], np.zeros((0, 3)), [[1], [2, 3]]])
def test_any_answer_gets_a_message(checker, answer):
    solved, message = checker.verdict(answer)
    assert not solved
    assert message


def test_values_with_indices_of_a_maximum_get_a_hint():
    curves = torch.tensor(np.stack([bumps(45), bumps(135)], axis=1))
    verdict = complex_cells.two_orientations.verdict
    assert "take the values, or amax" in verdict(curves.max(1)).message
    assert verdict(curves.amax(1)).solved


def test_error_of_an_answer_is_reported():
    class Broken:
        def __array__(self, *args, **options):
            raise RuntimeError("out of order")

    assert "RuntimeError: out of order" in convolution.output_shape.verdict(Broken()).message


def test_verdict_is_printed_outside_a_notebook(capsys):
    assert deep_learning.parameter_count(8960) is None
    deep_learning.parameter_count(8768)
    assert capsys.readouterr().out.splitlines() == [
        "✓ Solved.",
        "→ The biases are missing: each output channel of both layers has one.",
    ]


def test_answer_from_before_a_failed_cell_is_not_checked(monkeypatch):
    shown = []
    shell = SimpleNamespace(kernel=object(), last_execution_succeeded=False)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", shown.append)
    deep_learning.parameter_count(8960)
    assert [verdict.solved for verdict in shown] == [False]
    assert "Fix it and run both again" in shown[0].message


def test_verdict_is_a_note_in_a_notebook(monkeypatch):
    shown = []
    shell = SimpleNamespace(kernel=object(), last_execution_succeeded=True)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", shown.append)
    why_cnns.first_to_see(6)
    why_cnns.first_to_see("<b>")
    right, wrong = (verdict._repr_html_() for verdict in shown)
    assert "✓ Solved." in right
    assert "→" in wrong
    assert "<b>" not in wrong


def test_layer_in_place_of_a_number_gets_a_hint():
    message = deep_learning.parameter_count.verdict(torch.nn.Conv2d(3, 16, 5)).message
    assert message == "This is a layer; the answer must hold numbers."


def test_list_of_tensors_with_gradients_is_accepted():
    rows = [torch.nn.Parameter(row) for row in PARTNER]
    assert complex_cells.odd_partner.verdict(rows).solved
