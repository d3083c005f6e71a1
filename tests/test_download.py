"""Downloads from a server on this machine: whole and verified, or nothing left behind."""

import hashlib
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import FileHandler, FileServer, serving

from nst.errors import InputError, UnreachableError
from nst.inputs.download import fetch

BODY = bytes(range(256)) * 40
CHECKSUM = hashlib.sha256(BODY).hexdigest()
HALF = len(BODY) // 2


class Handler(FileHandler):
    """Serves BODY in each of the ways in which servers fail; the name says which."""

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1].removesuffix(".jpg")
        begin = 0
        if given := self.headers.get("Range"):
            begin = int(given.removeprefix("bytes=").removesuffix("-"))
        self.server.requests.append(f"{name} {begin}" if begin else name)
        if name == "missing":
            self.send_error(404)
        elif name == "garbled":
            self.wfile.write(b"not HTTP\r\n\r\n")
        elif name in ("cut", "gone", "stalling", "resumable") and begin >= len(BODY):
            self.send_error(416)
        else:
            self.answer(name, begin if name in ("cut", "gone", "stalling", "resumable") else 0)

    def answer(self, name: str, begin: int) -> None:
        """The response from byte `begin` on."""
        self.send_response(206 if begin else 200)
        if begin:
            last = len(BODY) - 1
            self.send_header("Content-Range", f"bytes {begin}-{last}/{len(BODY)}")
        if name in ("cut", "gone", "stalling"):
            self.send_header("Accept-Ranges", "bytes")
        if name == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif name != "unsized":
            self.send_header("Content-Length", str(len(BODY) - begin))
        self.end_headers()
        if name == "chunked":
            self.wfile.write(b"ff0\r\nshort")
        elif name in ("half", "cut") and not begin:
            self.wfile.write(BODY[:HALF])
        elif name == "gone":  # sends a bit, and then nothing but headers
            self.wfile.write(BODY[:HALF] if not begin else b"")
        elif name == "stalling":
            self.wfile.write(BODY[:HALF] if not begin else b"")
            self.wfile.flush()
            self.server.over.wait()
        else:
            self.wfile.write(BODY[begin:])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("no_proxy", "*")
    with serving(FileServer({}, Handler)) as server:
        yield server


def url(server: FileServer, name: str) -> str:
    return server.url(f"{name}.jpg")


def part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


