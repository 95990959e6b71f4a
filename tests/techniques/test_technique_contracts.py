"""What holds for every registered technique, whatever it is. The table is the register itself."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

import bythebook.techniques  # noqa: F401  (fills the register)
from bythebook.catalogue import FAMILIES, Technique, resolve, techniques
from bythebook.errors import UserError

EVERY = [entry for family in FAMILIES for entry in techniques(family).values()]

# What a recipe must say where a technique has no default for it.
REQUIRED: dict[tuple[str, str], dict[str, Any]] = {("initializer", "constant"): {"value": 0.1}}

# Everything the catalogue of the chapter names, family by family.
NAMED = {
    "augmentation": {"shift_and_flip"},
    "initializer": {
        "he_normal",
        "he_uniform",
        "he_average_uniform",
        "glorot_normal",
        "glorot_uniform",
        "lecun_normal",
        "lecun_uniform",
        "variance_scaling",
        "random_normal",
        "random_uniform",
        "constant",
    },
    "activation": {
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "prelu",
        "elu",
        "selu",
        "gelu",
        "swish",
        "mish",
        "maxout",
        "linear",
    },
    "normalizer": {"batch_norm_before", "batch_norm_after"},
    "regularizer": {"l1", "l2", "l1_l2"},
    "dropout": {"dropout", "alpha_dropout"},
    "constraint": {"max_norm"},
    "optimizer": {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamax", "nadam", "adamw"},
    "schedule": {
        "constant",
        "power",
        "exponential",
        "exponential_per_epoch",
        "piecewise",
        "performance",
        "one_cycle",
        "one_cycle_with_momentum",
    },
    "clipping": {"clip_value", "clip_norm"},
    "loss": {
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
        "mean_squared_error",
    },
    "strategy": {
        "from_scratch",
        "frozen",
        "freeze_then_finetune",
        "finetune",
        "gradual_unfreezing",
        "discriminative_rates",
        "autoencoder_then_finetune",
        "auxiliary_then_finetune",
    },
}


def named(entry: Technique) -> str:
    return f"{entry.family}-{entry.name}"


def minimal(entry: Technique) -> dict[str, Any]:
    return {"name": entry.name, **REQUIRED.get((entry.family, entry.name), {})}


every = pytest.mark.parametrize("entry", EVERY, ids=named)


def test_the_register_has_techniques_in_every_family() -> None:
    assert EVERY
    assert all(techniques(family) for family in FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_catalogue_names_is_registered(family: str) -> None:
    assert NAMED[family]
    assert NAMED[family] <= set(techniques(family))


@every
def test_documentation_says_what_when_and_where_from(entry: Technique) -> None:
    assert entry.summary.endswith(".")
    lines = (inspect.getdoc(entry.build) or "").splitlines()
    assert lines[1] == ""
    labels = [line.split(":")[0] for line in lines[2:] if line and not line.startswith(" ")]
    assert labels == ["Formula", "Prefer", "Source"]
    assert all(len(line.split(":", 1)[1]) > 1 for line in lines[2:] if not line.startswith(" "))


@every
def test_signature_is_annotated(entry: Technique) -> None:
    hints = get_type_hints(entry.build)
    assert "return" in hints
    assert set(inspect.signature(entry.build).parameters) <= set(hints)


@every
def test_resolves_to_a_fixed_point(entry: Technique) -> None:
    once = resolve(entry.family, minimal(entry), "here")
    assert set(once) == {"name", *entry.arguments.model_fields}
    assert resolve(entry.family, once, "here") == once


@every
def test_bare_name_is_enough_unless_an_argument_is_required(entry: Technique) -> None:
    required = {name for name, field in entry.arguments.model_fields.items() if field.is_required()}
    if not required:
        assert resolve(entry.family, entry.name, "here")["name"] == entry.name
        return
    with pytest.raises(UserError) as refusal:
        resolve(entry.family, entry.name, "here")
    assert all(any(f"here.{name}: " in problem for problem in refusal.value.problems) for name in required)


@every
def test_unknown_argument_is_refused(entry: Technique) -> None:
    with pytest.raises(UserError, match=r"here\.misspelt"):
        resolve(entry.family, {**minimal(entry), "misspelt": 1}, "here")


@every
def test_no_argument_takes_nonsense(entry: Technique) -> None:
    for name, field in entry.arguments.model_fields.items():
        # Only where it is the default, None has a meaning.
        for nonsense in ("nonsense", float("nan"), float("inf"), *([None] if field.default is not None else [])):
            with pytest.raises(UserError, match=rf"here\.{name}"):
                resolve(entry.family, {**minimal(entry), name: nonsense}, "here")


@every
def test_builds(entry: Technique, made: Callable[..., Any]) -> None:
    assert made(entry.family, **minimal(entry)) is not None


@every
def test_keras_objects_survive_serialization(entry: Technique, made: Callable[..., Any]) -> None:
    import keras

    built = made(entry.family, **minimal(entry))
    if entry.family == "schedule":
        built = built.learning_rate
    if not hasattr(built, "get_config"):
        assert isinstance(built, float | dict) or entry.family in ("normalizer", "strategy")
        return
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(built))
    assert type(again) is type(built)
    assert again.get_config() == built.get_config()


def test_looking_at_techniques_does_not_import_tensorflow() -> None:
    program = (
        "import sys, bythebook.techniques, bythebook.catalogue as c\n"
        "assert all(c.techniques(family) for family in c.FAMILIES)\n"
        "c.resolve('activation', 'relu', 'here')\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
