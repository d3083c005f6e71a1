"""Downloads: verified, resumed where the server can, moved into place only when complete."""

import hashlib
import shutil
import sys
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from filelock import FileLock
from tqdm import tqdm

from nst.errors import InputError, UnreachableError
from nst.files import sha256, shortened

TIMEOUT = 10.0  # seconds to wait for an answer, or for the next byte
ATTEMPTS = 5  # connections per file, as long as each makes progress


def kept_name(url: str, name: str | None, verified: bool) -> str:
    """Return the local name for the file of a URL: `name`, or the name it has there.

    Without a checksum to verify it, a hash of the URL tells it from another URL's file.
    """
    path = PurePosixPath(urlsplit(url).path)
    mark = "" if verified else f"_{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    return f"{shortened(name or path.stem)}{mark}{path.suffix}"


def fetch(
    url: str, path: Path, checksum: str | None, setting: str, timeout: float = TIMEOUT
) -> Path:
    """Return `path` once its file is verified; download it from `url` unless it exists.

    `checksum` is the file's SHA-256 or the beginning of it; `setting`, unless empty, is what sets
    a local file instead, as ``network.path=FILE``. Raise `InputError` if the file differs or the
    download fails, and `UnreachableError` without a connection. A part that can be resumed stays
    beside `path`.
    """
    if path.is_file():
        try:
            verify(path, checksum)
        except ValueError as error:
            own = setting.replace("FILE", str(path))
            use = f", or set {own} to use it anyway" if setting else ""
            problem = f"{path} is not the file of {url} ({error})"
            raise InputError(f"{problem}: delete it{use}") from error
        return path
    part, lock = (path.with_name(f".{path.name}.{end}") for end in ("part", "lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock):
            try:
                if not path.is_file():  # another process may have been faster
                    complete(url, part, checksum, timeout)
                    part.replace(path)
            finally:
                if not (checksum and size(part)):  # nothing that can be resumed
                    part.unlink(missing_ok=True)
                lock.unlink(missing_ok=True)  # while it is held
    except (OSError, ValueError, HTTPException) as error:
        lost = isinstance(error, URLError | TimeoutError | ConnectionError)
        kind = UnreachableError if lost and not isinstance(error, HTTPError) else InputError
        problem = " ".join((str(error) or type(error).__name__).split())
        offline = "network=embedded" if setting.startswith("network") else "profile=demo"
        use = f", or set {setting}, or use {offline}" if setting else ""
        raise kind(f"cannot download {url} ({problem}): put the file at {path}{use}") from error
    return path


def complete(url: str, part: Path, checksum: str | None, timeout: float) -> None:
    """Download the rest of `part` and verify it; start over if a resumed part was wrong."""
    resumed = False
    for attempt in range(ATTEMPTS):
        if not checksum:  # nothing would tell whether the rest belongs to this part
            part.unlink(missing_ok=True)
        before = size(part)
        resumed = resumed or before > 0
        try:
            transfer(url, part, timeout)
            break
        except (OSError, HTTPException):
            if size(part) <= before or attempt == ATTEMPTS - 1:
                raise
    try:
        verify(part, checksum)
    except ValueError:
        part.unlink()
        if not resumed:
            raise
        complete(url, part, checksum, timeout)


def transfer(url: str, part: Path, timeout: float) -> None:
    """Append the rest of `url` to `part`; replace it if the server cannot resume.

    Raise `ConnectionError` without a connection.
    """
    begin = size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={begin}-"} if begin else {})
    try:
        # Not urlopen, which remembers the proxies of its first call.
        response = urllib.request.build_opener().open(request, timeout=timeout)
    except HTTPError as error:
        if not begin or error.code != 416:  # of a part that is not shorter than the file
            raise
        part.unlink()
        return transfer(url, part, timeout)
    except (URLError, TimeoutError) as error:
        problem = getattr(error, "reason", error)
        raise ConnectionError(f"no connection to {route(url)}: {problem}") from error
    with response, open(part, "ab" if response.status == 206 else "wb") as file:
        receive(response, file, url)


def receive(response: HTTPResponse, file: IO[bytes], url: str) -> None:
    """Append a response's body to a file, with a progress bar on a terminal."""
    begin, length = file.tell(), int(response.headers.get("Content-Length") or 0)
    expected = begin + length if length else None
    if length > (free := shutil.disk_usage(Path(file.name).parent).free):
        raise OSError(f"it needs {length / 1e6:.0f} MB, the disk has {free / 1e6:.0f} MB free")
    terminal = sys.stderr.isatty()
    if not terminal:
        megabytes = f" ({expected / 1e6:.1f} MB)" if expected else ""
        print(f"downloading {url}{megabytes}", file=sys.stderr, flush=True)
    look: Any = {"desc": url.rsplit("/", 1)[-1], "leave": False, "disable": not terminal}
    with tqdm.wrapattr(file, "write", total=expected, initial=begin, **look) as shown:
        while block := response.read1(1 << 20):
            shown.write(block)
    if expected and (found := file.tell()) != expected:
        raise OSError(f"ended after {found} of {expected} bytes")


def size(path: Path) -> int:
    """Return the size of a file in bytes; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def route(url: str) -> str:
    """Name the host of a URL and the proxy in use, without the proxy's password."""
    parts = urlsplit(url)
    host = parts.hostname or url
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(host):
        return host
    by = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    return f"{host} via the proxy {by.hostname}:{by.port}" if by.port else f"{host} via a proxy"


def verify(path: Path, checksum: str | None) -> None:
    """Raise `ValueError` unless the file's SHA-256 begins with `checksum`."""
    if checksum and not (found := sha256(path)).startswith(checksum.lower()):
        raise ValueError(f"its sha256 is {found[:16]}..., not {checksum[:16]}...")
