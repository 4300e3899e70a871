"""Neurons of the mouse visual cortex and gratings: recorded ones, and a model of them."""

import os
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from convtools import _validate as validate

__all__ = ["fetch_stringer", "load_stringer", "simulate_population"]

URL = "https://osf.io/p3aeb/download"
FILE_NAME = "W3D4_stringer_oribinned6_split.npz"
MD5 = "b3f7245c6221234a676b71a1f43c3bb5"
TIMEOUT = 30  # seconds: to connect, and between two packets

# The model neurons' noise, in units of the median neuron's largest mean response.
NOISE = 0.25


def fetch_stringer(directory: str | os.PathLike | None = None) -> Path:
    """Download the recorded responses, unless they are there already.

    The download is checked before it gets its name: when it fails, nothing of it stays on the
    disk. A file of that name with other contents is replaced by a good download; until there is
    one it is left as it was.

    Parameters
    ----------
    directory : str or os.PathLike, optional
        Directory for the file; created if missing. Without it, the user's cache directory.

    Returns
    -------
    pathlib.Path
        The file, with the right checksum.

    Raises
    ------
    TypeError
        If `directory` is not a path.
    ValueError
        If `directory` is a file, or cannot be made.
    ConnectionError
        If the file cannot be downloaded or arrives damaged.

    Examples
    --------
    What is downloaded, for those who would rather do it by hand:

    >>> URL, FILE_NAME
    ('https://osf.io/p3aeb/download', 'W3D4_stringer_oribinned6_split.npz')
    """
    pooch = _pooch()
    directory = _cache() if directory is None else _path("directory", directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"`directory` must be a directory, or one that can be created, got {directory}"
        ) from error
    download = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
    try:
        file = pooch.retrieve(URL, f"md5:{MD5}", FILE_NAME, directory, downloader=download)
    except (OSError, ValueError) as error:  # the latter for a wrong checksum
        raise ConnectionError(
            f"the recorded data could not be downloaded: {error}. Check the network and call "
            f"again; or download {URL} by hand and pass the path of the file to "
            "load_stringer; or use simulate_population, which needs no file"
        ) from error
    return Path(file)


def load_stringer(
    path: str | os.PathLike | None = None, *, download: bool = True
) -> tuple[Tensor, Tensor, Tensor]:
    """Load responses of neurons in the primary visual cortex of a mouse to gratings.

    About 20,000 neurons, recorded by calcium imaging while the mouse saw about 4,000 gratings.
    The responses, normalised by the spontaneous activity and z-scored over the gratings, were
    split into train and test, and each averaged in bins of 6° of the gratings' orientation.

    Parameters
    ----------
    path : str or os.PathLike, optional
        The ``.npz`` file, with the arrays ``resp_train`` and ``resp_test``, both
        ``(n_stimuli, n_neurons)``, and ``stimuli``, ``(n_stimuli,)`` or ``(n_stimuli, 1)``.
        Without it, the file of `fetch_stringer`.
    download : bool
        Without a `path`, download the file if it is missing. False looks for an earlier download
        in the user's cache directory, without a connection and without a checksum.

    Returns
    -------
    resp_train, resp_test : Tensor
        float32, ``(n_stimuli, n_neurons)``: mean responses in units of the neuron's standard
        deviation over single gratings; negative ones are below its mean.
    stimuli : Tensor
        float32, ``(n_stimuli,)``: the mean orientation in each bin, in degrees.

    Raises
    ------
    TypeError
        If `path` is not a path, or `download` is not a bool.
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not an ``.npz`` file with these arrays, real, finite and of these shapes.
    ConnectionError
        If there is no `path` and the download fails.

    References
    ----------
    Stringer, Michaelos, Tsyboulski, Lindo & Pachitariu 2021, "High-precision coding in visual
    cortex", Cell, doi:10.1016/j.cell.2021.03.042.

    Examples
    --------
    A file of the same form, with model neurons:

    >>> from tempfile import TemporaryDirectory
    >>> train, test, stimuli = simulate_population(8, np.arange(0, 360, 6), seed=0)
    >>> with TemporaryDirectory() as directory:
    ...     path = f"{directory}/model.npz"
    ...     np.savez(path, resp_train=train, resp_test=test, stimuli=stimuli)
    ...     resp_train, resp_test, stimuli = load_stringer(path)
    >>> resp_train.shape, stimuli[:3]
    (torch.Size([60, 8]), tensor([ 0.,  6., 12.]))
    """
    download = validate.flag("download", download)
    if path is None:
        path = fetch_stringer() if download else _cache() / FILE_NAME
    path = _path("path", path)
    try:
        arrays = _read(path)
    except (FileNotFoundError, PermissionError):  # which name the file
        raise
    except Exception as error:  # a damaged archive raises any of a dozen kinds
        raise ValueError(
            "`path` must be an .npz file with `resp_train`, `resp_test` and `stimuli`, "
            f"got {path}: {error}"
        ) from error
    train, test, stimuli = (torch.from_numpy(values.astype(np.float32)) for values in arrays)
    return train, test, stimuli


