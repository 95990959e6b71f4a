from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from made_data import files_below
from made_web import WebServer, sending, status

from bythebook.datasets.dataset import SourceFile
from bythebook.datasets.fetch import FetchError, Patience, fetch
from bythebook.errors import UserError

CONTENT = bytes(range(256)) * 1000
FILE = SourceFile("images.gz", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
SHORT = Patience(tries=3, pause=0.01, timeout=0.3)


def test_a_good_answer_is_kept_and_nothing_else(web: WebServer, tmp_path: Path) -> None:
    web.answers["/images.gz"] = [sending(CONTENT)]
    fetch(f"{web.address}/images.gz", tmp_path / "new" / "images.gz", FILE, SHORT)
    assert files_below(tmp_path) == {"new/images.gz": CONTENT}


@pytest.mark.parametrize("passing", [status(500), status(503), status(429), sending(CONTENT[:-9], len(CONTENT))])
def test_what_may_pass_is_tried_again(web: WebServer, tmp_path: Path, passing: object) -> None:
    web.answers["/images.gz"] = [passing, passing, sending(CONTENT)]
    fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, SHORT)
    assert files_below(tmp_path) == {"images.gz": CONTENT}
    assert len(web.asked) == 3


def test_a_redirection_is_followed(web: WebServer, tmp_path: Path) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    web.answers = {"/images.gz": [elsewhere], "/elsewhere": [sending(CONTENT)]}
    fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, SHORT)
    assert files_below(tmp_path) == {"images.gz": CONTENT}


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(CONTENT)
    except OSError:
        handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "reason", "asked"),
    [
        (status(404), "HTTP 404", 1),
        (status(403), "HTTP 403", 1),
        (status(500), "HTTP 500", 3),
        (sending(CONTENT[:-1]), f"gave {len(CONTENT) - 1} of {len(CONTENT)} bytes", 3),
        (sending(b""), "gave 0 of", 3),
        (sending(CONTENT[:-1] + b"\x00"), "wrong checksum: sha256 is", 1),
        (sending(CONTENT + b"\x00"), "more than the 256000 bytes", 1),
        (_endless, "more than the 256000 bytes", 1),
    ],
    ids=["404", "403", "500", "truncated", "empty", "wrong-hash", "one-more", "endless"],
)
def test_a_bad_answer_is_refused_and_leaves_nothing(
    web: WebServer, tmp_path: Path, answer: object, reason: str, asked: int
) -> None:
    web.answers["/images.gz"] = [answer]
    with pytest.raises(FetchError, match=reason):
        fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, SHORT)
    assert files_below(tmp_path) == {}
    assert len(web.asked) == asked


def test_a_server_that_falls_silent_is_given_up(web: WebServer, tmp_path: Path) -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:100])
        handler.wfile.flush()
        web.closing.wait(30)

    web.answers["/images.gz"] = [silent]
    with pytest.raises(FetchError, match="timed out"):
        fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, Patience(tries=2, pause=0.01, timeout=0.2))
    assert files_below(tmp_path) == {}
    assert len(web.asked) == 2


def test_a_closed_port_is_not_reachable(web: WebServer, tmp_path: Path) -> None:
    web.close()
    with pytest.raises(FetchError, match="not reachable"):
        fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, SHORT)


def test_a_folder_is_a_place_too(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "images.gz").write_bytes(CONTENT)
    fetch(str(tmp_path / "mirror" / "images.gz"), tmp_path / "images.gz", FILE, SHORT)
    assert (tmp_path / "images.gz").read_bytes() == CONTENT
    with pytest.raises(FetchError, match="no such file"):
        fetch(str(tmp_path / "mirror" / "labels.gz"), tmp_path / "labels.gz", FILE, SHORT)
    assert not (tmp_path / "labels.gz").exists()


def test_a_failure_leaves_the_file_that_was_there(web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "images.gz").write_bytes(b"earlier")
    web.answers["/images.gz"] = [sending(CONTENT[::-1])]
    with pytest.raises(FetchError):
        fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, SHORT)
    assert files_below(tmp_path) == {"images.gz": b"earlier"}


def test_a_folder_that_cannot_be_written_is_the_users_to_mend(web: WebServer, tmp_path: Path) -> None:
    web.answers["/images.gz"] = [sending(CONTENT)]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be written"):
        fetch(f"{web.address}/images.gz", tmp_path / "file" / "images.gz", FILE, SHORT)
    # Another place would not help, so no further try is made.
    assert len(web.asked) == 1


def test_no_bar_is_drawn_where_there_is_no_terminal(
    web: WebServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    web.answers["/images.gz"] = [sending(CONTENT)]
    fetch(f"{web.address}/images.gz", tmp_path / "images.gz", FILE, SHORT, bar=True)
    assert capfd.readouterr() == ("", "")
