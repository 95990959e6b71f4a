"""What a hyperparameter is to a layer inside a compiled program."""

from __future__ import annotations

from typing import Any


class Number:
    """Converts to a tensor and compares with 0, and can do nothing else."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        import tensorflow as tf

        return tf.cast(self.tensor, dtype or tf.float32)

    def __gt__(self, other: float) -> bool:
        assert other == 0
        return True
