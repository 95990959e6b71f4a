"""One thread, fixed kernels, fixed seeds: what makes equal runs give equal bytes on one kind of machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from platform import machine

from bythebook.fused import xla_cache

ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    # Keras imports pyarrow, whose allocator would start a thread: a process with two cannot be forked safely.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "KERAS_BACKEND": "tensorflow",
    # No folder: floatx, epsilon and image format are Keras' own, whatever the user's keras.json says.
    "KERAS_HOME": os.devnull,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "XLA_FLAGS": xla_cache.XLA_FLAGS,
}


# Settings of the libraries beyond these may change numbers too, and are taken out of a worker's environment.
LIBRARIES = ("DNNL_", "KERAS_", "KMP_", "MKL_", "OMP_", "ONEDNN_", "TF_", "XLA_")


def prepare_process(programs: Path | None = None) -> None:
    """Makes this process a deterministic single-threaded trainer. Call it before TensorFlow is first imported.

    Args:
        programs: the folder where compiled programs are kept for other processes, if anywhere.
    """
    for name in tuple(os.environ.keys()):
        if name.startswith(LIBRARIES):
            os.environ.pop(name)
    os.environ.update(ENVIRONMENT)
    if programs is not None:
        os.environ.update({"TF_XLA_FLAGS": f'--tf_xla_persistent_cache_directory="{xla_cache.use(programs)}"'})
    with _quiet_stderr():
        import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.get_logger().setLevel("ERROR")


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """TensorFlow's C++ greets every process on file descriptor 2 before any of its own settings count."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def environment() -> dict[str, str]:
    """What, besides recipe, seed, data and code, the bytes of a result depend on. Imports no TensorFlow."""
    return {name: version(name) for name in ("tensorflow", "keras", "numpy")} | {"machine": machine()}
