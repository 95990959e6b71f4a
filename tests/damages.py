"""The ways in which a file of a cache is damaged in tests, each in place, as a disk or an editor leaves it."""

from __future__ import annotations

from collections.abc import Callable

Damage = Callable[[bytes, bytes], bytes]


def one_byte(content: bytes, other: bytes) -> bytes:
    place = len(content) * 9 // 10
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def half_zeroed(content: bytes, other: bytes) -> bytes:
    half = len(content) // 2
    return content[:half] + bytes(len(content) - half)


# From a file's content, and that of another entry's file of the same kind.
DAMAGES: dict[str, Damage] = {
    "emptied": lambda content, other: b"",
    "cut": lambda content, other: content[: len(content) // 2],
    "half zeroed": half_zeroed,
    "one byte": one_byte,
    "another's content": lambda content, other: other,
}
