"""The machine and the libraries that results hold for."""

from __future__ import annotations

import logging
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bythebook.training.determinism import ENVIRONMENT

log = logging.getLogger("benchmarks")

PACKAGES = ("tensorflow", "keras", "numpy", "torch", "jax", "jaxlib")
GIGABYTE = 1 << 30
BUSY = 0.3


def described() -> dict[str, Any]:
    """Processor, memory, caches, system and versions; equal on every day that results may be compared across."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE, 1),
        "caches": _caches(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "blas": _blas(),
        "xla_flags": ENVIRONMENT.get("XLA_FLAGS", ""),
    }


def load() -> list[float]:
    """The load averages over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def busy() -> float:
    """How many processors are at work right now, over a second; a load average would still hold what has just ended."""
    share = psutil.cpu_percent(interval=1)
    return share / 100 * (psutil.cpu_count() or 1)


def warn_if_busy() -> None:
    """Says so if others use the processors now."""
    share = busy()
    if share > BUSY:
        log.warning("%.1f processors are busy: what is measured beside something else may not hold", share)


def _processor() -> str:
    fields = _cpu_fields()
    name = fields.get("model name") or platform.processor() or platform.machine()
    if "cpu family" in fields:
        name += f" (family {fields['cpu family']}, model {fields.get('model', '?')})"
    widest = next((kind for kind in ("avx512f", "avx2") if kind in fields.get("flags", "").split()), None)
    return f"{name}, {widest}" if widest else name


def _cpu_fields() -> dict[str, str]:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text(encoding="utf-8").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _caches() -> list[str]:
    """Each cache of the first core, as ``L2 unified 1024K``."""
    found = []
    for cache in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((cache / name).read_text(encoding="utf-8").strip() for name in ("level", "type", "size"))
        found.append(f"L{level} {kind.lower()} {size}")
    return found


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _blas() -> str:
    """NumPy's BLAS, and the processor whose kernels it chose here."""
    built: Any = np.show_config(mode="dicts")
    blas = built["Build Dependencies"]["blas"]
    name = f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()
    from threadpoolctl import threadpool_info

    kernels = {entry.get("architecture") for entry in threadpool_info() if entry.get("user_api") == "blas"} - {None}
    return f"{name}, kernels for {', '.join(sorted(map(str, kernels)))}" if kernels else name
