"""An HTTP/1.1 client on bare sockets: what goes out and what comes in is seen byte by byte, with its time."""

import json
import re
import socket
import time

# What nginx calls a request: node, time, connection, number of the request on it.
REQUEST_ID = r"[0-9a-f]{6}-\d{10,}\.\d{3}-\d+-\d+"


class Answer:
    """A whole HTTP answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # lower-case names
        self.body = body

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The error object, after a check that it is what the OpenAI SDK parses."""
        content = self.json()
        error = content["error"]
        assert isinstance(error["message"], str) and error["message"], content
        assert isinstance(error["type"], str) and error["type"], content
        assert {"message", "type", "param", "code"} <= set(error), content
        assert self.headers["content-type"].startswith("application/json"), self.headers
        return error

    def __repr__(self):
        return f"Answer({self.status}, {self.headers}, {self.body[:400]!r})"


class Connection:
    """One connection; the caller writes what it likes and reads what comes."""

    def __init__(self, port, host="127.0.0.1", timeout=20.0, receive_buffer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            # Before connecting, so that the window offered is small from the start.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect((host, port))
        self.buffer = bytearray()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, count=65536):
        """The next bytes; empty at the end."""
        if self.buffer:
            data = bytes(self.buffer[:count])
            del self.buffer[:count]
            return data
        return self.socket.recv(count)

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"the connection ended early, after {bytes(self.buffer[-200:])!r}")
        self.buffer += data

    def read_line(self):
        while True:
            end = self.buffer.find(b"\r\n")
            if end >= 0:
                line = bytes(self.buffer[:end])
                del self.buffer[: end + 2]
                return line
            self._fill()

    def read_exactly(self, count):
        while len(self.buffer) < count:
            self._fill()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def read_head(self):
        status_line = self.read_line()
        # RFC 9112 wants the space behind the status even where no reason follows.
        assert re.match(rb"HTTP/1\.1 \d{3} ", status_line), status_line
        status = int(status_line.split(b" ")[1])
        headers = {}
        while line := self.read_line():
            name, _, value = line.partition(b":")
            name = name.strip().lower().decode()
            # None of the headers of an answer may be there twice: SDKs would see the two joined, or one of them.
            assert name not in headers, f"{name} is {headers[name]!r} and {value!r}"
            headers[name] = value.strip().decode("latin-1")
        return status, headers

    def read_chunk(self):
        """A chunk of a chunked body; empty at its end."""
        size = int(self.read_line().split(b";")[0], 16)
        data = self.read_exactly(size)
        self.read_line()
        return data

    def read_body(self, headers, has_body=True):
        if not has_body:
            return b""
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while part := self.read_chunk():
                parts.append(part)
            return b"".join(parts)
        if "content-length" in headers:
            return self.read_exactly(int(headers["content-length"]))
        parts = [bytes(self.buffer)]
        self.buffer.clear()
        while data := self.socket.recv(65536):
            parts.append(data)
        return b"".join(parts)

    def close(self):
        self.socket.close()


def request_bytes(method, path, headers=(), body=b"", host="127.0.0.1"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    named = {name.lower() for name, _ in headers}
    if (body or method in ("POST", "PUT", "PATCH")) and "content-length" not in named:
        if "transfer-encoding" not in named:
            lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class StreamReader:
    """A streamed answer, event by event, each with the time it came."""

    def __init__(self, connection, status, headers):
        self.connection = connection
        self.status = status
        self.headers = headers
        self.raw = bytearray()
        self.pending = bytearray()
        self.ended = False

    def _more(self):
        if self.headers.get("transfer-encoding") == "chunked":
            data = self.connection.read_chunk()
        else:
            data = self.connection.receive()
        if not data:
            self.ended = True
        self.raw += data
        self.pending += data.replace(b"\r\n", b"\n")

    def begin(self):
        """Waits for the first bytes behind the head, and returns the time they came."""
        self._more()
        return time.monotonic()

    def event(self):
        """The next event's data as bytes, comments left out; None at the end of the answer."""
        while True:
            end = self.pending.find(b"\n\n")
            if end >= 0:
                block = bytes(self.pending[:end])
                del self.pending[: end + 2]
                lines = [line for line in block.split(b"\n") if line.startswith(b"data:")]
                if lines:
                    return b"\n".join(line[5:].removeprefix(b" ") for line in lines)
                continue
            if self.ended:
                return None
            self._more()

    def events(self):
        """All that is left."""
        events = []
        while (event := self.event()) is not None:
            events.append(event)
        return events

    def timed_events(self):
        events = []
        while (event := self.event()) is not None:
            events.append((time.monotonic(), event))
        return events

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def text_of(events):
    """The answer's text, from the data of its chunks."""
    parts = []
    for event in events:
        if event == b"[DONE]":
            continue
        for choice in json.loads(event).get("choices") or []:
            parts.append((choice.get("delta") or {}).get("content") or choice.get("text") or "")
    return "".join(parts)


class Client:
    """Requests to one nginx with one key."""

    def __init__(self, port, key=None, header="Authorization"):
        self.port = port
        self.key = key
        self.header = header

    def with_key(self, key, header="Authorization"):
        return Client(self.port, key, header)

    def credentials(self):
        if self.key is None:
            return []
        return [(self.header, f"Bearer {self.key}" if self.header == "Authorization" else self.key)]

    def request(self, method, path, body=b"", headers=(), content_type="application/json", timeout=20.0):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        lines = self.credentials() + ([("Content-Type", content_type)] if body and content_type else []) + list(headers)
        connection = Connection(self.port, timeout=timeout)
        try:
            connection.send(request_bytes(method, path, lines, body))
            status, answer_headers = connection.read_head()
            while status == 100:
                status, answer_headers = connection.read_head()
            has_body = method != "HEAD" and status not in (204, 304)
            return Answer(status, answer_headers, connection.read_body(answer_headers, has_body))
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def chat(self, text="Hello", model="mock-gpt", mock=None, headers=(), timeout=20.0, **members):
        """A whole chat completion; `mock` is the mock's control text."""
        return self.post(
            "/v1/chat/completions", self.chat_body(text, model, mock, **members), headers=headers, timeout=timeout
        )

    @staticmethod
    def chat_body(text="Hello", model="mock-gpt", mock=None, **members):
        body = {"model": model, "messages": [{"role": "user", "content": text}], **members}
        if mock:
            body["x_mock"] = mock
        return body

    def open_stream(self, path, body, headers=(), timeout=20.0, receive_buffer=None):
        """Sends the request and returns when the head of the answer is there."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = Connection(self.port, timeout=timeout, receive_buffer=receive_buffer)
        lines = self.credentials() + [("Content-Type", "application/json")] + list(headers)
        connection.send(request_bytes("POST", path, lines, body))
        status, answer_headers = connection.read_head()
        return StreamReader(connection, status, answer_headers)

    def stream(
        self, text="Hello", model="mock-gpt", mock=None, headers=(), timeout=20.0, receive_buffer=None, **members
    ):
        body = self.chat_body(text, model, mock, stream=True, **members)
        return self.open_stream("/v1/chat/completions", body, headers, timeout, receive_buffer)

    def admin(self, path, body=None, method=None):
        """An admin call whose answer must be 200; returns its JSON."""
        if body is None:
            answer = self.request(method or "GET", path)
        else:
            answer = self.request(method or "POST", path, body)
        assert answer.status == 200, (path, answer)
        return answer.json()
