"""What competes: each contender trains the same net on the same data, in a fresh process of its own.

A module of this package has ``train(net, data, epochs, clock, ...)``, which returns the mean training loss of every
epoch, and ``run(request, **options)``, which does that in a process of its own and returns what was measured.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

BATCH = 32
VALIDATION_BATCH = 1000
# What would change how a framework runs; a contender sets what it wants itself.
FRAMEWORKS = ("TF_", "XLA_", "JAX_", "KERAS_", "OMP_", "OPENBLAS_", "MKL_", "CUDA_", "TORCH_", "MLFLOW_", "BYTHEBOOK_")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Request:
    """What a contender is asked to do.

    Attributes:
        net: a key of :data:`benchmarks.nets.NETS`.
        epochs: how many, the first included.
        images: only so many training images; None for all.
        times: how often the training images are repeated.
        validation: whether the validation images are evaluated after each epoch.
    """

    net: str
    epochs: int = 4
    images: int | None = None
    times: int = 1
    validation: bool = True


@dataclass(frozen=True)
class Contender:
    """One way to train.

    Attributes:
        title: what tables call it.
        does: what it does, in one sentence.
        module: the module of this package that does it.
        options: keyword arguments of the module's ``run``.
        environment: variables of its process, set on top of a clean environment.
        needs: packages that it imports and the product does not have.
    """

    title: str
    does: str
    module: str
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: QUIET)
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """The needed packages that are not installed."""
        return [package for package in self.needs if find_spec(package) is None]


CONTENDERS = {
    "fit": Contender(
        "Keras `fit`, as the notebooks call it",
        "NumPy arrays into `model.fit`, Keras' own layers, TensorFlow's own number of threads, nothing else set.",
        "keras_fit",
    ),
    "fit_one_thread": Contender(
        "Keras `fit`, one thread",
        "The same with one thread within and between operations.",
        "keras_fit",
        {"threads": 1},
    ),
    "fit_whole_epoch": Contender(
        "Keras `fit`, `steps_per_execution` = the epoch",
        "The same as `fit` with TensorFlow's own threads, and all steps of an epoch in one call.",
        "keras_fit",
        {"whole_epoch": True},
    ),
    "fit_jit": Contender(
        "the same with `jit_compile=True`",
        "All steps of an epoch in one call, each step compiled by XLA.",
        "keras_fit",
        {"whole_epoch": True, "jit": True},
    ),
    "engine": Contender(
        "this engine",
        "`bythebook.fused.fit.fit` in a process prepared as the pipeline's workers are (one thread, deterministic "
        "kernels), dropout by the project's own layers.",
        "engine",
    ),
    "engine_bare": Contender(
        "this engine, without dropout and normalization",
        "The same net with neither, so that the difference is what they cost.",
        "engine",
        {"bare": True},
    ),
    "torch": Contender(
        "PyTorch loop, one thread",
        "Eager loop, data in memory as one tensor, PyTorch's own layers and optimizers (fused or foreach).",
        "torch_loop",
        environment=ONE_THREAD,
        needs=("torch",),
    ),
    "jax": Contender(
        "JAX `lax.scan` over the epoch, one thread",
        "One jitted call per epoch, data in memory, weights donated, optimizers written by hand, the XLA vector width "
        "of the engine, one core.",
        "jax_loop",
        environment=ONE_THREAD,
        needs=("jax", "jaxlib"),
    ),
    "floor": Contender(
        "the floor: the matrix products alone, BLAS",
        "The net's products at their shapes - forward, weight gradients, input gradients but the first - through "
        "NumPy's BLAS in one thread: no gathering, no activation, no update.",
        "floor",
        environment=ONE_THREAD,
    ),
    "parts": Contender(
        "the matrix products alone, XLA",
        "The same products in a loop that XLA compiles, in a process prepared as the engine's.",
        "parts",
    ),
}


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any framework's settings, and with ``own``."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FRAMEWORKS)} | dict(own)
