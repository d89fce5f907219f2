"""Many requests at once, from one thread: asyncio on bare sockets with kept-alive connections."""

import asyncio
import json

from .client import Answer, request_bytes


class LoadConnection:
    """One kept-alive connection; opened at the first request, again after an error."""

    def __init__(self, port, key):
        self.port = port
        self.key = key
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.reader = self.writer = None

    async def head(self):
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            headers[name.lower().decode()] = value.strip().decode("latin-1")
        return int(lines[0].split(b" ")[1]), headers

    async def line(self):
        """Raises where the connection ended: so a body looks that was cut between two chunks."""
        line = await self.reader.readline()
        if not line:
            raise asyncio.IncompleteReadError(b"", None)
        return line

    async def chunks(self, headers):
        if headers.get("transfer-encoding") == "chunked":
            while size := int((await self.line()).split(b";")[0], 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        elif "content-length" in headers:
            yield await self.reader.readexactly(int(headers["content-length"]))
        else:
            while data := await self.reader.read(65536):
                yield data

    async def send(self, body, path="/v1/chat/completions", headers=()):
        if self.writer is None:
            await self.open()
        lines = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json"), *headers]
        self.writer.write(request_bytes("POST", path, lines, body))

    async def post(self, body, path="/v1/chat/completions", headers=(), timeout=60):
        """A whole answer. Raises where the connection broke."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            async with asyncio.timeout(timeout):
                await self.send(body, path, headers)
                status, answer_headers = await self.head()
                parts = [part async for part in self.chunks(answer_headers)]
        except BaseException:
            self.close()
            raise
        if answer_headers.get("connection") == "close":
            self.close()
        return Answer(status, answer_headers, b"".join(parts))

    async def post_and_leave(self, body, after_bytes, timeout=60):
        """Reads at least `after_bytes` of the body of the answer and hangs up; returns the status."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            async with asyncio.timeout(timeout):
                await self.send(body)
                status, headers = await self.head()
                seen = 0
                async for part in self.chunks(headers):
                    seen += len(part)
                    if seen >= after_bytes:
                        break
                return status
        finally:
            self.close()


async def spread(jobs, connections):
    """Runs the jobs, functions of a connection, over the connections; returns their results in order."""
    results = [None] * len(jobs)
    waiting = iter(enumerate(jobs))

    async def work(connection):
        for index, job in waiting:
            try:
                results[index] = await job(connection)
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                results[index] = error
        connection.close()

    await asyncio.gather(*(work(connection) for connection in connections))
    return results
