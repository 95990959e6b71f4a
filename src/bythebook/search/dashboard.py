"""Optuna's dashboard over the studies, in this process: a password of a database stands in no list of processes."""

from __future__ import annotations

from collections.abc import Callable
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from bythebook.search.storage import opened


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def serve(storage: str, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serves the dashboard until the process is interrupted.

    Args:
        storage: the SQLAlchemy address of the studies, as :func:`bythebook.search.storage.sqlite_address` gives it.
        host: who may reach it: the dashboard can delete studies and asks for no password.
        ready: called when it can be opened.

    Raises:
        UserError: the studies cannot be opened.
        OSError: the port is taken.
    """
    # It takes a second to import, which nobody else must wait for.
    from optuna_dashboard import wsgi

    with opened(storage) as database, make_server(host, port, wsgi(database), server_class=_Server) as server:
        ready()
        server.serve_forever()
