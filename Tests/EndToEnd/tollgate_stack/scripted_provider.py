"""A provider whose every byte a test decides, and which keeps every byte that it was sent."""

import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Received:
    method: str
    path: str
    headers: dict  # lower-case names
    body: bytes
    raw_head: bytes = field(repr=False, default=b"")


class ScriptedProvider:
    """Listens on a free port; `script(request, socket)` answers each request. It runs on a thread of its own per
    connection and may block."""

    def __init__(self, script=None):
        self.script = script or (lambda request, peer: None)
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        buffer = bytearray()
        try:
            with peer:
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (request := self._read(peer, buffer)) is not None:
                    self.requests.append(request)
                    self.script(request, peer)
        except OSError:
            pass

    @staticmethod
    def _read(peer, buffer):
        while b"\r\n\r\n" not in buffer:
            data = peer.recv(65536)
            if not data:
                return None
            buffer += data
        head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length", 0))
        assert headers.get("transfer-encoding", "identity") == "identity", "the gateway sends whole bodies"
        while len(rest) < length:
            data = peer.recv(65536)
            if not data:
                return None
            rest += data
        buffer[:] = rest[length:]
        return Received(method, path, headers, rest[:length], head)

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def whole(body, status="200 OK", headers=(), content_type="application/json"):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def stream_head(headers=()):
    lines = [
        "HTTP/1.1 200 OK",
        "Content-Type: text/event-stream; charset=utf-8",
        "Transfer-Encoding: chunked",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def chunk(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


LAST_CHUNK = b"0\r\n\r\n"
