"""Receptive fields and numbers of parameters: against published networks and PyTorch."""

from contextlib import nullcontext as does_not_raise
from itertools import pairwise
from math import ceil, prod

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convtools import (
    ComplexCells,
    ConvolutionalLayer,
    ReceptiveField,
    SimpleCells,
    conv_parameters,
    dense_parameters,
    receptive_field,
)

raises = pytest.raises

CONV3, POOL2 = (3, 1, 1), (2, 2, 0)
VGG16 = [*[CONV3] * 2, POOL2, *[CONV3] * 2, POOL2, *([CONV3] * 3 + [POOL2]) * 3]
POOL3 = (3, 2, 0)
ALEXNET_V2 = [(11, 4, 0), POOL3, (5, 1, 2), POOL3, *[CONV3] * 3, POOL3]


# Receptive fields ----


@pytest.mark.parametrize(
    ("layers", "expected"), [(VGG16, (212, 32, 90)), (ALEXNET_V2, (195, 32, 64))]
)
def test_fields_of_published_networks(layers, expected):
    # Araujo, Norris & Sim, Computing receptive fields (Distill 2019): after the last pooling
    assert receptive_field(layers) == expected


def test_modules_and_triples_agree():
    modules = []
    for kernel, stride, padding in VGG16:
        if (kernel, stride, padding) == POOL2:
            modules.append(nn.MaxPool2d(2))
        else:
            modules += [nn.Conv2d(1, 1, kernel, stride, padding), nn.BatchNorm2d(1), nn.ReLU()]
    assert receptive_field(modules) == receptive_field(VGG16)
    assert receptive_field([nn.Sequential(*modules[:9]), nn.Sequential(*modules[9:])]) == (
        receptive_field(VGG16)
    )


def test_nested_sequentials_are_unpacked_in_order():
    inner = nn.Sequential(nn.Conv2d(1, 1, 5, stride=2, padding=1), nn.Sequential(nn.MaxPool2d(3)))
    layers = [(3, 1, 1), nn.Sequential(inner, nn.AvgPool2d(2))]
    assert receptive_field(layers) == receptive_field([(3, 1, 1), (5, 2, 1), (3, 3, 0), (2, 2, 0)])


@pytest.mark.parametrize(
    ("module", "triple"),
    [
        (nn.Conv2d(1, 1, 3, dilation=4), (9, 1, 0)),
        (nn.Conv2d(1, 1, (3, 3), (2, 2), (1, 1)), (3, 2, 1)),
        (nn.Conv2d(1, 1, 4, padding="same"), (4, 1, 1)),
        (nn.Conv2d(1, 1, 3, padding="same", dilation=3), (7, 1, 3)),
        (nn.Conv2d(1, 1, 3, padding="valid"), (3, 1, 0)),
        (nn.MaxPool2d(3, stride=1, padding=1, dilation=2), (5, 1, 1)),
        (nn.AvgPool2d(4, padding=2), (4, 4, 2)),
        (nn.AvgPool2d([4, 4], [3, 3], [1, 1]), (4, 3, 1)),
        (nn.MaxPool2d([2, 2]), (2, 2, 0)),
        (ConvolutionalLayer(K=9), (9, 1, 4)),
        (SimpleCells(torch.zeros(2, 5, 5)), (5, 1, 2)),
        (ComplexCells(torch.zeros(1, 2, 7, 7)), (7, 1, 3)),
    ],
)
def test_module_has_the_field_of_its_triple(module, triple):
    context = [(2, 2, 0), (3, 1, 1)]
    assert receptive_field([*context, module]) == receptive_field([*context, triple])


