"""What a user has set for other programs of theirs reaches no worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ASK = """
import json, os
from bythebook.training.determinism import LIBRARIES, prepare_process
prepare_process()
import keras
layer = keras.layers.Dense(1)
layer.build((None, 1))
ours = {name: value for name, value in os.environ.items() if name.startswith(LIBRARIES)}
print(json.dumps([keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format(),
                  keras.config.backend(), keras.config.max_epochs(), layer.dtype, sorted(ours.items())]))
"""
SETTINGS = {"floatx": "float64", "epsilon": 0.5, "image_data_format": "channels_first", "backend": "numpy"}
VARIABLES = {
    **{"TF_ENABLE_ONEDNN_OPTS": "0", "XLA_FLAGS": "--xla_cpu_enable_fast_math=true", "KERAS_MAX_EPOCHS": "1"},
    **{"TF_XLA_FLAGS": "--tf_xla_auto_jit=2", "ONEDNN_MAX_CPU_ISA": "SSE41", "KERAS_BACKEND": "numpy"},
}


def asked(**variables: str) -> list[object]:
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, env={**environment, **variables}, capture_output=True, text=True, check=True)
    found: list[object] = json.loads(done.stdout)
    return found


def test_settings_of_keras_and_variables_of_libraries_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(json.dumps(SETTINGS))
    plain = asked()
    assert plain[:6] == ["float32", 1e-7, "channels_last", "tensorflow", None, "float32"]
    assert asked(KERAS_HOME=str(tmp_path), **VARIABLES) == plain
