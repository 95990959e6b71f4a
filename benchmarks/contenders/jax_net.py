"""The nets of the benchmarks in JAX: layers as a list of dictionaries, and the optimizers as Keras defines them."""

from __future__ import annotations

from typing import Any

from benchmarks.nets import Net, Weights

KEPT, EPSILON = 0.99, 0.001
SELU_LIMIT = -1.7580993408473766
MOMENTS = ("mean", "variance")


def layers_of(net: Net, weights: Weights) -> list[dict[str, Any]]:
    """One dictionary per layer from weights as :meth:`Net.initial` lists them; the first may only normalize."""
    import jax.numpy as jnp

    given = [jnp.asarray(weight) for weight in weights]
    normalized = net.recipe["normalizer"] is not None

    def normalizer() -> dict[str, Any]:
        return {name: given.pop(0) for name in ("gamma", "beta", *MOMENTS)} if normalized else {}

    layers = [normalizer()]
    for _ in net.recipe["hidden"]:
        layers.append({"kernel": given.pop(0), **({} if normalized else {"bias": given.pop(0)}), **normalizer()})
    return [*layers, {"kernel": given.pop(0), "bias": given.pop(0)}]


def forward(net: Net, layers: list[dict[str, Any]], x: Any, key: Any = None) -> tuple[Any, list[dict[str, Any]]]:
    """Logits ``(batch, classes)`` and the new moving moments; with a key as in training, without as in prediction."""
    import jax

    activation = {"elu": jax.nn.elu, "selu": jax.nn.selu}[net.recipe["activation"]["name"]]
    keys = [None] * len(layers) if key is None else list(jax.random.split(key, len(layers)))
    moments: list[dict[str, Any]] = []
    for index, layer in enumerate(layers):
        if "kernel" in layer:
            x = _dropped(net, x, keys[index]) @ layer["kernel"]
            x = x + layer["bias"] if "bias" in layer else x
        x, new = _normalized(layer, x, key is not None) if "gamma" in layer else (x, {})
        moments.append(new)
        x = activation(x) if 0 < index < len(layers) - 1 else x
    return x, moments


def evaluated(net: Net, batch: int, layers: list[dict[str, Any]], x: Any, y: Any) -> tuple[Any, Any]:
    """Sum of losses and number of hits."""
    import jax
    import jax.numpy as jnp

    loss, hits = jnp.float32(0), 0
    for start in range(0, len(x), batch):
        target = y[start : start + batch]
        logits, _ = forward(net, layers, x[start : start + batch])
        loss += (jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, target[:, None], 1)[:, 0]).sum()
        hits += (logits.argmax(1) == target).sum()
    return loss, hits


def updater(net: Net) -> tuple[Any, Any]:
    """The optimizer: a function that makes its memory, and one from layers, gradients, moments and memory to new ones.

    Formulas: SGD, Nesterov and Nadam as Keras 3 has them, max-norm after the step.
    """
    import jax
    import jax.numpy as jnp

    declared, longest = net.recipe["optimizer"], (net.recipe["constraint"] or {}).get("max_value")
    rate = declared["learning_rate"]

    def zeros(layers: Any) -> Any:
        return jax.tree.map(jnp.zeros_like, layers)

    def initial(layers: Any) -> Any:
        # Buffers are donated, so that no array may stand twice.
        return {"first": zeros(layers), "second": zeros(layers), "step": jnp.float32(0), "product": jnp.float32(1)}

    def sgd(w: Any, g: Any, m: Any, v: Any, scales: Any) -> Any:
        return w - rate * g, m, v

    def nesterov(w: Any, g: Any, m: Any, v: Any, scales: Any) -> Any:
        m = declared["momentum"] * m - rate * g
        return w + declared["momentum"] * m - rate * g, m, v

    def nadam(w: Any, g: Any, m: Any, v: Any, scales: Any) -> Any:
        first, own, second = scales
        m = declared["beta_1"] * m + (1 - declared["beta_1"]) * g
        v = declared["beta_2"] * v + (1 - declared["beta_2"]) * g * g
        return w - rate * (first * m + own * g) / (jnp.sqrt(v * second) + 1e-7), m, v

    rule = {"sgd": sgd, "nesterov": nesterov, "nadam": nadam}[declared["name"]]

    def update(layers: Any, gradients: Any, moments: Any, memory: Any) -> Any:
        step, product, scales = _nadam_scales(declared, memory) if rule is nadam else (memory["step"], 1.0, None)
        new, firsts, seconds = [], [], []
        for index, layer in enumerate(layers):
            changed = {
                name: rule(
                    w, gradients[index][name], memory["first"][index][name], memory["second"][index][name], scales
                )
                for name, w in layer.items()
                if name not in MOMENTS
            }
            trained = {name: value[0] for name, value in changed.items()}
            if longest is not None and "kernel" in trained:
                trained["kernel"] = _shortened(trained["kernel"], longest)
            new.append({**layer, **trained, **moments[index]})
            firsts.append({**memory["first"][index], **{name: value[1] for name, value in changed.items()}})
            seconds.append({**memory["second"][index], **{name: value[2] for name, value in changed.items()}})
        return new, {"first": firsts, "second": seconds, "step": step, "product": product * jnp.float32(1)}

    return initial, update


def _nadam_scales(declared: Any, memory: Any) -> tuple[Any, Any, Any]:
    """The step, the product of momenta, and what the averages and the gradient are multiplied with."""
    step = memory["step"] + 1
    now, following = (declared["beta_1"] * (1 - 0.5 * 0.96**t) for t in (step, step + 1))
    product = memory["product"] * now
    scales = (following / (1 - product * following), (1 - now) / (1 - product), 1 / (1 - declared["beta_2"] ** step))
    return step, product, scales


def _shortened(kernel: Any, longest: float) -> Any:
    import jax.numpy as jnp

    norms = jnp.sqrt((kernel * kernel).sum(0, keepdims=True))
    return kernel * (jnp.clip(norms, 0, longest) / (1e-7 + norms))


def _normalized(layer: dict[str, Any], x: Any, training: bool) -> tuple[Any, dict[str, Any]]:
    import jax
    import jax.numpy as jnp

    mean, variance = (x.mean(0), x.var(0)) if training else (layer["mean"], layer["variance"])
    scaled = layer["gamma"] * (x - mean) / jnp.sqrt(variance + EPSILON) + layer["beta"]
    moving = {name: KEPT * layer[name] + (1 - KEPT) * new for name, new in zip(MOMENTS, (mean, variance), strict=True)}
    return scaled, jax.lax.stop_gradient(moving) if training else {}


def _dropped(net: Net, x: Any, key: Any) -> Any:
    import jax
    import jax.numpy as jnp

    declared = net.recipe["dropout"]
    if declared is None or key is None:
        return x
    rate = declared["rate"]
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    if declared["name"] == "dropout":
        return jnp.where(kept, x / (1 - rate), 0.0)
    scale = ((1 - rate) * (1 + rate * SELU_LIMIT**2)) ** -0.5
    return scale * jnp.where(kept, x, SELU_LIMIT) - scale * SELU_LIMIT * rate
