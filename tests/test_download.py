"""Downloads from a server on this machine: whole and verified, or nothing left behind."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nst.download import fetch
from nst.errors import InputError

BODY = bytes(range(256)) * 40
CHECKSUM = hashlib.sha256(BODY).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves BODY in as many ways as servers go wrong."""

    def do_GET(self) -> None:
        self.server.requests.append(self.path)  # type: ignore[attr-defined]
        if self.path == "/missing.jpg":
            self.send_error(404)
            return
        if self.path == "/garbled.jpg":
            self.wfile.write(b"not HTTP\r\n\r\n")
            return
        self.send_response(200)
        if self.path == "/chunked.jpg":
            self.send_header("Transfer-Encoding", "chunked")
        elif self.path != "/unsized.jpg":
            self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.path == "/chunked.jpg":
            self.wfile.write(b"ff0\r\nshort")
        else:
            self.wfile.write(BODY[: len(BODY) // 2] if self.path == "/half.jpg" else BODY)

    def log_message(self, *arguments: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("no_proxy", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url(server: ThreadingHTTPServer, name: str) -> str:
    return f"http://127.0.0.1:{server.server_port}/{name}.jpg"


@pytest.mark.parametrize("name", ["right", "unsized"])
@pytest.mark.parametrize("checksum", [CHECKSUM, CHECKSUM[:8].upper(), None])
def test_the_right_bytes_are_kept(
    name: str, checksum: str | None, server: ThreadingHTTPServer, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "a.jpg"
    assert fetch(url(server, name), path, checksum, "content.path") == path
    assert path.read_bytes() == BODY
    assert list(path.parent.iterdir()) == [path]


def test_what_is_there_is_not_downloaded_again(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"mine")
    fetch(url(server, "right"), path, CHECKSUM, "content.path")
    assert path.read_bytes() == b"mine"
    assert server.requests == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "checksum", "problem"),
    [
        ("right", "0" * 64, f"its sha256 is {CHECKSUM[:16]}"),
        ("half", None, f"ended after {len(BODY) // 2} of {len(BODY)} bytes"),
        ("half", CHECKSUM, "ended after"),
        ("missing", None, "404"),
        ("garbled", None, "not HTTP"),
        ("chunked", None, "IncompleteRead"),
    ],
)
def test_a_bad_download_is_one_line_and_leaves_nothing_behind(
    name: str, checksum: str | None, problem: str, server: ThreadingHTTPServer, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "a.jpg"
    with pytest.raises(InputError, match=problem) as error:
        fetch(url(server, name), path, checksum, "content.path")
    message = str(error.value)
    assert url(server, name) in message
    assert f"put the file at {path}, or set content.path=FILE" in message
    assert "\n" not in message
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/a.jpg", "nonsense", "http://bad host/"])
def test_an_address_without_a_server_is_an_input_error(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(InputError, match="cannot download"):
        fetch(address, tmp_path / "a.jpg", None, "network.path")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_input_error(
    server: ThreadingHTTPServer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot download"):
        fetch(url(server, "right"), tmp_path / "file" / "a.jpg", None, "content.path")
