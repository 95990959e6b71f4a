"""MLflow as the mirror of the run records, verdicts and measurements on disk.

Files are the truth. :class:`LiveTracker` shows runs while they are trained, :func:`publish` adds whatever is missing,
and :mod:`bythebook.tracking.registry` keeps the registry. MLflow is imported only once there is something to send.
"""

from bythebook.tracking.addresses import resolve
from bythebook.tracking.context import Context
from bythebook.tracking.document import Document
from bythebook.tracking.execution import Execution, Planned
from bythebook.tracking.live import LiveTracker
from bythebook.tracking.mirror import publish
from bythebook.tracking.server import user_interface

__all__ = [
    "Context",
    "Document",
    "Execution",
    "LiveTracker",
    "Planned",
    "publish",
    "resolve",
    "user_interface",
]
