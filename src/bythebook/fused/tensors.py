"""Arrays as tensors, without a copy where that is safe."""

from __future__ import annotations

from typing import Any

import numpy as np

# What TensorFlow asks of memory that it has not allocated itself.
ALIGNMENT = 64


def tensor_of(array: Any) -> Any:
    """A tensor of the array's values and type, which shares its memory if TensorFlow can use it as it lies.

    The array must not be changed afterwards.
    """
    import tensorflow as tf

    if isinstance(array, np.ndarray) and array.size and array.dtype in (np.float32, np.int64):
        flags = array.flags
        if flags.writeable and flags.c_contiguous and array.ctypes.data % ALIGNMENT == 0:
            return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.convert_to_tensor(array)
