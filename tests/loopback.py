"""A server of files on this machine, for the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileHandler(BaseHTTPRequestHandler):
    """Serves the server's `files` by the last part of their path, and notes what was asked for."""

    server: "FileServer"

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        name = self.path.rsplit("/", 1)[-1]
        if name not in self.server.files:
            self.send_error(404)
            return
        body = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nothing on the terminal."""


class FileServer(ThreadingHTTPServer):
    """A server of `files`, by name, on a free port."""

    daemon_threads = True

    def __init__(
        self, files: dict[str, bytes], handler: type[BaseHTTPRequestHandler] = FileHandler
    ) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.files, self.requests = files, list[str]()
        self.over = threading.Event()  # until then, a handler may stall

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


@contextmanager
def serving(server: FileServer) -> Iterator[FileServer]:
    """The server, answering until the end of the block."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
