"""What holds for every registered technique, whatever it is. The table is the register itself."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any, get_type_hints

import pytest

import bythebook.techniques  # noqa: F401  (fills the register)
from bythebook.catalogue import FAMILIES, Technique, resolve, techniques
from bythebook.errors import UserError

EVERY = [entry for family in FAMILIES for entry in techniques(family).values()]

# A line of summary, and three parts whose further lines are indented.
DOCUMENTED = re.compile(r".+\n\n" + r"\n".join(rf"{part}: .+(\n .*)*" for part in ("Formula", "Prefer", "Source")))

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


def refusal(entry: Technique, declared: Any) -> list[str]:
    """What is said against a declaration of a technique; nothing where it is taken."""
    try:
        resolve(entry.family, declared, "here")
    except UserError as error:
        return list(error.problems)
    return []


def names_all(problems: list[str], arguments: Iterable[str]) -> bool:
    """Whether each of some arguments is among the problems."""
    return all(any(f"here.{name}: " in problem for problem in problems) for name in arguments)


def test_the_register_has_techniques_in_every_family() -> None:
    assert EVERY
    assert all(techniques(family) for family in FAMILIES)


def test_what_the_catalogue_names_is_registered() -> None:
    assert NAMED.keys() == set(FAMILIES) and all(NAMED.values())
    assert not {(family, name) for family, known in NAMED.items() for name in known - set(techniques(family))}


def test_documentation_says_what_when_and_where_from() -> None:
    assert not [named(entry) for entry in EVERY if not entry.summary.endswith(".")]
    assert not [named(entry) for entry in EVERY if not DOCUMENTED.fullmatch(inspect.getdoc(entry.build) or "")]


def test_signatures_are_annotated() -> None:
    asked = {named(entry): {"return", *inspect.signature(entry.build).parameters} for entry in EVERY}
    assert not {
        (named(entry), name) for entry in EVERY for name in asked[named(entry)] - get_type_hints(entry.build).keys()
    }


def test_techniques_resolve_to_a_fixed_point() -> None:
    once = [(entry, resolve(entry.family, minimal(entry), "here")) for entry in EVERY]
    assert not [named(entry) for entry, found in once if set(found) != {"name", *entry.arguments.model_fields}]
    assert not [named(entry) for entry, found in once if refusal(entry, found)]
    assert not [named(entry) for entry, found in once if resolve(entry.family, found, "here") != found]


def test_bare_name_is_enough_unless_an_argument_is_required() -> None:
    required = {
        named(entry): {name for name, field in entry.arguments.model_fields.items() if field.is_required()}
        for entry in EVERY
    }
    lacking = [entry for entry in EVERY if required[named(entry)]]
    enough = [entry for entry in EVERY if entry not in lacking]
    assert lacking and enough
    assert not [named(entry) for entry in enough if resolve(entry.family, entry.name, "here")["name"] != entry.name]
    assert not [named(entry) for entry in lacking if not names_all(refusal(entry, entry.name), required[named(entry)])]


def test_unknown_argument_is_refused() -> None:
    misspelt = [(named(entry), refusal(entry, {**minimal(entry), "misspelt": 1})) for entry in EVERY]
    assert not [name for name, problems in misspelt if not names_all(problems, ["misspelt"])]


def test_no_argument_takes_nonsense() -> None:
    tried = [
        (entry, name, nonsense)
        for entry in EVERY
        for name, field in entry.arguments.model_fields.items()
        # Only where it is the default, None has a meaning.
        for nonsense in ("nonsense", float("nan"), float("inf"), *([None] if field.default is not None else []))
    ]
    assert tried
    assert not [
        (named(entry), name, nonsense)
        for entry, name, nonsense in tried
        if not names_all(refusal(entry, {**minimal(entry), name: nonsense}), [name])
    ]


every = pytest.mark.parametrize("entry", EVERY, ids=named)


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