def simulate_population(
    n_neurons: int, orientations: ArrayLike, *, seed: int | np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Draw model neurons and their responses, in the form of `load_stringer`.

    To a grating of orientation :math:`\theta` the mean response of a neuron is
    :math:`A\,e^{\kappa(\cos 2(\theta - \theta_0) - 1)}`, the von Mises tuning curve. The
    preferred orientations :math:`\theta_0` are uniform over 180°; the amplitudes :math:`A`
    (median 1) and concentrations :math:`\kappa` (median 2: half the amplitude at 24.6° from
    :math:`\theta_0`) are lognormal. Train and test add normal noise of their own, SD 0.25. Then
    each neuron is z-scored over the stimuli, in train and in test.

    Parameters
    ----------
    n_neurons : int
        How many.
    orientations : array_like
        ``(n_stimuli,)``: the gratings' orientations in degrees. At least two must differ, where
        θ and θ + 180° are the same.
    seed : int or numpy.random.Generator
        The same seed gives the same numbers. A generator moves on with each call.

    Returns
    -------
    resp_train, resp_test : Tensor
        float32, ``(n_stimuli, n_neurons)``: of each neuron, mean 0 and SD 1 over the stimuli.
        `circular_variance` takes their transpose, with ``negative="shift"`` or ``"clip"``.
    stimuli : Tensor
        float32, ``(n_stimuli,)``: `orientations`.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If `n_neurons` is below 1, `seed` below 0, or `orientations` is not a finite 1-D array
        with two different orientations.

    References
    ----------
    Swindale 1998, "Orientation tuning curves: empirical description and estimation of
    parameters", Biological Cybernetics 78:45-56, doi:10.1007/s004220050411.

    Examples
    --------
    >>> train, test, stimuli = simulate_population(500, np.arange(0, 360, 6), seed=0)
    >>> train.shape
    torch.Size([60, 500])
    >>> print(f"{(train * test).mean():.1f}")  # the correlation of train and test
    0.6
    """
    n_neurons = validate.integer("n_neurons", n_neurons, minimum=1)
    stimuli = validate.array("orientations", orientations, axes="(n_stimuli,)")
    stimuli = np.asarray(stimuli.tolist(), dtype=float)
    theta = np.radians(stimuli)[:, None]
    if np.allclose(np.exp(2j * theta), np.exp(2j * theta[0])):
        raise ValueError(
            f"`orientations` must hold two that differ modulo 180 degrees, got {stimuli}"
        )
    rng = validate.generator("seed", seed)
    preferred = rng.uniform(0, np.pi, n_neurons)
    kappa = rng.lognormal(np.log(2), 0.5, n_neurons)
    amplitude = rng.lognormal(0, 0.5, n_neurons)
    tuning = amplitude * np.exp(kappa * (np.cos(2 * (theta - preferred)) - 1))
    responses = tuning + NOISE * rng.standard_normal((2, *tuning.shape))
    responses -= responses.mean(axis=1, keepdims=True)
    responses /= responses.std(axis=1, keepdims=True)
    train, test = torch.from_numpy(responses.astype(np.float32))
    return train, test, torch.from_numpy(stimuli.astype(np.float32))


def _cache() -> Path:
    """Return the user's cache directory for this package."""
    return Path(_pooch().os_cache("convtools"))


def _pooch() -> ModuleType:
    """Return the module that downloads; its progress bar warns in notebooks without ipywidgets."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pooch
    return pooch


def _path(name: str, value: Any) -> Path:
    """Return `value` as a path, ``~`` replaced by the home directory."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"`{name}` must be a path, got {value!r}")
    return Path(value).expanduser()


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the three arrays of the file, of matching shapes."""
    # ZipFile names a file that is no archive more plainly than np.load, which tries other formats.
    with ZipFile(path), np.load(path, allow_pickle=False) as archive:
        train = validate.array("resp_train", archive["resp_train"], axes="(n_stimuli, n_neurons)")
        test = validate.array("resp_test", archive["resp_test"], axes="(n_stimuli, n_neurons)")
        stimuli = validate.array("stimuli", archive["stimuli"])
    if test.shape != train.shape:
        raise ValueError(
            f"`resp_test` must have the shape of `resp_train`, {train.shape}, got {test.shape}"
        )
    n = len(train)
    if stimuli.shape not in [(n,), (n, 1)]:
        raise ValueError(f"`stimuli` must have shape {(n,)} or {(n, 1)}, got {stimuli.shape}")
    return train, test, stimuli.reshape(n)