@pytest.mark.parametrize("name", ["right", "unsized"])
@pytest.mark.parametrize("checksum", [CHECKSUM, CHECKSUM[:8].upper(), None])
def test_the_right_bytes_are_kept(
    name: str, checksum: str | None, server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "a.jpg"
    assert fetch(url(server, name), path, checksum, "content.path=FILE") == path
    assert path.read_bytes() == BODY
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("checksum", [CHECKSUM, None])
def test_an_existing_file_is_not_downloaded_again(
    checksum: str | None, server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(BODY)
    assert fetch(url(server, "right"), path, checksum, "content.path=FILE") == path
    assert server.requests == []


def test_another_file_in_its_place_is_refused_and_kept(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match=f"delete it, or set content.path={path}") as error:
        fetch(url(server, "right"), path, CHECKSUM, "content.path=FILE")
    assert "its sha256 is" in str(error.value)
    assert path.read_bytes() == b"mine"
    assert server.requests == []


def test_an_interrupted_transfer_is_resumed(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    fetch(url(server, "cut"), path, CHECKSUM, "content.path=FILE")
    assert path.read_bytes() == BODY
    assert server.requests == ["cut", f"cut {HALF}"]
    assert list(tmp_path.iterdir()) == [path]


# How a request for the second half is answered wrongly: status and body.
SLICES = {
    "all": (206, BODY),
    "from before": (206, BODY[HALF - 1 :]),
    "from after": (206, BODY[HALF + 1 :]),
    "not to the end": (206, BODY[HALF:-1]),
    "longer": (206, BODY[HALF:] + b"x"),
    "another version": (206, b"x" * HALF),
    "as if it were all": (200, BODY[HALF:]),
}


class Slicing(FileHandler):
    """Drops the first request half-way, and answers one for the rest as `SLICES` has it."""

    def do_GET(self) -> None:
        given = self.headers.get("Range")
        self.server.requests.append(given or "all")
        name = self.path.strip("/").removesuffix(".jpg").replace("%20", " ")
        status, body = SLICES[name] if given else (200, BODY)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        first = len(self.server.requests) == 1
        self.wfile.write(body[:HALF] if first else body)


@pytest.mark.parametrize("checksum", [CHECKSUM, None])
@pytest.mark.parametrize("name", SLICES)
def test_what_is_not_the_rest_is_never_kept(
    name: str, checksum: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    path = tmp_path / "a.jpg"
    with serving(FileServer({}, Slicing)) as server:
        address = server.url(f"{name}.jpg").replace(" ", "%20")
        fetch(address, path, checksum, "content.path=FILE")
    assert path.read_bytes() == BODY
    rest = [f"bytes={HALF}-"] if checksum else []  # without one, nothing is joined
    assert server.requests == ["all", *rest, "all"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_run_has_got_is_resumed_by_the_next(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with pytest.raises(InputError, match="ended after"):
        fetch(url(server, "gone"), path, CHECKSUM, "content.path=FILE")
    assert part(path).read_bytes() == BODY[:HALF]
    fetch(url(server, "resumable"), path, CHECKSUM, "content.path=FILE")
    assert path.read_bytes() == BODY
    assert server.requests[-1] == f"resumable {HALF}"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["right", "resumable"])
@pytest.mark.parametrize("stale", [b"x" * 10, b"x" * len(BODY), b"x" * (len(BODY) + 1)])
def test_a_part_of_another_file_is_started_anew(
    stale: bytes, name: str, server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    part(path).write_bytes(stale)
    fetch(url(server, name), path, CHECKSUM, "content.path=FILE")
    assert path.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [path]


def test_a_stall_is_one_line(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with pytest.raises(UnreachableError, match="timed out") as error:
        fetch(url(server, "stalling"), path, CHECKSUM, "content.path=FILE", timeout=0.2)
    assert "\n" not in str(error.value)
    assert not path.exists()


def test_a_proxy_is_used(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy")
    for name in ("NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url(""))
    assert urllib.request.getproxies()["http"] == server.url("")
    path = tmp_path / "a.jpg"
    fetch("http://weights.invalid/right.jpg", path, CHECKSUM, "content.path=FILE")
    assert path.read_bytes() == BODY
    assert server.requests == ["right"]


@pytest.mark.parametrize("proxied", [False, True])
def test_a_server_that_never_answers_is_given_up_and_named(
    proxied: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and says nothing
        port = silent.getsockname()[1]
        monkeypatch.setenv("no_proxy", "" if proxied else "*")
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{port}")
        host = "weights.invalid" if proxied else f"127.0.0.1:{port}"
        with pytest.raises(UnreachableError, match="no connection to") as error:
            fetch(f"http://{host}/a.pth", tmp_path / "a.pth", CHECKSUM, "network.path=FILE", 0.2)
    way = f"weights.invalid via the proxy 127.0.0.1:{port}" if proxied else "127.0.0.1"
    assert f"(no connection to {way}: timed out)" in str(error.value)
    assert "secret" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_that_refuses_is_named(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", server.url(""))  # knows GET alone
    via = f"weights.invalid via the proxy 127.0.0.1:{server.server_port}"
    with pytest.raises(UnreachableError, match=f"no connection to {via}: Tunnel .* 501"):
        fetch("https://weights.invalid/a.pth", tmp_path / "a.pth", CHECKSUM, "network.path=FILE")


def test_away_from_a_terminal_progress_is_one_plain_line(
    server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(url(server, "right"), tmp_path / "a.jpg", CHECKSUM, "content.path=FILE")
    assert capsys.readouterr().err == f"downloading {url(server, 'right')} (0.0 MB)\n"


@pytest.mark.parametrize(
    ("name", "checksum", "problem"),
    [
        ("right", "0" * 64, f"its sha256 is {CHECKSUM[:16]}"),
        ("half", None, f"ended after {len(BODY) // 2} of {len(BODY)} bytes"),
        ("missing", None, "404"),
        ("garbled", None, "not HTTP"),
        ("chunked", None, "IncompleteRead"),
    ],
)
def test_a_bad_download_is_one_line_and_leaves_nothing_behind(
    name: str, checksum: str | None, problem: str, server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "a.jpg"
    with pytest.raises(InputError, match=problem) as error:
        fetch(url(server, name), path, checksum, "content.path=FILE")
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
    kind = UnreachableError if "127" in address else InputError
    with pytest.raises(kind, match="cannot download"):
        fetch(address, tmp_path / "a.jpg", None, "network.path=FILE")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_input_error(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot download"):
        fetch(url(server, "right"), tmp_path / "file" / "a.jpg", None, "content.path=FILE")
