"""Files from the network: verified, resumed where the server can, and never half there."""

import hashlib
import os
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from filelock import FileLock
from tqdm import tqdm

from nst.errors import InputError, UnreachableError
from nst.files import sha256, shortened

TIMEOUT = 10.0  # seconds without an answer, or without a byte
ATTEMPTS = 5  # connections a file, as long as each brings more of it


def kept_name(url: str, name: str | None, verified: bool) -> str:
    """Return what the file of a URL is called here, `name` or as there.

    Where no checksum says which file it is, no other URL's has that name.
    """
    path = PurePosixPath(urlsplit(url).path)
    mark = "" if verified else f"_{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    return f"{shortened(name or path.stem)}{mark}{path.suffix}"


def fetch(
    url: str, path: Path, checksum: str | None, setting: str, timeout: float = TIMEOUT
) -> Path:
    """Return `path` once its file is verified; download it from `url` unless it is there already.

    `checksum` is the file's sha256 or the beginning of it. `setting` names what the user can set
    to a local file instead, if the command at hand takes settings. Raise `InputError` if the file
    differs or the download fails, and `UnreachableError` if there is no connection. What a server
    can resume is kept beside `path`.
    """
    if path.is_file():
        try:
            verify(path, checksum)
        except ValueError as error:
            use = f", or set {setting}={path} to use it all the same" if setting else ""
            raise InputError(
                f"{path} is not the file of {url} ({error}): delete it{use}"
            ) from error
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial_file(path, keep=bool(checksum)) as part:
            if not path.is_file():  # another process may have been first
                complete(url, part, checksum, timeout)
                os.replace(part.name, path)
    except (OSError, ValueError, HTTPException) as error:
        lost = isinstance(error, URLError | TimeoutError | ConnectionError)
        kind = UnreachableError if lost and not isinstance(error, HTTPError) else InputError
        problem = " ".join((str(error) or type(error).__name__).split())
        offline = "network=embedded" if setting == "network.path" else "profile=demo"
        use = f", or set {setting}=FILE, or use {offline}" if setting else ""
        raise kind(f"cannot download {url} ({problem}): put the file at {path}{use}") from error
    return path


@contextmanager
def partial_file(path: Path, keep: bool) -> Iterator[IO[bytes]]:
    """Open the part of `path` that is there, to append to, for one process at a time.

    Unless told to `keep` it, remove it at the end.
    """
    part = path.with_name(f".{path.name}.part")
    lock = path.with_name(f".{path.name}.lock")
    with FileLock(lock), open(part, "ab") as file:
        try:
            yield file
        finally:
            if size(file) == 0 or not keep:
                part.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)  # while it is held


def complete(url: str, part: IO[bytes], checksum: str | None, timeout: float) -> None:
    """Download what is missing of `part`, and verify it; start over if a resumed part was wrong."""
    joined = False
    for attempt in range(ATTEMPTS):
        if not checksum:  # nothing could tell whether the rest belongs to this part
            part.truncate(0)
        before = size(part)
        joined = joined or before > 0
        try:
            transfer(url, part, timeout)
            break
        except (OSError, HTTPException):
            if size(part) <= before or attempt == ATTEMPTS - 1:
                raise
    part.flush()
    try:
        verify(Path(part.name), checksum)
    except ValueError:
        part.truncate(0)
        if not joined:
            raise
        complete(url, part, checksum, timeout)


def transfer(url: str, part: IO[bytes], timeout: float) -> None:
    """Append the rest of `url` to `part`, or replace it if the server cannot resume."""
    begin = size(part)
    headers = {"Range": f"bytes={begin}-"} if begin else {}
    try:
        response = answer(urllib.request.Request(url, headers=headers), timeout)
    except HTTPError as error:
        if not begin or error.code != 416:  # else the part is longer than the file
            raise
        part.truncate(0)
        return transfer(url, part, timeout)
    with response:
        if response.status != 206:
            part.truncate(0)
        receive(response, part, url)


def receive(response: HTTPResponse, part: IO[bytes], url: str) -> None:
    """Append a response's body, with progress on a terminal."""
    begin = size(part)
    length = int(response.headers.get("Content-Length") or 0)
    expected = begin + length if length else None
    if length > (free := shutil.disk_usage(Path(part.name).parent).free):
        raise OSError(f"it takes {length / 1e6:.0f} MB, the disk has {free / 1e6:.0f} MB left")
    terminal = sys.stderr.isatty()
    if not terminal:
        said = f" ({expected / 1e6:.1f} MB)" if expected else ""
        print(f"downloading {url}{said}", file=sys.stderr, flush=True)
    with tqdm(
        total=expected, initial=begin, desc=url.rsplit("/", 1)[-1], unit="B", unit_scale=True,
        leave=False, disable=not terminal,
    ) as bar:  # fmt: skip
        while block := response.read1(1 << 20):
            part.write(block)
            bar.update(len(block))
    if expected and (found := size(part)) != expected:
        raise OSError(f"it ended after {found} of {expected} bytes")


def size(file: IO[bytes]) -> int:
    """Return the bytes in a file that is being appended to."""
    return file.seek(0, os.SEEK_END)


def answer(request: urllib.request.Request, timeout: float) -> HTTPResponse:
    """Return the response to a request; raise `ConnectionError` if there is no connection."""
    try:
        # An opener of its own: urlopen's keeps the proxies of its first call.
        found: HTTPResponse = urllib.request.build_opener().open(request, timeout=timeout)
    except HTTPError:
        raise
    except (URLError, TimeoutError) as error:
        problem = getattr(error, "reason", error)
        way = describe_way(request.full_url)
        raise ConnectionError(f"no connection to {way}: {problem}") from error
    return found


def describe_way(url: str) -> str:
    """Name the host of a URL, and the proxy by which it is reached; never a proxy's password."""
    parts = urlsplit(url)
    host = parts.hostname or url
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(host):
        return host
    by = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    return f"{host} by the proxy {by.hostname}:{by.port}" if by.port else f"{host} by a proxy"


def verify(path: Path, checksum: str | None) -> None:
    """Raise `ValueError` if the file's sha256 does not begin with `checksum`."""
    if checksum and not (found := sha256(path)).startswith(checksum.lower()):
        raise ValueError(f"its sha256 is {found[:16]}..., not {checksum[:16]}...")
