"""Mistakes of all kinds in files of declarations, made by a generator that gives the same ones every time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook.documents import read_yaml

HERE = "@here@"
HUGE = "1" + "0" * 400
# What stands in place of a value, as YAML.
VALUES = {
    "null": "null",
    "boolean": "true",
    "zero": "0",
    "negative": "-1",
    "fraction": "0.5",
    "large": "1000000000000",
    "huge": HUGE,
    "digits": "9" * 5000,
    "nan": ".nan",
    "infinite": ".inf",
    "minus infinity": "-.inf",
    "overflow": "1e400",
    "empty text": '""',
    "text": '"something else"',
    "zero byte": '"\\0"',
    "date": "2024-02-30",
    "list": "[1, [2], {a: 3}]",
    "empty list": "[]",
    "mapping": "{a: {b: 1}}",
    "empty mapping": "{}",
    "tag": "!foo 1",
    "wrong tag": "!!int x",
    "wrong boolean": "!!bool x",
    "alias": "*nothing",
    "itself": "&own [*own]",
    "deep": "[" * 1200 + "]" * 1200,
}
KEYS = {"null key": "null", "nan key": ".nan", "list key": "? [a, b]\n", "number key": "5", "empty key": '""'}


@dataclass(frozen=True)
class Mutation:
    """One mistake: in which file, at which place, of which kind, and what the file says with it."""

    path: Path
    place: tuple[str | int, ...]
    kind: str
    text: str


def mutations(root: Path, paths: list[Path], each: int, seed: int = 0) -> Iterator[Mutation]:
    """Yield so many mistakes of every file, drawn from all that the generator knows."""
    for path in paths:
        chance = random.Random(f"{seed} {path}")
        content = read_yaml(root / path)
        places = list(_places(content))
        for _ in range(each):
            place = chance.choice(places)
            kind = chance.choice(["typo", "key typo", "gone", "twice", *VALUES, *KEYS])
            if text := _text(content, place, kind, chance):
                yield Mutation(path, place, kind, text)


def _places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*above, key)
        yield from _places(part, (*above, key))


def _text(content: Any, place: tuple[str | int, ...], kind: str, chance: random.Random) -> str | None:
    """The file with the mistake; None where there cannot be such a one."""
    changed = json.loads(json.dumps(content))
    parent = changed
    for part in place[:-1]:
        parent = parent[part]
    last, value = place[-1], parent[place[-1]]
    if kind in VALUES:
        parent[last] = HERE
        return _written(changed, VALUES[kind])
    if kind == "typo":
        if not isinstance(value, str) or len(value) < 3:
            return None
        parent[last] = _mistyped(value, chance)
        return _written(changed, HERE)
    if kind == "gone":
        del parent[last]
        return _written(changed, HERE)
    if not isinstance(last, str):
        return None
    items = list(parent.items())
    parent.clear()
    parent.update((HERE if key == last else key, part) for key, part in items)
    own = json.dumps(last)
    keys = {"twice": f"{own}: 1, {own}", "key typo": json.dumps(_mistyped(last, chance)), **KEYS}
    return _written(changed, keys[kind])


def _mistyped(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + text[place + 1 :] if chance.random() < 0.5 else text[:place] + "q" + text[place:]


def _written(changed: Any, raw: str) -> str:
    """JSON is YAML, too, but for what stands at the mistake."""
    return json.dumps(changed, indent=1, ensure_ascii=False).replace(f'"{HERE}"', raw)
