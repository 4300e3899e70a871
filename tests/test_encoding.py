import numpy as np
import pytest
import torch

from convtools import (
    noise_ceiling,
    quadrature_pair,
    simulate_population,
    spike_triggered_average,
    spike_triggered_covariance,
)

RNG = np.random.default_rng(2)
NOISE = RNG.standard_normal((20_000, 9, 9))
EVEN, ODD = quadrature_pair(6, 30, sigma=1.8, size=9).numpy().astype(float)


def outputs(kernel):
    return np.tensordot(NOISE, kernel, axes=2)


def correlation(first, second):
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


# Spike-triggered statistics ----------------------------------------------------------------------


def test_average_is_the_filter_of_a_rectified_neuron():
    average = spike_triggered_average(NOISE, outputs(ODD).clip(min=0))
    assert average.shape == (9, 9)
    assert correlation(average, ODD) > 0.97


def test_average_of_an_energy_model_is_noise():
    rectified = spike_triggered_average(NOISE, outputs(EVEN).clip(min=0))
    energy = spike_triggered_average(NOISE, outputs(EVEN) ** 2 + outputs(ODD) ** 2)
    assert np.linalg.norm(energy) < 0.2 * np.linalg.norm(rectified)


def test_average_weights_each_stimulus_by_its_response():
    stimuli = [[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 0.0]]]
    np.testing.assert_allclose(spike_triggered_average(stimuli, [1, 3, 0]), [[2.5, 3.5]])


def test_covariance_finds_the_plane_of_an_energy_model():
    change = spike_triggered_covariance(NOISE, outputs(EVEN) ** 2 + outputs(ODD) ** 2)
    values, vectors = np.linalg.eigh(change)
    assert values[-2] > 2 * values[-3]
    plane = vectors[:, -2:]
    for kernel in (EVEN, ODD):
        unit = kernel.ravel() / np.linalg.norm(kernel)
        assert np.linalg.norm(plane.T @ unit) ** 2 > 0.95


def test_covariance_of_a_suppressed_direction_is_negative():
    rates = np.exp(-(outputs(EVEN) ** 2) / np.sum(EVEN**2))
    values, vectors = np.linalg.eigh(spike_triggered_covariance(NOISE, rates))
    assert values[0] < -0.5
    assert abs(correlation(vectors[:, 0], EVEN)) > 0.97


def test_covariance_is_0_if_all_stimuli_drive_the_neuron_equally():
    change = spike_triggered_covariance(NOISE[:500], np.full(500, 2.0))
    np.testing.assert_allclose(change, np.zeros((81, 81)), atol=1e-12)


def test_covariance_is_that_of_numpy():
    stimuli, spikes = NOISE[:50, 0, :4], RNG.integers(0, 4, 50)
    expected = np.cov(stimuli.T, fweights=spikes, bias=True) - np.cov(stimuli.T, bias=True)
    np.testing.assert_allclose(spike_triggered_covariance(stimuli, spikes), expected, atol=1e-12)


@pytest.mark.parametrize("function", [spike_triggered_average, spike_triggered_covariance])
def test_tensors_give_tensors_with_the_same_numbers(function):
    stimuli, rates = NOISE[:200, :3, :3].astype(np.float32), np.arange(200)
    tensor = function(torch.from_numpy(stimuli), torch.from_numpy(rates))
    assert isinstance(tensor, torch.Tensor)
    assert tensor.dtype == torch.float32
    np.testing.assert_allclose(tensor, function(stimuli, rates), atol=1e-5)


def test_average_has_a_gradient():
    rates = torch.ones(20, dtype=torch.float64, requires_grad=True)
    average = spike_triggered_average(torch.from_numpy(NOISE[:20]), rates)
    average.sum().backward()
    assert rates.grad is not None


# Noise ceiling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("n_averaged", [1, 2, 8])
@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_ceiling_is_that_of_the_closed_form(n_averaged, noise):
    signal = RNG.standard_normal((20_000, 3))
    repeats = signal + noise * RNG.standard_normal((4, *signal.shape))
    expected = np.sqrt(1 / (1 + noise**2 / n_averaged))
    np.testing.assert_allclose(noise_ceiling(repeats, n_averaged), [expected] * 3, rtol=0.02)


def test_ceiling_is_the_correlation_of_the_true_signal_with_the_mean():
    signal = RNG.standard_normal(20_000)
    repeats = signal + RNG.standard_normal((5, 20_000))
    reached = correlation(signal, repeats.mean(axis=0))
    np.testing.assert_allclose(noise_ceiling(repeats), reached, atol=0.01)


def test_ceiling_of_simulated_neurons_is_that_of_their_tuning():
    # with n repeats of each orientation, the tuning curve is the mean over many of them
    orientations = np.tile(np.arange(0, 180, 5), 400)
    train, test, _ = simulate_population(40, orientations, seed=0)
    ceiling = noise_ceiling(torch.stack([train, test]), 1)
    tuning = (train + test).reshape(400, 36, 40).mean(dim=0)
    signal = tuning.tile(400, 1)
    reached = [correlation(signal[:, i].numpy(), test[:, i].numpy()) for i in range(40)]
    np.testing.assert_allclose(ceiling, reached, atol=0.02)


def test_ceiling_is_1_without_noise():
    rates = RNG.standard_normal((30, 2))
    np.testing.assert_allclose(noise_ceiling(np.stack([rates] * 3)), [1, 1])


def test_ceiling_of_repeats_that_have_nothing_in_common_is_nan():
    assert np.isnan(noise_ceiling([[1.0, -1.0], [-1.0, 1.0]]))


def test_ceiling_takes_one_neuron_or_many():
    repeats = RNG.standard_normal((3, 40, 2, 5)) + RNG.standard_normal((40, 2, 5))
    ceilings = noise_ceiling(repeats)
    assert ceilings.shape == (2, 5)
    np.testing.assert_allclose(noise_ceiling(repeats[..., 1, 3]), ceilings[1, 3])
    assert isinstance(noise_ceiling(torch.from_numpy(repeats)), torch.Tensor)