def test_layers_may_be_one_module_a_list_or_any_iterable():
    layers = [nn.Conv2d(1, 1, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    expected = receptive_field([CONV3, POOL2])
    for form in [layers, iter(layers), nn.Sequential(*layers), nn.ModuleList(layers)]:
        assert receptive_field(form) == expected
    assert receptive_field(layers[0]) == receptive_field([CONV3])


def test_list_that_differs_between_height_and_width_is_refused():
    with raises(ValueError, match=r"must have the same stride in both directions, got \[2, 1\]"):
        receptive_field([nn.MaxPool2d(2, stride=[2, 1])])


@pytest.mark.parametrize(
    "module",
    [
        nn.Identity(), nn.Dropout(), nn.Dropout2d(), nn.BatchNorm2d(3), nn.ReLU(), nn.ReLU6(),
        nn.LeakyReLU(), nn.ELU(), nn.GELU(), nn.SiLU(), nn.Softplus(), nn.Sigmoid(), nn.Tanh(),
        nn.SELU(), nn.CELU(), nn.Mish(), nn.PReLU(3), nn.RReLU(), nn.Hardswish(), nn.Hardsigmoid(),
        nn.Hardtanh(), nn.LogSigmoid(), nn.Softsign(), nn.Softshrink(), nn.Hardshrink(),
        nn.Tanhshrink(), nn.Threshold(0, 0), nn.Softmax2d(), nn.LocalResponseNorm(3),
        nn.AlphaDropout(), nn.ChannelShuffle(3),
    ],
)  # fmt: skip
def test_pointwise_modules_see_one_position(module):
    assert receptive_field([module]) == (1, 1, 0)
    assert receptive_field([CONV3, module, POOL2]) == receptive_field([CONV3, POOL2])


@st.composite
def a_layer(draw):
    """A convolution with positive weights or a pooling layer."""
    kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    padding, kind = draw(st.integers(0, kernel // 2)), draw(st.integers(0, 3))
    if kind == 0:
        return nn.AvgPool2d(kernel, stride, padding)
    dilation = draw(st.integers(1, 2))
    if kind == 1:
        return nn.MaxPool2d(kernel, stride, padding, dilation)
    padding = draw(st.sampled_from([padding, "valid", "same"]))
    stride = 1 if padding == "same" else stride
    layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation, bias=False)
    nn.init.ones_(layer.weight)
    return layer


def first_unit_inside(field):
    """The first unit whose whole field lies within the image."""
    return ceil(field.padding / field.stride)


def assert_centred(field, unit, seen):
    assert seen.max() - seen.min() + 1 == field.size
    assert (seen.max() + seen.min()) / 2 == field.center(unit)


SIDE = 64
even_same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


@even_same
@given(layers=st.lists(a_layer(), min_size=1, max_size=3))
def test_field_is_where_an_impulse_is_seen(layers):
    """Row by row, a bright line on black: positive weights and pooling let it through."""
    field = receptive_field(layers)
    unit = first_unit_inside(field)
    lines = torch.eye(SIDE)[:, None, :, None].expand(SIDE, 1, SIDE, SIDE)
    with torch.no_grad():
        answers = nn.Sequential(*layers)(lines)
    column = answers[:, 0, unit, answers.shape[-1] // 2]
    assert_centred(field, unit, column.numpy().nonzero()[0])


@even_same
@given(layers=st.lists(a_layer(), min_size=1, max_size=3))
def test_field_is_the_support_of_the_gradient(layers):
    # the gradient of a maximum has one pixel only: averages of the same geometry stand in
    stand_ins = [
        nn.Conv2d(1, 1, layer.kernel_size, layer.stride, layer.padding, layer.dilation, bias=False)
        if isinstance(layer, nn.MaxPool2d)
        else layer
        for layer in layers
    ]
    for layer in stand_ins:
        for weight in layer.parameters():
            nn.init.ones_(weight)
    field = receptive_field(layers)
    unit = first_unit_inside(field)
    image = torch.ones(1, 1, SIDE, SIDE, requires_grad=True)
    nn.Sequential(*stand_ins)(image)[0, 0, unit, unit].backward()
    for seen in image.grad[0, 0].nonzero().T:
        assert_centred(field, unit, seen)


def test_receptive_field_names_what_it_holds():
    field = receptive_field([(7, 2, 3)])
    assert isinstance(field, ReceptiveField)
    assert (field.size, field.stride, field.padding) == (7, 2, 3)


@pytest.mark.parametrize(("index", "center"), [(0, 15.5), (1, 47.5), (6, 207.5)])
def test_centre_of_a_unit_of_vgg16(index, center):
    # −p + i·j + (r − 1)/2, Araujo, Norris & Sim (Distill 2019); −90 + 211/2 = 15.5
    assert receptive_field(VGG16).center(index) == center


# Numbers of parameters ----


def count(module):
    return sum(weights.numel() for weights in module.parameters())


@given(
    groups=st.integers(1, 4),
    per_group=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    kernel=st.one_of(st.integers(1, 9), st.tuples(st.integers(1, 9), st.integers(1, 9))),
    bias=st.booleans(),
)
def test_conv_parameters_are_those_of_torch(groups, per_group, kernel, bias):
    c_in, c_out = (groups * channels for channels in per_group)
    layer = nn.Conv2d(c_in, c_out, kernel, bias=bias, groups=groups)
    assert conv_parameters(c_in, c_out, kernel, bias=bias, groups=groups) == count(layer)


@given(
    in_shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    out_shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    bias=st.booleans(),
)
def test_dense_parameters_are_those_of_torch(in_shape, out_shape, bias):
    layer = nn.Linear(prod(in_shape), prod(out_shape), bias=bias)
    assert dense_parameters(in_shape, out_shape, bias=bias) == count(layer)


def test_parameters_of_the_tutorials_layer():
    assert conv_parameters(1, 6, 7) == 294 + 6 == count(ConvolutionalLayer())
    # one weight for each pixel and output channel: a layer of six units only
    assert dense_parameters((1, 48, 64), (6,)) == 18_432 + 6
    # one that gives the same outputs, and how many times as many weights
    assert dense_parameters((1, 48, 64), (6, 48, 64)) == 56_623_104 + 18_432
    ratio = dense_parameters((1, 48, 64), (6, 48, 64), bias=False) / 294
    assert round(ratio) == 192_596
    # locally connected: the same kernels, but not shared between the positions
    assert 48 * 64 * conv_parameters(1, 6, 7, bias=False) == 903_168


def dense_stack(*sizes):
    return sum(dense_parameters([n], [m]) for n, m in pairwise(sizes))


def test_parameters_of_lenet5():
    # LeCun et al. 1998: 60,000. Each subsampling map learns a factor and a bias; the maps of C3
    # look at 3, 4 or 6 of the 6 maps before; the weights of the last layer are fixed.
    layers = {
        "C1": conv_parameters(1, 6, 5),
        "S2": conv_parameters(6, 6, 1, groups=6),
        "C3": conv_parameters(3, 6, 5) + conv_parameters(4, 9, 5) + conv_parameters(6, 1, 5),
        "S4": conv_parameters(16, 16, 1, groups=16),
        "C5": conv_parameters(16, 120, 5),
        "F6": dense_parameters([120], [84]),
    }
    assert list(layers.values()) == [156, 12, 1_516, 32, 48_120, 10_164]
    assert sum(layers.values()) == 60_000


def test_parameters_of_alexnet():
    # torchvision.models.alexnet
    layers = [(3, 64, 11), (64, 192, 5), (192, 384, 3), (384, 256, 3), (256, 256, 3)]
    convolutions = sum(conv_parameters(*layer) for layer in layers)
    assert convolutions + dense_stack(256 * 6 * 6, 4096, 4096, 1000) == 61_100_840


def test_parameters_of_vgg16():
    # torchvision.models.vgg16
    channels = [3, 64, 64, 128, 128, *[256] * 3, *[512] * 6]
    convolutions = sum(conv_parameters(*pair, 3) for pair in pairwise(channels))
    assert convolutions + dense_stack(512 * 7 * 7, 4096, 4096, 1000) == 138_357_544


# Good and bad input ----

INTEGER = "must be an integer of at least"
SHAPE = "must be a shape: positive integers"
A_LAYER = r"must be \(kernel, stride, padding\) or a module whose field is known"


def layers_row(wrong, error, match):
    return lambda: receptive_field(wrong), raises(error, match=match)


INPUTS = [
    (lambda: receptive_field([[3, np.int64(1), torch.tensor(0)]]), does_not_raise()),
    (lambda: receptive_field(((1, 1, 5),)), does_not_raise()),
    layers_row([], ValueError, "`layers` must not be empty"),
    layers_row(None, TypeError, "`layers` must be a sequence of layers, got a NoneType"),
    layers_row(3, TypeError, "`layers` must be a sequence of layers, got a int"),
    layers_row([CONV3, (3, 1)], TypeError, rf"`layers\[1\]` {A_LAYER}, got a tuple"),
    layers_row("VGG", TypeError, "`layers` must be a sequence of layers, got a str"),
    layers_row([nn.Linear(2, 2)], TypeError, rf"`layers\[0\]` {A_LAYER}, got a Linear"),
    layers_row(
        [nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(1, 1, 2))],
        TypeError,
        rf"`layers\[0\]\[1\]` {A_LAYER}, got a ConvTranspose2d",
    ),
    layers_row([(0, 1, 0)], ValueError, rf"`kernel of layers\[0\]` {INTEGER} 1, got 0"),
    layers_row([(3.0, 1, 0)], TypeError, rf"`kernel of layers\[0\]` {INTEGER} 1, got 3\.0"),
    layers_row([(3, 0, 0)], ValueError, rf"`stride of layers\[0\]` {INTEGER} 1, got 0"),
    layers_row([(3, 1, -1)], ValueError, rf"`padding of layers\[0\]` {INTEGER} 0, got -1"),
    layers_row([(3, 1, np.nan)], TypeError, rf"`padding of layers\[0\]` {INTEGER} 0, got nan"),
    layers_row(
        [nn.Conv2d(1, 1, (3, 5))],
        ValueError,
        r"`layers\[0\]` must have the same kernel_size in both directions, got \(3, 5\)",
    ),
    layers_row(
        [nn.MaxPool2d(3, stride=(1, 2))],
        ValueError,
        r"`layers\[0\]` must have the same stride in both directions, got \(1, 2\)",
    ),
    layers_row(
        [nn.Conv2d(1, 1, 3, padding=(1, 0))],
        ValueError,
        r"`layers\[0\]` must have the same padding in both directions, got \(1, 0\)",
    ),
    layers_row(
        [nn.Conv2d(1, 1, 3, dilation=(1, 2))],
        ValueError,
        r"`layers\[0\]` must have the same dilation in both directions, got \(1, 2\)",
    ),
    (lambda: ReceptiveField(1, 1, 0).center(np.int64(3)), does_not_raise()),
    (
        lambda: ReceptiveField(1, 1, 0).center(-1),
        raises(ValueError, match=f"`index` {INTEGER} 0, got -1"),
    ),
    (
        lambda: ReceptiveField(1, 1, 0).center(0.5),
        raises(TypeError, match=rf"`index` {INTEGER} 0, got 0\.5"),
    ),
    (lambda: conv_parameters(np.int64(4), 2, [1, 2], groups=2), does_not_raise()),
    (lambda: conv_parameters(0, 6, 7), raises(ValueError, match=f"`c_in` {INTEGER} 1, got 0")),
    (lambda: conv_parameters("1", 6, 7), raises(TypeError, match=f"`c_in` {INTEGER} 1, got '1'")),
    (lambda: conv_parameters(1, -6, 7), raises(ValueError, match=f"`c_out` {INTEGER} 1, got -6")),
    (
        lambda: conv_parameters(1, None, 7),
        raises(TypeError, match=f"`c_out` {INTEGER} 1, got None"),
    ),
    (lambda: conv_parameters(1, 6, 0), raises(ValueError, match=f"`kernel` {INTEGER} 1, got 0")),
    (
        lambda: conv_parameters(1, 6, (7, np.nan)),
        raises(TypeError, match=f"`kernel` {INTEGER} 1, got nan"),
    ),
    (
        lambda: conv_parameters(1, 6, (7,)),
        raises(ValueError, match=r"`kernel` must be an integer or a pair .*, got \(7,\)"),
    ),
    (
        lambda: conv_parameters(1, 6, 7, bias=1),
        raises(TypeError, match="`bias` must be True or False, got 1"),
    ),
    (
        lambda: conv_parameters(1, 6, 7, groups=0),
        raises(ValueError, match=f"`groups` {INTEGER} 1, got 0"),
    ),
    (
        lambda: conv_parameters(1, 6, 7, groups=1.0),
        raises(TypeError, match=rf"`groups` {INTEGER} 1, got 1\.0"),
    ),
    (
        lambda: conv_parameters(4, 6, 7, groups=4),
        raises(ValueError, match="`groups` must divide 4 and 6 channels, got 4"),
    ),
    (
        lambda: conv_parameters(3, 6, 7, groups=2),
        raises(ValueError, match="`groups` must divide 3 and 6 channels, got 2"),
    ),
    (lambda: dense_parameters(torch.Size([1, 2]), [np.int64(3)]), does_not_raise()),
    (lambda: dense_parameters(5, (6,)), raises(TypeError, match=f"`in_shape` {SHAPE}, got 5")),
    (
        lambda: dense_parameters((), (6,)),
        raises(ValueError, match=rf"`in_shape` {SHAPE}, got \(\)"),
    ),
    (
        lambda: dense_parameters((1, 0), (6,)),
        raises(ValueError, match=f"`in_shape` {INTEGER} 1, got 0"),
    ),
    (
        lambda: dense_parameters((5,), "6"),
        raises(TypeError, match=f"`out_shape` {SHAPE}, got '6'"),
    ),
    (
        lambda: dense_parameters((5,), []),
        raises(ValueError, match=rf"`out_shape` {SHAPE}, got \(\)"),
    ),
    (
        lambda: dense_parameters((5,), (6.0,)),
        raises(TypeError, match=rf"`out_shape` {INTEGER} 1, got 6\.0"),
    ),
    (
        lambda: dense_parameters((5,), (6,), bias=None),
        raises(TypeError, match="`bias` must be True or False, got None"),
    ),
]


@pytest.mark.parametrize(("call", "expectation"), INPUTS)
def test_input(call, expectation):
    with expectation:
        call()


class AveragesFirst(nn.Sequential):
    """A Sequential that does more than its parts."""

    def forward(self, images):
        return super().forward(nn.functional.avg_pool2d(images, 5))


class Named(nn.Conv2d):
    """A Conv2d under another name, which runs as one."""


def test_module_with_a_forward_of_its_own_is_not_placed():
    with pytest.raises(TypeError, match=r"`layers\[0\]` must be .*, got a AveragesFirst"):
        receptive_field([AveragesFirst(nn.Conv2d(1, 1, 3))])


@pytest.mark.parametrize("module", [nn.GroupNorm(1, 4), nn.BatchNorm1d(4)])
def test_module_that_is_not_known_is_not_placed(module):
    name = type(module).__name__  # BatchNorm1d shares its forward with BatchNorm2d, which is known
    with pytest.raises(TypeError, match=rf"`layers\[1\]\[0\]` must be .*, got a {name}"):
        receptive_field([nn.ReLU(), nn.Sequential(module)])


def test_subclass_that_runs_as_its_parent_is_placed_as_it():
    assert receptive_field([Named(1, 1, 5, padding=2)]) == (5, 1, 2)
