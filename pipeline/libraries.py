"""Writes which versions of the libraries are installed that stages import. Writes data/libraries.json.

What is installed changes without any file of the project's, so DVC runs this every time, also when nothing else has
changed: it imports next to nothing.
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bythebook.files import write_bytes

INSTALLED = Path("data/libraries.json")
# By what is imported of them: `code` refuses others.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "dvc": "dvc",
    "jinja2": "jinja2",
    "keras": "keras",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "optuna": "optuna",
    "optuna_dashboard": "optuna-dashboard",
    "psutil": "psutil",
    "pydantic": "pydantic",
    "ray": "ray",
    "ruamel": "ruamel.yaml",
    "scipy": "scipy",
    "sqlalchemy": "sqlalchemy",
    "tenacity": "tenacity",
    "tensorflow": "tensorflow",
    "torch": "torch",
    "tqdm": "tqdm",
    "typing_extensions": "typing-extensions",
}


def installed(name: str) -> str | None:
    """Return the version of the library that is imported by this name, or None if it is not installed."""
    try:
        return version(DISTRIBUTIONS[name])
    except PackageNotFoundError:
        return None


def main() -> None:
    """Write the versions of all of them."""
    versions = {name: installed(name) for name in DISTRIBUTIONS}
    write_bytes(INSTALLED, f"{json.dumps(versions, indent=1)}\n".encode())


if __name__ == "__main__":
    main()
